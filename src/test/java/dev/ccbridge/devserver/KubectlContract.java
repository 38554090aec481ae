package dev.ccbridge.devserver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.ccbridge.kubernetes.RealApiServer;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** kubectl, unchanged, on ours and on a real server. */
abstract class KubectlContract {
  private static final Logger LOG = LoggerFactory.getLogger(KubectlContract.class);
  private static final String WIDGET =
      """
      apiVersion: example.dev/v1alpha1
      kind: Widget
      metadata: {name: w}
      spec:
        size: small
        left: {uri: "http://a"}
      """;

  @TempDir Path dir;
  private String namespace = "";

  abstract ApiUnderTest api();

  @BeforeEach
  void prepare() {
    namespace = "kubectl-" + UUID.randomUUID().toString().substring(0, 8);
    assertThat(kubectl("create", "namespace", namespace))
        .isEqualTo("namespace/" + namespace + " created\n");
    kubectl("apply", "-f", file(ApiUnderTest.text("widgets.yml")));
    kubectl("wait", "--for=condition=Established", "crd/widgets.example.dev", "--timeout=20s");
    org.awaitility.Awaitility.await()
        .atMost(java.time.Duration.ofSeconds(20))
        .until(() -> kubectl("get", "widgets").startsWith("No resources found"));
  }

  @Test
  void appliesTwiceAndChangesOnlyOnce() {
    assertThat(kubectl("apply", "-f", file(WIDGET))).isEqualTo("widget.example.dev/w created\n");
    assertThat(kubectl("apply", "-f", file(WIDGET))).isEqualTo("widget.example.dev/w unchanged\n");
    assertThat(kubectl("apply", "-f", file(WIDGET + "  mode: other\n")))
        .isEqualTo("widget.example.dev/w configured\n");
    assertThat(kubectl("get", "wi", "w", "-o", "jsonpath={.spec.mode} {.metadata.generation}"))
        .isEqualTo("other 2");
  }

  @Test
  void printsTheColumnsOfTheDefinition() {
    kubectl("apply", "-f", file(WIDGET + "  items: [{name: one}, {name: two}]\n"));

    assertThat(kubectl("get", "toys")).matches("NAME +PHASE +READY +REPLICAS +AGE\nw +1 +\\d+s\n");
    assertThat(kubectl("get", "wi", "-o", "wide"))
        .matches("NAME +PHASE +READY +REPLICAS +NAMES +AGE\nw +1 +one +\\d+s\n");
  }

  @Test
  void refusesAnUnknownField() {
    assertThat(kubectl("apply", "-f", file(WIDGET + "  foo: 1\n")))
        .contains("strict decoding error: unknown field \"spec.foo\"");
  }

  @Test
  void explainsFieldsFromTheSchema() {
    assertThat(kubectl("explain", "widget.spec.size"))
        .contains("ENUM:", "small", "Small, medium or large.");
  }

  @Test
  void scalesAndWaits() {
    kubectl("apply", "-f", file(WIDGET));

    assertThat(kubectl("scale", "widget/w", "--replicas=3"))
        .isEqualTo("widget.example.dev/w scaled\n");

    assertThat(kubectl("wait", "--for=jsonpath={.spec.replicas}=3", "widget/w", "--timeout=10s"))
        .isEqualTo("widget.example.dev/w condition met\n");
    assertThat(kubectl("wait", "--for=condition=Ready", "widget/w", "--timeout=1s"))
        .contains("timed out waiting for the condition");
  }

  @Test
  void patchesTheStatusAlone() {
    kubectl("apply", "-f", file(WIDGET));

    kubectl(
        "patch",
        "widget",
        "w",
        "--subresource=status",
        "--type=merge",
        "-p",
        "{\"spec\": {\"mode\": \"x\"}, \"status\": {\"observedGeneration\": 1, \"conditions\": [{\"type\": \"Ready\","
            + " \"status\": \"True\"}]}}");

    assertThat(kubectl("get", "wi", "w", "-o", "jsonpath={.spec.mode}")).isEqualTo("auto");
    assertThat(kubectl("wait", "--for=condition=Ready", "widget/w", "--timeout=10s"))
        .isEqualTo("widget.example.dev/w condition met\n");
  }

