package dev.ccbridge.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.ccbridge.devserver.DevServer;
import dev.ccbridge.devserver.DevServerConfig;
import dev.ccbridge.stager.ArtifactUrls;
import dev.ccbridge.web.HttpService;
import dev.ccbridge.web.Request;
import dev.ccbridge.web.Response;
import dev.ccbridge.web.Router;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * One staging is one trace, from Cloud Controller's request to its acknowledgement, though the
 * operator dies in between.
 */
@Timeout(300)
class TracesE2E {
  private static final Duration LIMIT = Duration.ofSeconds(120);
  private static final Path SAMPLE = Path.of("target/static/samples/hello-procfile.tgz");
  private static final String TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
  private static final String CALLER = "00f067aa0ba902b7";
  private static final String CANARY = "canary-4711";

  @TempDir Path data;
  private final Deque<AutoCloseable> running = new ArrayDeque<>();
  private final List<String> heardTraces = new CopyOnWriteArrayList<>();
  private volatile boolean acknowledges;

  @AfterEach
  void endAll() throws Exception {
    while (!running.isEmpty()) {
      running.pop().close();
    }
  }

  @Test
  void aStagingIsOneTraceThoughTheOperatorDies() throws Exception {
    var ports = Ports.free();
    var collector = keep(new Collector());
    var cloudController = keep(cloudController());
    kubernetes();
    var operator = operator(ports, cloudController, collector);
    assertThat(put(ports, cloudController)).isEqualTo(202);
    await("the task has ended, and is not acknowledged")
        .atMost(LIMIT)
        .until(
            () ->
                names(collector).containsAll(List.of("run task", "completion callback"))
                    && !heardTraces.isEmpty());

    operator.kill();
    acknowledges = true;
    var heard = heardTraces.size();
    operator(ports, cloudController, collector);
    await("acknowledged").atMost(LIMIT).until(() -> heardTraces.size() > heard);
    await("the last span")
        .atMost(LIMIT)
        .until(
            () ->
                collector.spans().stream()
                    .anyMatch(span -> heardTraces.getLast().contains(span.id())));

    var spans = collector.spans();
    assertThat(spans).allSatisfy(span -> assertThat(span.trace()).isEqualTo(TRACE));
    var request = only(spans, "PUT /v1/staging");
    assertThat(request.parent()).isEqualTo(CALLER);
    for (var name : List.of("create task", "run task", "completion callback")) {
      assertThat(only(spans, name).parent()).as(name).isEqualTo(request.id());
    }
    var tellings = spans.stream().filter(s -> s.name().equals("tell Cloud Controller")).toList();
    assertThat(tellings)
        .as("of the second process; the first may have died with its own")
        .isNotEmpty()
        .allSatisfy(span -> assertThat(span.parent()).isEqualTo(request.id()));
    assertThat(heardTraces.getLast()).startsWith("00-" + TRACE + "-");
    var task = only(spans, "run task");
    assertThat(spans.stream().filter(span -> span.parent().equals(task.id())))
        .as("steps of the task")
        .hasSizeGreaterThan(1)
        .allSatisfy(step -> assertThat(step.ended()).isGreaterThanOrEqualTo(step.begun()));
    assertThat(task.begun()).isGreaterThanOrEqualTo(request.begun());
    assertThat(task.attributes()).containsEntry("ccbridge.task.guid", "traced-1");
    assertThat(collector.everything()).doesNotContain(CANARY).doesNotContain("token=");
  }

  private static Collector.Span only(List<Collector.Span> spans, String name) {
    var found = spans.stream().filter(span -> span.name().equals(name)).toList();
    assertThat(found).as(name).hasSize(1);
    return found.getFirst();
  }

  private static List<String> names(Collector collector) {
    return collector.spans().stream().map(Collector.Span::name).toList();
  }

  /** Has app bits, takes droplets, and acknowledges when it is told to. */
  private HttpService cloudController() {
    var router = new Router();
    router
        .route("GET", "/bits", request -> Response.file(200, "application/octet-stream", SAMPLE))
        .route("POST", "/droplet", TracesE2E::take)
        .route("POST", "/internal/staging/:guid/completed", this::completed);
    return HttpService.start(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), router);
  }

  private static Response take(Request request) throws IOException {
    request.bodyStream().readAllBytes();
    return Response.json(
        201,
        "{\"metadata\":{\"url\":\"/job\"},\"entity\":{\"status\":\"finished\"}}"
            .getBytes(StandardCharsets.UTF_8));
  }

  private Response completed(Request request) {
    heardTraces.add(request.header("traceparent").orElse(""));
    return Response.empty(acknowledges ? 200 : 503);
  }

  private void kubernetes() throws IOException {
    var definitions = new ArrayList<String>();
    for (var crd : List.of("stagingrequests", "desiredlrps")) {
      definitions.add(Files.readString(Path.of("crds", crd + ".ccbridge.dev-v1.yml")));
    }
    keep(DevServer.start(DevServerConfig.inMemory(definitions)))
        .writeKubeconfig(data.resolve("kubeconfig"));
  }

  private Program operator(Ports ports, HttpService cloudController, Collector collector) {
    var operator =
        keep(
            Program.ccBridge(
                Map.of(),
                "operator",
                "--kubeconfig=" + data.resolve("kubeconfig"),
                "--data=" + data.resolve("operator"),
                "--stager-address=127.0.0.1:" + ports.stager(),
                "--cc-uploader-address=127.0.0.1:" + ports.uploader(),
                "--listen-address=127.0.0.1:" + ports.files(),
                "--otlp-endpoint=" + collector.uri(),
                "--cc-base-url=" + cloudController.uri(),
                "--cc-username=cc",
                "--cc-password=" + CANARY,
                "--bulk-sync=false",
                "--crash-watcher=false"));
    operator.awaitLine("operator.started", LIMIT);
    return operator;
  }

  private static int put(Ports ports, HttpService cloudController) throws Exception {
    var withPassword = cloudController.uri().toString().replace("//", "//user:" + CANARY + "@");
    var buildpack =
        ports.url(ports.files()) + ArtifactUrls.BUILDPACKS + "binary_buildpack" + ".tgz";
    var message =
        """
        {"app_id":"app","lifecycle":"buildpack","log_guid":"app","memory_mb":256,"disk_mb":512,
         "file_descriptors":1024,"timeout":300,"environment":[{"name":"SECRET","value":"%s"}],
         "lifecycle_data":{"stack":"cflinuxfs4","app_bits_download_uri":"%s/bits",
          "droplet_upload_uri":"%s/droplet",
          "buildpacks":[{"name":"binary","key":"binary","url":"%s"}]}}
        """
            .formatted(CANARY, withPassword, withPassword, buildpack);
    try (var client = HttpClient.newHttpClient()) {
      return client
          .send(
              HttpRequest.newBuilder(ports.url(ports.stager()).resolve("/v1/staging/traced-1"))
                  .header("traceparent", "00-" + TRACE + "-" + CALLER + "-01")
                  .PUT(BodyPublishers.ofString(message))
                  .build(),
              BodyHandlers.discarding())
          .statusCode();
    }
  }

  private <T extends AutoCloseable> T keep(T part) {
    running.push(part);
    return part;
  }
}
