package dev.ccbridge.receptor.store.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import dev.ccbridge.kubernetes.RealApiServer;
import dev.ccbridge.receptor.Receptor;
import dev.ccbridge.receptor.ReceptorContract;
import dev.ccbridge.receptor.Requests;
import dev.ccbridge.receptor.backend.FakeBackend;
import dev.ccbridge.receptor.model.ActualLRPState;
import dev.ccbridge.receptor.model.ReceptorException;
import dev.ccbridge.receptor.store.DrivenTime;
import dev.ccbridge.receptor.store.ReceptorStore;
import dev.ccbridge.receptor.store.ReceptorStoreConfig;
import dev.ccbridge.receptor.store.Records;
import dev.ccbridge.receptor.store.Table;
import dev.ccbridge.receptor.store.kubernetes.FaultyApi.Fault;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * The Receptor's contract with its records on a real API server, and deaths between two of them.
 */
class KubernetesReceptorIT extends ReceptorContract {
  private static final Duration SOON = Duration.ofSeconds(20);
  private static final Duration ROUND = Duration.ofSeconds(31);
  private static final int THOUSAND = 1000;

  private final OwnNamespace own = new OwnNamespace();
  private final KubernetesRecordsConfig config = own.config();

  @AfterEach
  void closeMore() throws Exception {
    own.close();
  }

  @Override
  protected Records records(Path directory) {
    return KubernetesRecords.open(
        RealApiServer.shared().client(),
        config,
        () -> {
          throw new AssertionError("nobody else is there");
        });
  }

  @Override
  protected Receptor open(ReceptorStore store) {
    return store;
  }

  /** A life of its own, over records of its own. */
  private final class Life {
    private final FakeBackend backend = new FakeBackend();
    private final DrivenTime time = new DrivenTime();
    private final KubernetesRecordsConfig settings;
    private final ReceptorStore store;

    Life(KubernetesClient client) {
      settings =
          new KubernetesRecordsConfig(
              config.namespace(),
              config.name() + "-deaths",
              config.parallelWrites(),
              config.firstPause(),
              config.longestPause(),
              Duration.ofSeconds(1));
      store =
          new ReceptorStore(
              ReceptorStoreConfig.defaults(),
              KubernetesRecords.open(client, settings, () -> {}),
              backend,
              time,
              time);
      own.keep(store);
    }
  }

  @Test
  void goesOnAfterADeathBetweenADesiredLRPAndTheClaimsOfItsInstances() throws Exception {
    var api = new FaultyApi(RealApiServer.shared());
    own.keep(api);
    var first = new Life(api.client());
    first.store.start();
    api.always(request -> request.startsWith("POST"), Fault.ANSWER_500);
    api.next(request -> request.startsWith("POST"), Fault.NONE);
    first.store.createDesiredLRP(Requests.lrp("web", 3));

    var second = new Life(RealApiServer.shared().client());
    second.store.start();
    assertThat(second.store.findDesiredLRP("web")).isPresent();
    assertThat(second.store.actualLRPsOf("web")).hasSize(3);
    await().atMost(SOON).until(() -> second.backend.instanceGuid("web", 2).isPresent());
  }

  @Test
  void goesOnAfterADeathBetweenTheRemovalsOfADesiredLRPAndItsInstances() throws Exception {
    var api = new FaultyApi(RealApiServer.shared());
    own.keep(api);
    var first = new Life(api.client());
    first.backend.refusePlacement("no room");
    first.store.start();
    first.store.createDesiredLRP(Requests.lrp("web", 2));
    await()
        .atMost(SOON)
        .untilAsserted(
            () ->
                assertThat(first.store.actualLRPsOf("web"))
                    .hasSize(2)
                    .allMatch(instance -> "no room".equals(instance.placementError())));
    api.always(request -> request.startsWith("DELETE"), Fault.ANSWER_500);
    api.next(request -> request.startsWith("DELETE"), Fault.NONE);
    refused(() -> first.store.deleteDesiredLRP("web"));

    var second = new Life(RealApiServer.shared().client());
    second.store.start();
    assertThat(second.store.findDesiredLRP("web")).isEmpty();
    second.store.upsertDomain("demo", Duration.ofMinutes(2));
    second.time.advance(ROUND);
    assertThat(second.store.actualLRPsOf("web")).isEmpty();
    assertThat(second.backend.instanceGuid("web", 0)).isEmpty();
  }

  /** One by one they would be two each. */
  @Test
  void aThousandInstancesThatComeAtOnceAreFewWrites() throws Exception {
    var api = new FaultyApi(RealApiServer.shared());
    own.keep(api);
    var life = new Life(api.client());
    life.store.start();
    life.store.createDesiredLRP(Requests.lrp("web", THOUSAND));
    for (var one = 0; one < THOUSAND; one++) {
      var index = one;
      await()
          .pollDelay(Duration.ZERO)
          .atMost(SOON)
          .until(() -> life.backend.instanceGuid("web", index).isPresent());
      life.backend.becomeHealthy("web", index);
    }
    assertThat(life.store.actualLRPsOf("web"))
        .hasSize(THOUSAND)
        .allMatch(instance -> instance.state() == ActualLRPState.RUNNING);

    var writes = api.count(request -> !request.startsWith("GET"));
    System.out.printf("%d instances: %d writes of records%n", THOUSAND, writes);
    assertThat(writes).isLessThan(THOUSAND / 2);
    var buckets = new RecordSecrets(api.client(), life.settings).list();
    var instances =
        buckets.stream()
            .filter(bucket -> bucket.table().equals(Table.ACTUAL_LRPS.mapName()))
            .mapToInt(bucket -> bucket.entries().size())
            .sum();
    assertThat(instances).isEqualTo(THOUSAND);
  }

  private static void refused(Runnable call) {
    assertThatExceptionOfType(ReceptorException.class)
        .isThrownBy(call::run)
        .withMessageContaining("the Kubernetes API");
  }
}
