package dev.ccbridge.executor;

import dev.ccbridge.receptor.model.Action;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Semaphore;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The download action. What was fetched is unpacked aside and then moved into its place, so that a
 * repetition after a crash finds nothing half done. Source: executor/depot/steps/download_step.go
 *
 * @d45a4342.
 */
final class DownloadStep {
  private static final Logger LOG = LoggerFactory.getLogger(DownloadStep.class);
  private static final int AT_ONCE = 5;

  private final Transfers transfers;
  private final ArtifactCache cache;
  private final Path incoming;
  private final ArchiveLimits limits;
  private final Clock clock;
  private final Semaphore slots = new Semaphore(AT_ONCE, true);

  DownloadStep(ExecutorConfig config, Transfers transfers, Clock clock) throws IOException {
    this.transfers = transfers;
    this.cache = new ArtifactCache(config.directory().resolve("cache"), config.cacheBytes());
    this.incoming = config.directory().resolve("incoming");
    this.limits = config.limits();
    this.clock = clock;
    FileTrees.delete(incoming);
    Files.createDirectories(incoming);
  }

  private record Fetched(boolean fromCache, long bytes) {}

  Outcome perform(Action.Download download, String path, Scope scope) {
    var printer = new ArtifactPrinter(download.artifact(), path, download.logSource(), scope);
    printer.print("start", false, "Downloading %s...");
    var archive = incoming.resolve(UUID.randomUUID().toString());
    try {
      var fetched = fetch(download, archive, scope.cancellation());
      unpack(download, archive, path, scope);
      var size = fetched.fromCache() ? "" : " (" + Wording.size(fetched.bytes()) + ")";
      printer.print("end", false, "Downloaded %s" + size);
      return Outcome.succeeded(now());
    } catch (StoppedException e) {
      return Outcome.cancelled(now());
    } catch (TransferException e) {
      complain(download, path, scope, e.message());
      return Outcome.failed("Downloading failed", e.message(), now());
    } catch (SandboxException e) {
      return Outcome.failed("Copying into the container failed", e.message(), now());
    } catch (IOException e) {
      LOG.warn("unpacking failed leaf={} error={}", path, e.getClass().getSimpleName());
      return Outcome.failed("Copying into the container failed", "", now());
    } finally {
      deleteQuietly(archive);
    }
  }

  /** The protocol's words name neither what was asked for nor what went wrong; the log does. */
  private static void complain(Action.Download download, String path, Scope scope, String why) {
    var source = scope.withSource(download.logSource()).logSource();
    var place = download.from().replaceFirst("//[^/@]*@", "//").replaceFirst("[?#].*", "");
    scope.log().append(path + "/failed", source, true, "Cannot download " + place + ": " + why);
  }

  private Fetched fetch(Action.Download download, Path archive, Cancellation cancellation)
      throws TransferException, StoppedException {
    return transfers.attempt(
        alive ->
            download.cacheKey().isEmpty()
                ? new Fetched(false, get(download, Map.of(), archive, alive).bytes())
                : cached(download, archive, alive),
        cancellation);
  }

  private Transfers.Fetched get(
      Action.Download download, Map<String, String> conditions, Path archive, Runnable alive)
      throws TransferException, IOException, InterruptedException {
    slots.acquire();
    try {
      return transfers.get(Transfers.uri(download.from()), conditions, archive, alive);
    } finally {
      slots.release();
    }
  }

  private Fetched cached(Action.Download download, Path archive, Runnable alive)
      throws TransferException, IOException, InterruptedException {
    var key = download.cacheKey();
    // Who waits for a key has no slot yet, so that others may fetch meanwhile.
    try (var _ = cache.hold(key)) {
      var known = cache.find(key);
      var conditions = known.map(ArtifactCache.Entry::conditions).orElse(Map.of());
      var fetched = get(download, conditions, archive, alive);
      if (known.isPresent() && fetched.notModified()) {
        if (cache.copyOut(known.get(), archive)) {
          return new Fetched(true, 0);
        }
        fetched = get(download, Map.of(), archive, alive);
      }
      if (fetched.etag().isPresent() || fetched.lastModified().isPresent()) {
        cache.store(
            key,
            archive,
            fetched.etag().orElse(""),
            fetched.lastModified().orElse(""),
            fetched.md5());
      }
      return new Fetched(false, fetched.bytes());
    }
  }

  private void unpack(Action.Download download, Path archive, String path, Scope scope)
      throws TransferException, StoppedException, IOException {
    var target = scope.sandbox().resolve(download.to());
    var aside = scope.sandbox().scratch().resolve(path);
    FileTrees.delete(aside);
    Files.createDirectories(aside);
    try {
      Archives.unpack(
          archive, new Unpacker(aside, Files.size(archive), limits, scope.cancellation()));
      scope.sandbox().give(aside, download.user());
      var made = FileTrees.makeDirectories(target);
      if (made.isPresent()) {
        scope.sandbox().give(made.get(), download.user());
      }
      FileTrees.moveInto(aside, target);
    } finally {
      FileTrees.delete(aside);
    }
  }

  private static void deleteQuietly(Path file) {
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      LOG.warn("a download was left behind error={}", e.getClass().getSimpleName());
    }
  }

  private long now() {
    return ActionExecutor.nanos(clock.instant());
  }
}
