package dev.ccbridge.fileserver;

import dev.ccbridge.fileserver.SignedUrls.Access;
import dev.ccbridge.web.HttpService;
import dev.ccbridge.web.Router;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;

/** A file server that listens, with a client. */
final class FileServerFixture implements AutoCloseable {
  final BlobStore blobs;
  final SignedUrls urls;
  private final HttpService service;
  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  FileServerFixture(FileServerConfig config) {
    var address = new AtomicReference<URI>();
    blobs = BlobStore.open(config, Clock.systemUTC());
    urls = SignedUrls.open(config.dataDirectory(), address::get, Clock.systemUTC());
    service =
        HttpService.start(
            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
            new FileServerRoutes(config, blobs, urls).addTo(new Router()));
    address.set(service.uri());
  }

  URI uri(String path) {
    return URI.create(service.uri() + path);
  }

  /** A URL for everything. */
  URI blob(String key) {
    return urls.sign(key, Set.of(Access.values()), Duration.ofHours(1));
  }

  HttpRequest.Builder request(URI uri) {
    return HttpRequest.newBuilder(uri).timeout(Duration.ofSeconds(60));
  }

  HttpResponse<String> send(HttpRequest.Builder request) throws Exception {
    return client.send(request.build(), BodyHandlers.ofString());
  }

  <T> HttpResponse<T> send(HttpRequest.Builder request, HttpResponse.BodyHandler<T> body)
      throws Exception {
    return client.send(request.build(), body);
  }

  HttpResponse<String> get(URI uri) throws Exception {
    return send(request(uri));
  }

  Socket connect() throws IOException {
    return new Socket(service.address().getAddress(), service.address().getPort());
  }

  /** Sends exactly this and gives the first line of the answer. */
  String raw(String text) throws IOException {
    try (var socket = connect()) {
      socket.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
      return new BufferedReader(
              new InputStreamReader(socket.getInputStream(), StandardCharsets.ISO_8859_1))
          .readLine();
    }
  }

  @Override
  public void close() {
    client.close();
    service.close();
    blobs.close();
  }
}
