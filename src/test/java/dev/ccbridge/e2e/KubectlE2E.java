package dev.ccbridge.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.ccbridge.kubernetes.RealApiServer;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The same kubectl session against the Kubernetes API for trying, and against the real one. */
@Timeout(300)
class KubectlE2E {
  private static final Duration LIMIT = Duration.ofSeconds(150);
  private static final ObjectMapper MAPPER = new ObjectMapper();
  private static final String VERSIONS =
      "jsonpath={range .items[*]}{.kind} {.metadata.resourceVersion} {end}";
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
    try (var kubernetes = RealApiServer.unused()) {
      sessionOn(kubernetes);
    }
  }

  private void sessionOn(RealApiServer kubernetes) throws Exception {
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
    assertThat(kubectl.run("get", "sr", sample, "-o", "wide"))
        .containsPattern("NAME +PHASE +BUILDPACK +REASON +AGE +TASK +CELL");
    assertThat(kubectl.run("get", "dlrp", sample, "-o", "wide"))
        .containsPattern("NAME +READY +STATE +REASON +AGE +PROCESS +ADDRESS +CRASHES");
    assertThat(kubectl.run("explain", "dlrp.spec.source.stagingRequestRef"))
        .contains("waits for it and follows");
    for (var kind : new String[] {"sr", "dlrp"}) {
      assertThat(kubectl.run("explain", kind, "--recursive"))
          .contains("observedGeneration", "conditions");
    }
    kubectl.run(
        "wait", "--for=jsonpath={.status.phase}=Succeeded", "sr/" + sample, "--timeout=10s");
    kubectl.run(
        "wait", "--for=jsonpath={.status.readyInstances}=2", "dlrp/" + sample, "--timeout=10s");
    applyingTwiceIsSilent(kubectl, file);
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

  /**
   * However it is applied and by whomever: once each of them owns its fields, nobody writes
   * anything. (kubectl itself writes when the two ways take turns.)
   */
  private static void applyingTwiceIsSilent(Kubectl kubectl, String file) throws Exception {
    var client = List.of("apply", "-f", file);
    var flux = List.of("apply", "--server-side", "--field-manager=flux", "-f", file);
    var argo = List.of("apply", "--server-side", "--field-manager=argocd", "-f", file);
    for (var ways : List.of(List.of(client), List.of(flux, argo))) {
      applyAll(kubectl, ways);
      var settled = kubectl.run("get", "-f", file, "-o", VERSIONS);
      applyAll(kubectl, ways);
      await()
          .during(Duration.ofSeconds(2))
          .atMost(Duration.ofSeconds(20))
          .untilAsserted(
              () ->
                  assertThat(kubectl.run("get", "-f", file, "-o", VERSIONS))
                      .as("%s", ways)
                      .isEqualTo(settled));
    }
    for (var resource :
        MAPPER
            .readTree(kubectl.run("get", "-f", file, "--show-managed-fields", "-o", "json"))
            .at("/items")) {
      assertThat(fieldsOfTwo(resource)).as(resource.at("/kind").asText()).isEmpty();
    }
  }

  private static void applyAll(Kubectl kubectl, List<List<String>> ways) throws Exception {
    for (var way : ways) {
      kubectl.run(way.toArray(String[]::new));
    }
  }

  /** What the operator owns, and somebody else as well. */
  private static List<String> fieldsOfTwo(JsonNode resource) {
    var ours = new TreeSet<String>();
    var others = new TreeSet<String>();
    for (var entry : resource.at("/metadata/managedFields")) {
      var manager = entry.path("manager").asText();
      var isOurs =
          manager.startsWith("cc-bridge") || entry.path("subresource").asText().equals("status");
      leaves("", entry.path("fieldsV1"), isOurs ? ours : others);
    }
    assertThat(ours).as("of the operator").anyMatch(field -> field.contains("f:status"));
    assertThat(others).as("of those who apply").anyMatch(field -> field.contains("f:spec"));
    return ours.stream().filter(others::contains).toList();
  }

  private static void leaves(String path, JsonNode fields, Set<String> into) {
    if (fields.isEmpty()) {
      into.add(path);
    }
    fields.properties().stream()
        .filter(field -> !field.getKey().equals("."))
        .forEach(field -> leaves(path + "/" + field.getKey(), field.getValue(), into));
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
