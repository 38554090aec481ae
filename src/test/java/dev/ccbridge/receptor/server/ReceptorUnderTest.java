package dev.ccbridge.receptor.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.ccbridge.receptor.Receptor;
import dev.ccbridge.receptor.backend.FakeBackend;
import dev.ccbridge.receptor.store.DrivenTime;
import dev.ccbridge.receptor.store.ReceptorStore;
import dev.ccbridge.receptor.store.ReceptorStoreConfig;
import dev.ccbridge.receptor.store.Records;
import dev.ccbridge.web.HttpService;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpClient.Version;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;

/**
 * A Receptor behind a real listener. Its back door, which the suites of the original had in the
 * store of the cells, is the backend that does what it is told.
 */
final class ReceptorUnderTest implements AutoCloseable {
  static final Duration SOON = Duration.ofSeconds(20);
  static final String TASK =
      """
      {"task_guid":"%s","domain":"demo","rootfs":"preloaded:trusty",\
      "action":{"run":{"path":"/bin/make","args":["all"],"user":"vcap"}},"annotation":"{\\"k\\":1}"}""";
  static final String LRP =
      """
      {"process_guid":"%s","domain":"demo","rootfs":"preloaded:trusty","instances":1,\
      "action":{"run":{"path":"/app","user":"vcap"}},"ports":[8080]}""";

  final FakeBackend backend = new FakeBackend();
  final DrivenTime time = new DrivenTime();
  final ReceptorStore store;
  final HttpService service;
  private final HttpClient http = HttpClient.newBuilder().version(Version.HTTP_1_1).build();

  ReceptorUnderTest(Path directory) {
    this(directory, ReceptorServerConfig.defaults());
  }

  ReceptorUnderTest(Path directory, ReceptorServerConfig config) {
    store =
        new ReceptorStore(
            ReceptorStoreConfig.defaults(),
            Records.inFile(directory.resolve("receptor.db")),
            backend,
            time,
            time);
    store.start();
    service = serve(config, store);
  }

  static HttpService serve(ReceptorServerConfig config, Receptor receptor) {
    return HttpService.start(
        new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
        new ReceptorServer(config, receptor));
  }

  URI uri(String path) {
    return URI.create(service.uri() + path);
  }

  OriginalClient client() {
    return new OriginalClient(service.uri(), "");
  }

  /** As curl would send it. */
  HttpResponse<String> send(String method, String path, String body, String... headers)
      throws Exception {
    var request =
        HttpRequest.newBuilder(uri(path))
            .timeout(SOON)
            .method(
                method, body.isEmpty() ? BodyPublishers.noBody() : BodyPublishers.ofString(body));
    if (headers.length > 0) {
      request.headers(headers);
    }
    return http.send(request.build(), BodyHandlers.ofString());
  }

  /** What comes back for these bytes until the server closes, or {@code SOON} is over. */
  String raw(String bytes) throws IOException {
    try (var socket = new Socket(InetAddress.getLoopbackAddress(), service.address().getPort())) {
      socket.setSoTimeout((int) SOON.toMillis());
      socket.getOutputStream().write(bytes.getBytes(StandardCharsets.ISO_8859_1));
      socket.shutdownOutput();
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  // ---- the back door ----

  void runTask(String guid) throws Exception {
    assertThat(send("POST", "/v1/tasks", TASK.formatted(guid)).statusCode()).isEqualTo(201);
    await().atMost(SOON).until(() -> backend.isRunning(guid));
  }

  void awaitContainer(String processGuid, int index) {
    await().atMost(SOON).until(() -> backend.instanceGuid(processGuid, index).isPresent());
  }

  void becomeHealthy(String processGuid, int instances) {
    for (var index = 0; index < instances; index++) {
      awaitContainer(processGuid, index);
      backend.becomeHealthy(processGuid, index);
    }
  }

  @Override
  public void close() {
    service.close();
    store.close();
    http.close();
  }
}
