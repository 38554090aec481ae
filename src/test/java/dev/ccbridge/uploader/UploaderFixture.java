package dev.ccbridge.uploader;

import dev.ccbridge.web.HttpService;
import dev.ccbridge.web.Router;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.function.IntConsumer;

/** An uploader that listens, with a cell's client. */
final class UploaderFixture implements AutoCloseable {
  static final UploaderConfig CONFIG =
      new UploaderConfig(false, Duration.ofMillis(5), Duration.ofSeconds(30), 10);

  private final UploaderRoutes routes;
  private final HttpService service;
  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  UploaderFixture(UploaderConfig config, IntConsumer connectFailed) {
    routes = new UploaderRoutes(config, connectFailed);
    service =
        HttpService.start(
            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), routes.addTo(new Router()));
  }

  UploaderFixture() {
    this(CONFIG, attempt -> {});
  }

  /** {@code query} as it stands, with its question mark. */
  URI uri(String path, String query) {
    return URI.create(service.uri() + path + query);
  }

  URI droplet(String target) {
    return uri("/v1/droplet/app-1", "?cc-droplet-upload-uri=" + encode(target));
  }

  URI buildArtifacts(String target) {
    return uri("/v1/build_artifacts/app-1", "?cc-build-artifacts-upload-uri=" + encode(target));
  }

  HttpResponse<String> post(URI uri, String body) throws Exception {
    return post(uri, BodyPublishers.ofString(body));
  }

  HttpResponse<String> post(URI uri, BodyPublisher body) throws Exception {
    return send(HttpRequest.newBuilder(uri).POST(body));
  }

  HttpResponse<String> send(HttpRequest.Builder request) throws Exception {
    return client.send(request.timeout(Duration.ofSeconds(120)).build(), BodyHandlers.ofString());
  }

  Socket connect() throws IOException {
    return new Socket(service.address().getAddress(), service.address().getPort());
  }

  private static String encode(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }

  @Override
  public void close() {
    client.shutdownNow();
    service.close();
    routes.close();
  }
}
