package dev.ccbridge.lifecycle;

import dev.ccbridge.TrustEverybody;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Brings custom buildpacks: a URL whose path ends in {@code .zip} is downloaded and unzipped,
 * everything else is cloned with git.
 *
 * <p>Source: buildpackrunner/zip_buildpack.go, git_buildpack.go. Differs from Diego: credentials in
 * a URL are masked in messages, and git never waits for somebody to type some.
 */
final class BuildpackDownloader {
  private final boolean skipCertVerify;
  private final Duration timeLimit;

  /**
   * @param timeLimit for one zip file, from the request to its last byte
   */
  BuildpackDownloader(boolean skipCertVerify, Duration timeLimit) {
    this.skipCertVerify = skipCertVerify;
    this.timeLimit = timeLimit;
  }

  /**
   * Puts the buildpack at {@code url} into {@code destination}.
   *
   * @throws LifecycleException with exit code 1 if that fails
   */
  void download(BuildpackUrl url, Path destination) {
    if (url.isZip()) {
      downloadZip(url, destination);
      return;
    }
    // A shallow clone fails where the server is a plain file tree, so a full one gets a chance.
    if (!clone(url, destination, true) && !clone(url, destination, false)) {
      throw new LifecycleException(
          LifecycleException.FAILED, "Failed to clone git repository at " + url);
    }
  }

  private static boolean clone(BuildpackUrl url, Path destination, boolean shallow) {
    var command = new ArrayList<>(List.of("git", "clone"));
    if (shallow) {
      command.addAll(List.of("--depth", "1"));
    }
    command.addAll(List.of("--recursive", url.address(), destination.toString()));
    if (!url.fragment().isEmpty()) {
      command.addAll(List.of("-b", url.fragment()));
    }
    // Git's own words can repeat the URL with its password, so they are not passed on.
    var builder =
        new ProcessBuilder(command)
            .redirectInput(Redirect.from(Path.of("/dev/null").toFile()))
            .redirectOutput(Redirect.DISCARD)
            .redirectError(Redirect.DISCARD);
    AppEnvironment.restore(builder.environment());
    builder.environment().put("GIT_TERMINAL_PROMPT", "0");
    try {
      return builder.start().waitFor() == 0;
    } catch (IOException e) {
      throw LifecycleException.because(LifecycleException.FAILED, "git cannot be run", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  private void downloadZip(BuildpackUrl url, Path destination) {
    Path archive = null;
    try {
      Files.createDirectories(destination);
      archive = Files.createTempFile(destination.getParent(), "buildpack", ".zip");
      fetch(url, archive);
      ZipExtractor.extract(archive, destination);
      System.out.println("Downloaded buildpack `" + url + "` (" + size(archive) + ")");
    } catch (IOException | IllegalArgumentException e) {
      throw LifecycleException.because(
          LifecycleException.FAILED, "Failed to download buildpack `" + url + "`", masked(e));
    } finally {
      delete(archive);
    }
  }

  private static IOException masked(Exception e) {
    return new IOException(
        e.getMessage() == null
            ? e.getClass().getSimpleName()
            : BuildpackUrl.masked(e.getMessage()));
  }

  private static String size(Path archive) throws IOException {
    var bytes = Files.size(archive);
    return bytes < 1 << 20 ? (bytes + 1023 >> 10) + "K" : (bytes >> 20) + "M";
  }

  private static void delete(@org.jspecify.annotations.Nullable Path archive) {
    if (archive != null && !archive.toFile().delete()) {
      System.err.println("cannot delete " + archive);
    }
  }

  private void fetch(BuildpackUrl url, Path target) throws IOException {
    var uri = URI.create(url.address());
    try (var client = client()) {
      var answer = client.sendAsync(request(uri), HttpResponse.BodyHandlers.ofFile(target));
      try {
        var response = answer.get(timeLimit.toMillis(), TimeUnit.MILLISECONDS);
        if (response.statusCode() != 200) {
          throw new IOException("HTTP status " + response.statusCode() + ", want 200");
        }
      } catch (TimeoutException e) {
        throw new IOException("not complete after " + timeLimit.toSeconds() + " s", e);
      } catch (ExecutionException e) {
        throw new IOException(String.valueOf(e.getCause()), e);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IOException("interrupted", e);
      } finally {
        answer.cancel(true);
        client.shutdownNow();
      }
    }
  }

  private HttpRequest request(URI uri) {
    var request = HttpRequest.newBuilder(uri).timeout(timeLimit);
    if (uri.getUserInfo() != null) {
      var credentials = uri.getUserInfo().getBytes(StandardCharsets.UTF_8);
      request.header("Authorization", "Basic " + Base64.getEncoder().encodeToString(credentials));
    }
    return request.build();
  }

  private HttpClient client() {
    var client =
        HttpClient.newBuilder()
            .followRedirects(HttpClient.Redirect.NORMAL)
            .connectTimeout(Duration.ofSeconds(30));
    if (skipCertVerify) {
      client.sslContext(TrustEverybody.sslContext());
    }
    return client.build();
  }
}
