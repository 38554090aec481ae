package dev.ccbridge.chart;

import static dev.ccbridge.chart.Release.LIMIT;
import static dev.ccbridge.chart.Release.NAMESPACE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.ccbridge.kubernetes.Command;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;

/**
 * The life of a release on a real node: the image as built, the chart as shipped, its own service
 * account, a namespace that enforces restricted Pods. Needs what {@link Release#prepare} says.
 */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class ClusterE2E {
  private static final String APP = "hello-procfile";

  private static Release release;
  private static Command kubectl;
  private static SampleApp app;

  @BeforeAll
  static void start() {
    release = Release.prepare();
    kubectl = release.kubectl();
    app = new SampleApp(kubectl, APP);
  }

  @AfterAll
  static void stop() {
    if (release != null) {
      release.close();
    }
  }

  @Test
  @Order(1)
  void oneCommandInstallsIt() {
    assertThat(release.install())
        .contains("kubectl -n bridge rollout status statefulset/cc-bridge");
    assertThat(release.test()).contains("Phase:          Succeeded");
  }

  @Test
  @Order(2)
  void aSampleRunsAndAnswers() {
    app.apply();
    app.awaitReady(2);
    awaitAnswer();
    assertThat(kubectl.run("get", "sr", APP, "-o", "jsonpath={.status.phase}"))
        .isEqualTo("Succeeded");
  }

  @Test
  @Order(3)
  void itScales() {
    app.scale(3);
    app.awaitReady(3);
    app.scale(1);
    app.awaitReady(1);
  }

  /** A new Pod has the volume of the old one, and so the app that has been staged. */
  @Test
  @Order(4)
  void anUpgradeKeepsTheApp() {
    var staged = kubectl.run("get", "sr", APP, "-o", "jsonpath={.status.taskGuid}");
    var before = pod("{.metadata.uid}");
    release.upgrade("--set", "logLevel=debug");
    assertThat(pod("{.metadata.uid}")).isNotEqualTo(before);
    app.awaitReady(1);
    awaitAnswer();
    assertThat(kubectl.run("get", "sr", APP, "-o", "jsonpath={.status.taskGuid}"))
        .isEqualTo(staged);
  }

  @Test
  @Order(5)
  void itsRightsSuffice() {
    assertThat(kubectl.run("-n", NAMESPACE, "logs", "cc-bridge-0"))
        .contains("operator.started")
        .doesNotContainIgnoringCase("forbidden");
    assertThat(kubectl.run("auth", "can-i", "get", "secrets", "-A", "--as", account()))
        .startsWith("yes");
  }

  @Test
  @Order(6)
  void whatItNeedsNotItMayNot() {
    for (var asked :
        new String[][] {
          {"list", "secrets"},
          {"create", "secrets"},
          {"create", "pods"},
          {"delete", "namespaces"},
          {"create", "desiredlrps.ccbridge.dev"},
          {"get", "configmaps"},
          {"create", "pods/exec"},
        }) {
      assertThat(
              kubectl
                  .and("auth", "can-i", asked[0], asked[1], "-A", "--as", account())
                  .result()
                  .output())
          .as("%s %s", asked[0], asked[1])
          .startsWith("no");
    }
  }

  @Test
  @Order(7)
  void deletingTheAppEndsIt() {
    app.delete();
    assertThat(kubectl.run("get", "sr,dlrp", "-A", "-o", "name")).isEmpty();
  }

  @Test
  @Order(8)
  void uninstallingLeavesTheResourcesAndTheVolume() {
    release.uninstall();
    var selector = "app.kubernetes.io/instance=cc-bridge";
    // Helm waits for what it made; the Pod is the StatefulSet's, and has its grace.
    Awaitility.await()
        .atMost(LIMIT)
        .untilAsserted(
            () ->
                assertThat(
                        kubectl.run(
                            "get",
                            "all,sa,configmap,role,rolebinding",
                            "-n",
                            NAMESPACE,
                            "-l",
                            selector,
                            "-o",
                            "name"))
                    .isEmpty());
    assertThat(kubectl.run("get", "clusterrole,clusterrolebinding", "-l", selector, "-o", "name"))
        .isEmpty();
    assertThat(kubectl.run("get", "crd", "-o", "name"))
        .contains("stagingrequests.ccbridge.dev", "desiredlrps.ccbridge.dev");
    assertThat(kubectl.run("get", "pvc", "-n", NAMESPACE, "-o", "name"))
        .contains("persistentvolumeclaim/data-cc-bridge-0");
  }

  private static String account() {
    return "system:serviceaccount:" + NAMESPACE + ":cc-bridge";
  }

  private static String pod(String path) {
    return kubectl.run("-n", NAMESPACE, "get", "pod", "cc-bridge-0", "-o", "jsonpath=" + path);
  }

  /** At the address that the app's status tells. */
  private static void awaitAnswer() {
    release.awaitAnswer(
        () -> kubectl.run("get", "dlrp", APP, "-o", "jsonpath={.status.actual[0].address}"));
  }
}
