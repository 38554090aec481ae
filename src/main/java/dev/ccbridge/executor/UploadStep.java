package dev.ccbridge.executor;

import dev.ccbridge.receptor.model.Action;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Base64;
import java.util.concurrent.Semaphore;

/** The upload action. Source: executor/depot/steps/upload_step.go @d45a4342. */
final class UploadStep {
  private static final int AT_ONCE = 5;

  private final Transfers transfers;
  private final Clock clock;
  private final Semaphore slots = new Semaphore(AT_ONCE, true);

  UploadStep(Transfers transfers, Clock clock) {
    this.transfers = transfers;
    this.clock = clock;
  }

  Outcome perform(Action.Upload upload, String path, Scope scope) {
    var printer = new ArtifactPrinter(upload.artifact(), path, upload.logSource(), scope);
    printer.print("start", false, "Uploading %s...");
    try {
      var file = file(upload, scope);
      long size = Files.size(file);
      send(upload, file, scope.cancellation());
      printer.print("end", false, "Uploaded %s (" + Wording.size(size) + ")");
      return Outcome.succeeded(now());
    } catch (StoppedException e) {
      return Outcome.cancelled(now());
    } catch (TransferException e) {
      printer.print("end", true, "Failed to upload %s");
      return failed(e.message());
    } catch (SandboxException | IOException e) {
      printer.print("end", true, "Failed to upload %s");
      return Outcome.failed("Failed to establish stream from container", "", now());
    }
  }

  private Outcome failed(String message) {
    return message.startsWith("Upload failed: ")
        ? Outcome.failed(message, "", now())
        : Outcome.failed("Upload failed", message, now());
  }

  private static Path file(Action.Upload upload, Scope scope) throws IOException {
    var file = scope.sandbox().resolve(upload.from());
    if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
      throw new IOException("not a file");
    }
    if (!scope.sandbox().mayRead(file, upload.user())) {
      throw new IOException("not to be read by the action's user");
    }
    return file;
  }

  private void send(Action.Upload upload, Path file, Cancellation cancellation)
      throws TransferException, StoppedException {
    transfers.attempt(
        alive -> {
          slots.acquire();
          try {
            return post(upload, file);
          } finally {
            slots.release();
          }
        },
        cancellation);
  }

  private int post(Action.Upload upload, Path file)
      throws TransferException, IOException, InterruptedException {
    int status = transfers.post(Transfers.uri(upload.to()), file, md5(file));
    if (status >= 300) {
      throw new TransferException("Upload failed: Status code " + status, status >= 500);
    }
    return status;
  }

  private static String md5(Path file) throws IOException {
    var digest = Transfers.md5();
    try (var in = Files.newInputStream(file, LinkOption.NOFOLLOW_LINKS)) {
      var buffer = new byte[64 * 1024];
      for (int n; (n = in.read(buffer)) >= 0; ) {
        digest.update(buffer, 0, n);
      }
    }
    return Base64.getEncoder().encodeToString(digest.digest());
  }

  private long now() {
    return ActionExecutor.nanos(clock.instant());
  }
}
