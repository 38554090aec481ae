package dev.ccbridge.nsync;

import static dev.ccbridge.nsync.NsyncCluster.PATIENCE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.ccbridge.receptor.FakeReceptor.When;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * One LRP is created, scaled, changed and deleted, with a fault at one call of each of these
 * phases. Every phase has to end as it does undisturbed.
 */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class DesiredLRPFaultsIT {
  private static final List<String> OPERATIONS =
      List.of(
          "subscribeToEvents",
          "actualLRPs",
          "desiredLRPs",
          "upsertDomain",
          "createDesiredLRP",
          "findDesiredLRP",
          "updateDesiredLRP",
          "deleteDesiredLRP");

  private static final Duration OFTEN = Duration.ofMillis(100);

  private NsyncCluster cluster;

  static Stream<Arguments> faults() {
    return OPERATIONS.stream()
        .flatMap(o -> Stream.of(When.values()).map(when -> Arguments.of(o, when)));
  }

  @BeforeEach
  void createNamespace() {
    cluster = new NsyncCluster();
  }

  @AfterEach
  void stop() {
    cluster.close();
  }

  @Test
  void theOperationsThatFailBelowAreAllThatAreCalled() {
    cluster.start(OFTEN);
    run(() -> {});
    assertThat(new TreeSet<>(cluster.receptor.calls()))
        .isEqualTo(new TreeSet<>(Set.copyOf(OPERATIONS)));
  }

  @ParameterizedTest
  @MethodSource("faults")
  void aFaultChangesNothingOfTheEnd(String operation, When when) {
    cluster.receptor.failNext(operation, when);
    // Regular lists would repair what the others leave behind; nothing else calls this one.
    cluster.start(operation.equals("upsertDomain") ? OFTEN : Duration.ofHours(1));
    run(() -> cluster.receptor.failNext(operation, when));
  }

  @Test
  void aRestartBetweenAnyTwoPhasesChangesNothingOfTheEnd() {
    cluster.start();
    run(
        () -> {
          cluster.stop();
          cluster.start();
        });
  }

  @Test
  void aLostEventStreamChangesNothingOfTheEnd() {
    cluster.start();
    run(() -> cluster.receptor.cutEvents());
  }

  private void run(Runnable disturbance) {
    disturbance.run();
    cluster.droplet("web", 1);
    var first = cluster.onlyDesired().processGuid();
    cluster.receptor.runAll(first);
    cluster.awaitReady("web", "1/1");

    disturbance.run();
    cluster.scale("web", 2);
    await().atMost(PATIENCE).until(() -> cluster.onlyDesired().instances() == 2);
    cluster.receptor.runAll(first);
    cluster.awaitReady("web", "2/2");

    disturbance.run();
    cluster.patchSpec("web", "{\"memoryMB\":512}");
    var second = cluster.awaitOther(first);
    cluster.receptor.runAll(second);
    cluster.awaitReady("web", "2/2");
    assertThat(cluster.desired()).containsExactly(second);

    disturbance.run();
    cluster.lrp("web").delete();
    cluster.awaitGone("web");
    assertThat(cluster.desired()).isEmpty();
    assertThat(cluster.receptor.currentActualLRPs()).isEmpty();
    assertThat(cluster.receptor.createdLRPs()).hasSize(2);
  }
}
