package dev.ccbridge.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.ccbridge.api.StagingRequest;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Roles as processes of their own, with the command lines of the originals. */
@Timeout(600)
class RolesIT {
  private static final Duration LIMIT = Duration.ofSeconds(120);
  private static final String LIFECYCLE =
      "buildpack/cflinuxfs4:buildpack_app_lifecycle/buildpack_app_lifecycle.tgz";

  @TempDir Path data;

  private final HttpClient http = HttpClient.newHttpClient();

  private Program start(Map<String, String> environment, String... arguments) {
    var words = new ArrayList<>(List.of(arguments));
    words.addAll(List.of("-data", data.toString()));
    return Program.ccBridge(environment, words.toArray(String[]::new));
  }

  private static int freePort() throws IOException {
    try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  private String send(String method, String url, String body) throws Exception {
    var answer =
        http.send(
            HttpRequest.newBuilder(URI.create(url))
                .method(method, BodyPublishers.ofString(body))
                .build(),
            BodyHandlers.ofString());
    return answer.statusCode() + " " + answer.body();
  }

  @Test
  void aFileServerServesUntilItIsTold(@TempDir Path files) throws Exception {
    Files.writeString(files.resolve("bundle.txt"), "content");
    var port = freePort();
    var debug = freePort();
    try (var server =
        start(
            Map.of(),
            "file-server",
            "-address=127.0.0.1:" + port,
            "-staticDirectory",
            files.toString(),
            "-communicationTimeout=1s",
            "--debugAddr=:" + debug)) {
      server.awaitLine("file-server\\.ready", LIMIT);
      assertThat(server.output()).contains("flags-without-effect flags=[-communicationTimeout]");
      var url = "http://127.0.0.1:" + port + "/v1/static/bundle.txt";
      assertThat(send("GET", url, "")).isEqualTo("200 content");
      server.awaitLine("static-file\\.response.*bundle\\.txt", LIMIT);
      showsItself("http://127.0.0.1:" + debug);

      assertThat(send("PUT", "http://127.0.0.1:" + debug + "/log-level", "ERROR"))
          .isEqualTo("200 ");
      assertThat(send("GET", url + "?unlogged", "")).isEqualTo("200 content");
      assertThat(send("PUT", "http://127.0.0.1:" + debug + "/log-level", "info\n"))
          .isEqualTo("200 ");
      assertThat(send("GET", url.replace("bundle", "unlogged"), "")).startsWith("404");
      assertThat(send("PUT", "http://127.0.0.1:" + debug + "/log-level", "i")).isEqualTo("200 ");
      server.terminate();
      assertThat(server.awaitEnd(LIMIT)).as(server.output()).isZero();
      assertThat(server.output()).contains("file-server.exited").doesNotContain("unlogged");
    }
  }

  private void showsItself(String debug) throws Exception {
    assertThat(send("GET", debug + "/metrics", "")).contains("200 ", "jvm_memory_used_bytes{");
    assertThat(send("GET", debug + "/debug/threads", "")).contains("200 ", "\"main\"");
    assertThat(send("GET", debug + "/other", "")).startsWith("404");
  }

  @Test
  void wrongUsageEndsWithTwoAndTheOriginalsWords() throws Exception {
    refuses("flag provided but not defined: -x\nUsage of stager:", "stager", "-x");
    refuses(
        "invalid value \"docker\" for flag -lifecycle: Invalid lifecycle value: not of the form"
            + " 'lifecycle-name:path'",
        "nsync-listener",
        "-lifecycle",
        "docker");
    refuses("Invalid stager URL: missing port", "stager", "-stagerURL=http://stager.test");
    refuses("dockerStagingStack cannot be blank", "stager", "-stagerURL=http://stager.test:8888");
    refuses(
        "Error parsing Docker Registry address: was ://x:1",
        "stager",
        "-stagerURL=http://stager.test:8888",
        "-dockerStagingStack=s",
        "-dockerRegistryAddress=://x:1");
    refuses("Error parsing consul agent URL: ", "stager", "-consulCluster=://x");
    refuses("unknown log level: loud", "tps-watcher", "-logLevel=loud");
    refuses("-staticDirectory must be given", "file-server");
    try (var help = Program.ccBridge(Map.of(), "receptor", "-h")) {
      assertThat(help.awaitEnd(LIMIT)).isZero();
      assertThat(help.output()).contains("Usage of receptor:", "-cellMemoryMB");
    }
  }

  private static void refuses(String text, String... arguments) throws Exception {
    try (var wrong = Program.ccBridge(Map.of(), arguments)) {
      assertThat(wrong.awaitEnd(LIMIT)).as(wrong.output()).isEqualTo(2);
      assertThat(wrong.output()).contains(text);
    }
  }

  /** The embedded Kubernetes API outlives the process that serves it, and so do the leases. */
  @Test
  void rolesShareAKubernetesApiThatOutlivesItsProcess() throws Exception {
    var files = freePort();
    var stagerPort = freePort();
    var nsyncPort = freePort();
    try (var fileServer =
            start(
                Map.of(),
                "file-server",
                "-address=127.0.0.1:" + files,
                "-staticDirectory=" + Path.of("target/static").toAbsolutePath());
        var receptor =
            start(
                Map.of(), "receptor", "-address=127.0.0.1:0", "-username=u", "-password=hunter2")) {
      fileServer.awaitLine("file-server\\.ready", LIMIT);
      var api = receptor.awaitLine("receptor\\.started url=http://(\\S+)", LIMIT).group(1);
      assertThat(send("GET", "http://" + api + "/v1/tasks", "")).startsWith("401");
      String[] stager = {
        "stager",
        "-diegoAPIURL=http://u:hunter2@" + api,
        "-stagerURL",
        "http://127.0.0.1:" + stagerPort,
        "-fileServerURL=http://127.0.0.1:" + files,
        "-dockerStagingStack=cflinuxfs4",
        "-lifecycle=" + LIFECYCLE
      };
      String[] listener = {
        "nsync-listener",
        "-diegoAPIURL=http://u:hunter2@" + api,
        "-nsyncURL=http://127.0.0.1:" + nsyncPort,
        "-fileServerURL=http://127.0.0.1:" + files,
        "-lifecycle=" + LIFECYCLE
      };
      try (var first = start(Map.of(), stager)) {
        first.awaitLine("stager\\.Listening for staging requests!", LIMIT);
        first.awaitLine("development Kubernetes API started", LIMIT);
        try (var second = start(Map.of(), listener)) {
          second.awaitLine("nsync-listener\\.started", LIMIT);
          second.awaitLine("cc-bridge-nsync\\.leading", LIMIT);
          try (var kubernetes = client()) {
            stage(kubernetes, "before");
            first.kill();
            second.awaitLine("development Kubernetes API started", LIMIT);
            try (var again = start(Map.of(), stager)) {
              again.awaitLine("cc-bridge-stager\\.leading", LIMIT);
              assertThat(phase(kubernetes, "before")).isEqualTo("SUCCEEDED");
              stage(kubernetes, "after");
              again.terminate();
              assertThat(again.awaitEnd(LIMIT)).as(again.output()).isZero();
              assertThat(holder(kubernetes, "cc-bridge-stager")).isEmpty();
            }
          }
          second.terminate();
          assertThat(second.awaitEnd(LIMIT)).as(second.output()).isZero();
        }
        assertThat(first.output()).doesNotContain("hunter2");
      }
      receptor.terminate();
      assertThat(receptor.awaitEnd(LIMIT)).as(receptor.output()).isZero();
    }
  }

  private KubernetesClient client() {
    return new KubernetesClientBuilder()
        .withConfig(Config.fromKubeconfig(data.resolve("kubeconfig").toFile()))
        .build();
  }

  private static void stage(KubernetesClient kubernetes, String name) throws IOException {
    var yaml =
        Files.readString(Path.of("samples/hello-procfile.yaml"))
            .replace("hello-procfile\n", name + "\n");
    kubernetes
        .load(new ByteArrayInputStream(yaml.getBytes(StandardCharsets.UTF_8)))
        .items()
        .stream()
        .filter(resource -> resource.getKind().equals("StagingRequest"))
        .forEach(request -> kubernetes.resource(request).inNamespace("default").create());
    await(name + " is staged")
        .atMost(LIMIT)
        .untilAsserted(() -> assertThat(phase(kubernetes, name)).isEqualTo("SUCCEEDED"));
  }

  private static String phase(KubernetesClient kubernetes, String name) {
    var request =
        kubernetes.resources(StagingRequest.class).inNamespace("default").withName(name).get();
    return request == null || request.getStatus() == null
        ? ""
        : String.valueOf(request.getStatus().phase());
  }

  private static String holder(KubernetesClient kubernetes, String lease) {
    return kubernetes
        .leases()
        .inNamespace("default")
        .withName(lease)
        .get()
        .getSpec()
        .getHolderIdentity();
  }
}
