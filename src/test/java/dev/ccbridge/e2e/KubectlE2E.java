package dev.ccbridge.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.ccbridge.kubernetes.RealApiServer;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The same kubectl session against the Kubernetes API for trying, and against the real one. */
@Timeout(300)
class KubectlE2E {
  private static final Duration LIMIT = Duration.ofSeconds(150);
  private static final String RECEPTOR = "receptor.*(http://[^ ]+)";

  @TempDir Path data;
  @TempDir Path home;

  @Test
  void theSessionWorksOnTheQuickstartsApi() throws Exception {
    try (var quickstart =
        Program.ccBridge(
            Map.of(),
            "quickstart",
            "--data",
            data.toString(),
            "--receptor-address",
            "127.0.0.1:0")) {
      var kubeconfig = quickstart.awaitLine("export KUBECONFIG=(.+)", LIMIT).group(1);
      var receptor = quickstart.awaitLine(RECEPTOR, LIMIT).group(1);
      quickstart.awaitLine("Ctrl-C ends everything", LIMIT);
      session(Kubectl.with(Path.of(kubeconfig), home), URI.create(receptor), "hello-static");
    }
  }

  @Test
  void theSessionWorksOnARealApiServer() throws Exception {
    var kubernetes = RealApiServer.shared();
    var kubectl = Kubectl.with(kubernetes.kubeconfig(), home);
    kubectl.run("apply", "-f", "crds/");
    kubectl.run(
        "wait",
        "--for=condition=Established",
        "crd/stagingrequests.ccbridge.dev",
        "crd/desiredlrps.ccbridge.dev");
    try (var operator =
        Program.ccBridge(
            Map.of(),
            "operator",
            "--kubeconfig",
            kubernetes.kubeconfig().toString(),
            "--data",
            data.toString(),
            "--receptor-address",
            "127.0.0.1:0")) {
      var receptor = operator.awaitLine(RECEPTOR, LIMIT).group(1);
      session(kubectl, URI.create(receptor), "hello-procfile");
    }
  }

  private static void session(Kubectl kubectl, URI receptor, String sample) throws Exception {
    var file = "samples/" + sample + ".yaml";
    kubectl.run("apply", "-f", file);
    assertThat(kubectl.run("apply", "-f", file)).contains("unchanged").doesNotContain("configured");
    kubectl.run(
        "wait", "--for=condition=Ready", "sr/" + sample, "dlrp/" + sample, "--timeout=100s");
    assertThat(kubectl.run("get", "sr,dlrp"))
        .containsPattern("NAME +PHASE +BUILDPACK +REASON +AGE")
        .containsPattern(sample + " +Succeeded")
        .containsPattern("NAME +READY +STATE +REASON +AGE")
        .containsPattern(sample + " +2/2 +True");
    assertThat(kubectl.run("get", "dlrp", sample, "-o", "wide")).contains("PROCESS", "CRASHES");
    assertThat(kubectl.run("explain", "dlrp.spec.source.stagingRequestRef"))
        .contains("waits for it and follows");
    kubectl.run("scale", "dlrp/" + sample, "--replicas=3");
    await()
        .atMost(LIMIT)
        .untilAsserted(
            () ->
                assertThat(kubectl.run("get", "dlrp", sample))
                    .containsPattern(sample + " +3/3 +True"));
    assertThat(
            kubectl.refused(
                "patch", "sr", sample, "--type=merge", "-p", "{\"spec\":{\"memoryMB\":1}}"))
        .contains("spec.memoryMB")
        .contains("cannot be changed");
    kubectl.run("delete", "-f", file, "--timeout=60s");
    for (var route : new String[] {"/v1/tasks", "/v1/desired_lrps", "/v1/actual_lrps"}) {
      assertThat(listWithout(receptor.resolve(route), sample))
          .as("left at the Receptor: %s", route)
          .isTrue();
    }
  }

  /** The quickstart's own app stays; of the session's there must be nothing. */
  private static boolean listWithout(URI route, String sample)
      throws IOException, InterruptedException {
    try (var client = HttpClient.newHttpClient()) {
      var answer = client.send(HttpRequest.newBuilder(route).build(), BodyHandlers.ofString());
      assertThat(answer.statusCode()).isEqualTo(200);
      return !answer.body().contains(sample);
    }
  }
}