  @Test
  void appliesOnTheServersSideWithConflicts() {
    var other = new String[] {"apply", "--server-side", "--field-manager=other"};
    kubectl("apply", "--server-side", "-f", file(WIDGET + "  mode: one\n"));

    var refused = kubectl(join(other, "-f", file(WIDGET + "  mode: two\n")));
    var forced = kubectl(join(other, "--force-conflicts", "-f", file(WIDGET + "  mode: two\n")));

    assertThat(refused).contains("conflict with \"kubectl\": .spec.mode");
    assertThat(forced).isEqualTo("widget.example.dev/w serverside-applied\n");
  }

  @Test
  void takesOverByServerSideApplyWhatItAppliedItself() {
    kubectl("apply", "-f", file(WIDGET + "  mode: one\n"));

    assertThat(kubectl("apply", "--server-side", "-f", file(WIDGET + "  mode: two\n")))
        .isEqualTo("widget.example.dev/w serverside-applied\n");
    assertThat(kubectl("get", "wi", "w", "-o", "jsonpath={.spec.mode}")).isEqualTo("two");
  }

  @Test
  void createsAndChangesASecret() {
    assertThat(kubectl("create", "secret", "generic", "s", "--from-literal=a=b"))
        .isEqualTo("secret/s created\n");
    var secret = "apiVersion: v1\nkind: Secret\nmetadata: {name: t}\nstringData: {%s}\n";
    kubectl("apply", "-f", file(secret.formatted("a: b, c: d")));

    assertThat(kubectl("apply", "-f", file(secret.formatted("a: b, e: f"))))
        .isEqualTo("secret/t configured\n");

    assertThat(kubectl("get", "secrets"))
        .matches("(?s)NAME +TYPE +DATA +AGE\ns +Opaque +1 .*t +Opaque +[23] .*");
  }

  @Test
  void deletesAndSeesItGone() {
    kubectl("apply", "-f", file(WIDGET));

    assertThat(kubectl("delete", "widget", "w", "--timeout=20s")).contains("\"w\" deleted");

    assertThat(kubectl("get", "wi", "w"))
        .contains("Error from server (NotFound): widgets.example.dev \"w\" not found");
  }

  @Test
  void describesAnObjectWithItsEvents() {
    kubectl("apply", "-f", file(WIDGET));
    kubectl(
        "create",
        "-f",
        file(
            """
            apiVersion: v1
            kind: Event
            metadata: {name: e, namespace: %1$s}
            involvedObject: {apiVersion: example.dev/v1alpha1, kind: Widget, name: w, namespace: %1$s}
            reason: Tested
            message: it was tested
            type: Normal
            source: {component: tester}
            """
                .formatted(namespace)));

    assertThat(kubectl("get", "events")).contains("widget/w", "it was tested");
    assertThat(kubectl("describe", "widget", "w")).contains("Name:", "Events:");
  }

  private static String[] join(String[] first, String... more) {
    return Stream.concat(Stream.of(first), Stream.of(more)).toArray(String[]::new);
  }

  private String file(String content) {
    try {
      var file = Files.createTempFile(dir, "resource", ".yml");
      Files.writeString(file, content);
      return file.toString();
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }

  /** All that kubectl printed, errors included. */
  private String kubectl(String... arguments) {
    var program = program();
    assumeTrue(program.isPresent(), KubectlContract::skipReason);
    var command = new ArrayList<>(List.of(program.get().toString(), "-n", namespace));
    command.addAll(List.of(arguments));
    var builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().put("KUBECONFIG", api().kubeconfig().toString());
    builder.environment().put("HOME", dir.toString());
    try {
      var process = builder.start();
      process.getOutputStream().close();
      var output = new String(process.getInputStream().readAllBytes());
      assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
      return output;
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(stopped);
    }
  }

  private static String skipReason() {
    var reason = "there is no kubectl in KUBEBUILDER_ASSETS or on the PATH: test skipped";
    LOG.warn(reason);
    return reason;
  }

  private static Optional<Path> program() {
    var path = Stream.of(System.getenv().getOrDefault("PATH", "").split(File.pathSeparator));
    return Stream.concat(RealApiServer.assets().stream(), path.map(Path::of))
        .map(folder -> folder.resolve("kubectl"))
        .filter(Files::isExecutable)
        .findFirst();
  }
}
