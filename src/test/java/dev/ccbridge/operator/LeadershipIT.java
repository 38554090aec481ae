package dev.ccbridge.operator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.ccbridge.devserver.DevServer;
import dev.ccbridge.devserver.DevServerConfig;
import dev.ccbridge.operator.Leadership.Leases;
import io.fabric8.kubernetes.api.model.coordination.v1.LeaseBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Path;
import java.time.Duration;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(180)
class LeadershipIT {
  private static final String LEASE = "a-duty";
  private static final Duration LIMIT = Duration.ofSeconds(60);

  @TempDir Path dir;

  private final Started running = new Started();
  private final List<String> told = new CopyOnWriteArrayList<>();
  private KubernetesClient kubernetes;

  @BeforeEach
  void start() {
    var server = running.keep(DevServer.start(DevServerConfig.inMemory(List.of())));
    server.writeKubeconfig(dir.resolve("kubeconfig"));
    kubernetes = running.keep(Kubernetes.client(Optional.of(dir.resolve("kubeconfig"))));
  }

  @AfterEach
  void stop() {
    running.close();
  }

  private DataDirectory directory(String name) {
    return running.keep(DataDirectory.share(dir.resolve(name)));
  }

  private Leadership strive(DataDirectory data, String name) {
    return Leadership.strive(
        new Leases(kubernetes, "default", data, false),
        LEASE,
        () -> {
          told.add(name + " starts");
          return () -> told.add(name + " ends");
        },
        new SimpleMeterRegistry());
  }

  private String holder() {
    return kubernetes
        .leases()
        .inNamespace("default")
        .withName(LEASE)
        .get()
        .getSpec()
        .getHolderIdentity();
  }

  @Test
  void oneOfTwoDirectoriesLeadsAndTheOtherFollowsWhenItEnds() {
    var first = directory("first");
    var second = directory("second");
    var leader = strive(first, "first");
    leader.awaitStarted();
    assertThat(holder()).isEqualTo(first.identity());
    try (var follower = strive(second, "second")) {
      leader.close();
      follower.awaitStarted();
      assertThat(holder()).isEqualTo(second.identity());
      assertThat(told).containsExactly("first starts", "first ends", "second starts");
    }
    assertThat(holder()).isEmpty();
  }

  @Test
  void aDirectoryTakesItsOwnLeaseBackAtOnce() {
    var data = directory("killed");
    var now = ZonedDateTime.now(ZoneOffset.UTC);
    kubernetes
        .resource(
            new LeaseBuilder()
                .withNewMetadata()
                .withName(LEASE)
                .withNamespace("default")
                .endMetadata()
                .withNewSpec()
                .withHolderIdentity(data.identity())
                .withAcquireTime(now)
                .withRenewTime(now)
                .withLeaseDurationSeconds(3600)
                .endSpec()
                .build())
        .create();
    try (var leadership = strive(data, "again")) {
      leadership.awaitStarted();
      assertThat(told).containsExactly("again starts");
    }
  }

  @Test
  void whatCannotBeStartedIsToldToWhoWaits() {
    try (var leadership =
        Leadership.strive(
            new Leases(kubernetes, "default", directory("d"), false),
            LEASE,
            () -> {
              throw new ConfigException("no such thing");
            },
            new SimpleMeterRegistry())) {
      var failure = Leadership.firstFailure(List.of(leadership));
      await().atMost(LIMIT).until(failure::isDone);
      assertThat(failure.join()).isInstanceOf(ConfigException.class).hasMessage("no such thing");
    }
  }
}
