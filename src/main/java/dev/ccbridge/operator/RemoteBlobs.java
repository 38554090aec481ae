package dev.ccbridge.operator;

import dev.ccbridge.CcBridgeException;
import dev.ccbridge.ErrorKind;
import dev.ccbridge.fileserver.SignedUrls;
import dev.ccbridge.fileserver.SignedUrls.Access;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.List;
import java.util.Set;

/**
 * The blobs of a file server that runs as another process of the same data directory: its key signs
 * what we ask. A store that cannot be asked has nothing, since what is wanted of it only saves
 * time.
 */
final class RemoteBlobs implements Blobs, AutoCloseable {
  private static final Duration TIMEOUT = Duration.ofSeconds(10);
  private static final Duration VALIDITY = Duration.ofMinutes(1);
  private static final int OK = 200;

  private final SignedUrls urls;
  private final HttpClient client = HttpClient.newBuilder().connectTimeout(TIMEOUT).build();

  RemoteBlobs(SignedUrls urls) {
    this.urls = urls;
  }

  @Override
  public boolean has(String key) {
    return ask("HEAD", key, Access.READ) == OK;
  }

  @Override
  public boolean delete(String key) {
    return ask("DELETE", key, Access.DELETE) / 100 == 2;
  }

  private int ask(String method, String key, Access access) {
    try {
      var request =
          HttpRequest.newBuilder(urls.sign(key, Set.of(access), VALIDITY))
              .timeout(TIMEOUT)
              .method(method, BodyPublishers.noBody())
              .build();
      return client.send(request, BodyHandlers.discarding()).statusCode();
    } catch (IOException | IllegalArgumentException unreachable) {
      return 0;
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new CcBridgeException(ErrorKind.UNAVAILABLE, "interrupted", interrupted);
    }
  }

  @Override
  public List<Entry> list(String prefix) {
    return List.of();
  }

  @Override
  public void close() {
    client.shutdownNow();
  }
}
