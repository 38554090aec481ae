package dev.ccbridge.chart;

import static dev.ccbridge.chart.Release.IMAGE;
import static dev.ccbridge.chart.Release.LIMIT;
import static dev.ccbridge.chart.Release.NAMESPACE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.ccbridge.kubernetes.Command;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;

/**
 * The life of a release whose apps are Pods, with two operators, on a real node that admits
 * restricted Pods only. The sample is staged in a Pod, runs in Pods on the operator's own image,
 * which has a Java, and answers through its Service. Needs what {@link Release#prepare} says.
 */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class PodsE2E {
  private static final String INSTANCES = "ccbridge.dev/container-kind=instance";

  private static Release release;
  private static Command kubectl;
  private static SampleApp app;

  @BeforeAll
  static void start() {
    release = Release.prepare();
    release.cluster().loadCellImage("build");
    kubectl = release.kubectl();
    app = new SampleApp(kubectl, "hello-procfile");
  }

  @AfterAll
  static void stop() {
    if (release != null) {
      release.close();
    }
  }

  /** Also of an upgrade, which keeps none of those it is not told again. */
  private static String[] values(String... more) {
    return Stream.concat(
            Stream.of(
                "--set",
                "backend=pod,replicas=2,persistence.accessModes={ReadWriteMany}",
                "--set",
                "config.podRuntimeImage=localhost/cc-bridge-cell:1",
                "--set",
                "config.podStackImages={cflinuxfs4:" + IMAGE + "}"),
            Stream.of(more))
        .toArray(String[]::new);
  }

  @Test
  @Order(1)
  void twoOperatorsAreInstalled() {
    release.install(values());
    assertThat(kubectl.run("get", "pods", "-n", NAMESPACE, "-o", "name").lines()).hasSize(2);
  }

  @Test
  @Order(2)
  void aSampleIsStagedRunsAndAnswersThroughItsService() {
    app.apply();
    app.awaitReady(2);
    assertThat(instances()).hasSize(2);
    awaitAnswer();
  }

  @Test
  @Order(3)
  void itScales() {
    app.scale(3);
    app.awaitReady(3);
    app.scale(2);
    app.awaitReady(2);
    awaitAnswer();
  }

  /** All operators are replaced meanwhile. */
  @Test
  @Order(4)
  void anUpgradeLeavesThePodsOfAppsAlone() {
    var before = instances();
    release.upgrade(values("--set", "logLevel=debug"));
    app.awaitReady(2);
    assertThat(instances()).isEqualTo(before);
    awaitAnswer();
  }

  /** Another one leads then, or the one that comes in its place and has its name. */
  @Test
  @Order(5)
  void appsRunOnWhenTheOperatorThatLeadsIsGone() {
    var before = instances();
    kubectl.run("delete", "pod", "-n", NAMESPACE, leader(), "--grace-period=0", "--force");
    app.scale(3);
    app.awaitReady(3);
    assertThat(instances()).hasSize(3).containsAll(before);
  }

  @Test
  @Order(6)
  void nothingWasForbidden() {
    for (var pod : List.of("cc-bridge-0", "cc-bridge-1")) {
      assertThat(kubectl.run("logs", "-n", NAMESPACE, pod)).doesNotContainIgnoringCase("forbidden");
    }
  }

  @Test
  @Order(7)
  void deletingTheAppLeavesNothingOfIt() {
    app.delete();
    Awaitility.await()
        .atMost(LIMIT)
        .untilAsserted(
            () ->
                assertThat(
                        kubectl.run(
                            "get",
                            "pods,services",
                            "-n",
                            NAMESPACE,
                            "-l",
                            "ccbridge.dev/cell",
                            "-o",
                            "name"))
                    .isEmpty());
  }

  private static String leader() {
    return kubectl.run(
        "get",
        "lease",
        "-n",
        NAMESPACE,
        "cc-bridge-receptor",
        "-o",
        "jsonpath={.spec.holderIdentity}");
  }

  /** The uids of the Pods that run. */
  private static Set<String> instances() {
    return Set.of(
        kubectl
            .run(
                "get",
                "pods",
                "-n",
                NAMESPACE,
                "-l",
                INSTANCES,
                "--field-selector=status.phase=Running",
                "-o",
                "jsonpath={.items[*].metadata.uid}")
            .split(" "));
  }

  private static void awaitAnswer() {
    release.awaitAnswer(
        () ->
            kubectl.run(
                "get",
                "services",
                "-n",
                NAMESPACE,
                "-l",
                "ccbridge.dev/process",
                "-o",
                "jsonpath={.items[0].spec.clusterIP}"));
  }
}
