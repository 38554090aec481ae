package dev.ccbridge.chart;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ccbridge.kubernetes.Command;
import java.time.Duration;
import org.awaitility.Awaitility;

/** One of {@code samples/}, as its user sees it. */
record SampleApp(Command kubectl, String name) {
  private static final Duration LIMIT = Duration.ofMinutes(6);
  private static final String READY =
      "jsonpath={.status.conditions[?(@.type==\"Ready\")].status} {.status.readyInstances}";

  void apply() {
    kubectl.run("apply", "-f", file());
  }

  void scale(int instances) {
    kubectl.run("scale", "dlrp/" + name, "--replicas=" + instances);
  }

  void delete() {
    kubectl.run("delete", "-f", file(), "--timeout=" + LIMIT.toSeconds() + "s");
  }

  void awaitReady(int instances) {
    Awaitility.await()
        .atMost(LIMIT)
        .pollInterval(Duration.ofSeconds(1))
        .untilAsserted(
            () ->
                assertThat(kubectl.run("get", "dlrp", name, "-o", READY))
                    .as(() -> kubectl.and("get", "sr,dlrp", "-o", "yaml").result().output())
                    .isEqualTo("True " + instances));
  }

  private String file() {
    return "samples/" + name + ".yaml";
  }
}
