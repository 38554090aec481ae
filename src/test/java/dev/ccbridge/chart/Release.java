package dev.ccbridge.chart;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ccbridge.kubernetes.Cluster;
import dev.ccbridge.kubernetes.Command;
import java.nio.file.Path;
import java.time.Duration;
import java.util.function.Supplier;
import org.awaitility.Awaitility;

/**
 * A release of the chart as shipped, with the image as built, on a real node of its own, in a
 * namespace that enforces restricted Pods. Ends with its cluster.
 */
record Release(Cluster cluster, Command kubectl, Command helm) implements AutoCloseable {
  static final String NAMESPACE = "bridge";
  static final String IMAGE = "localhost/cc-bridge:0.1.0-SNAPSHOT";
  static final Duration LIMIT = Duration.ofMinutes(6);
  private static final String CHART = "helm/cc-bridge";
  private static final String NAME = "cc-bridge";

  /**
   * Makes all that a release needs; nothing is installed yet. Skips the calling test unless {@code
   * CC_BRIDGE_CLUSTER}, {@code CC_BRIDGE_HELM} and {@code CC_BRIDGE_IMAGE} (what {@code mvn -Pimage
   * package} wrote) are there.
   */
  static Release prepare() {
    var image =
        Path.of(
            Command.require(
                "CC_BRIDGE_IMAGE", Command.setting("CC_BRIDGE_IMAGE"), "image made by -Pimage"));
    Command.helm();
    var cluster = Cluster.up();
    var release =
        new Release(cluster, cluster.kubectl(), cluster.helm().and("--namespace", NAMESPACE));
    try {
      cluster.load(image.toAbsolutePath());
      release.kubectl.run("create", "namespace", NAMESPACE);
      release.kubectl.run(
          "label", "namespace", NAMESPACE, "pod-security.kubernetes.io/enforce=restricted");
    } catch (RuntimeException | Error failure) {
      release.close();
      throw failure;
    }
    return release;
  }

  /**
   * @return the notes for whoever installed it
   */
  String install(String... values) {
    return waiting("install", NAME, CHART).run(values);
  }

  void upgrade(String... values) {
    waiting("upgrade", NAME, CHART).run(values);
  }

  void uninstall() {
    waiting("uninstall", NAME).run();
  }

  /**
   * @return what helm tells of the chart's own test
   */
  String test() {
    return helm.run("test", NAME, "--timeout", LIMIT.toSeconds() + "s");
  }

  private Command waiting(String... verb) {
    return helm.and(verb).and("--wait", "--timeout", LIMIT.toSeconds() + "s");
  }

  /**
   * Until the sample answers, from where Pods are reached.
   *
   * @param address where it is at the moment
   */
  void awaitAnswer(Supplier<String> address) {
    Awaitility.await()
        .atMost(LIMIT)
        .pollInterval(Duration.ofSeconds(1))
        .ignoreExceptions()
        .untilAsserted(
            () -> {
              var at = "http://" + address.get() + "/";
              assertThat(cluster.inNode("curl", "-sS", "--max-time", "10", at))
                  .contains("Hello from instance");
            });
  }

  @Override
  public void close() {
    cluster.close();
  }
}
