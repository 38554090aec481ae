package dev.ccbridge.stager;

import static dev.ccbridge.stager.Requests.request;
import static org.assertj.core.api.Assertions.assertThat;

import dev.ccbridge.api.StagingRequest;
import dev.ccbridge.api.StagingRequestStatus.Phase;
import io.javaoperatorsdk.operator.api.config.ControllerConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** An old view of a request is met, as after a restart against an API server that lags behind. */
@Timeout(120)
class StaleCacheIT {
  private StagerBench bench;

  @BeforeEach
  void open() {
    // Nothing but what the test does itself has anything looked at.
    bench = new StagerBench().start(Duration.ofMinutes(10));
  }

  @AfterEach
  void close() {
    bench.close();
  }

  @Test
  void aRequestThatLooksNewButIsFinishedIsNotStagedAgain() {
    var asCreated = bench.create(request());
    var guid = finish(asCreated);
    var finished = bench.get(asCreated);
    reconcile(asCreated);
    assertThat(bench.receptor.createdTasks()).hasSize(1);
    assertThat(bench.receptor.currentTasks()).noneMatch(t -> t.taskGuid().equals(guid));
    assertThat(bench.get(asCreated)).isEqualTo(finished);
  }

  @Test
  void aRequestThatLooksUnfinishedButIsFinishedIsNeitherStagedAgainNorFailed() {
    var request = bench.create(request());
    bench.awaitTask(request);
    var whileStaging = bench.get(request);
    finish(request);
    var finished = bench.get(request);
    assertThat(whileStaging.getStatus().phase()).isEqualTo(Phase.STAGING);
    reconcile(whileStaging);
    assertThat(bench.receptor.createdTasks()).hasSize(1);
    assertThat(bench.get(request)).isEqualTo(finished);
  }

  @Test
  void anotherRequestOfTheSameNameIsNotExpired() {
    var request = bench.create(request().ttl(1_000));
    finish(request);
    var old = bench.get(request);
    bench.client.resource(request).delete();
    bench.awaitGone(request);
    var namesake = bench.create(request());
    old.setSpec(request().ttl(0).in(bench.namespace).build().getSpec());
    reconcile(old);
    assertThat(bench.get(namesake).getMetadata().getUid())
        .isEqualTo(namesake.getMetadata().getUid());
    assertThat(bench.get(namesake).isMarkedForDeletion()).isFalse();
  }

  private String finish(StagingRequest request) {
    var guid = bench.awaitTask(request);
    bench.receptor.completeTask(guid, TestTasks.RESULT);
    bench.receptor.resolveTask(guid, bench::callBack);
    bench.awaitPhase(request, Phase.SUCCEEDED);
    return guid;
  }

  private void reconcile(StagingRequest stale) {
    bench.reconciler().reconcile(stale, context());
  }

  /** As much of a context as is used before anything can be written. */
  @SuppressWarnings("unchecked")
  private Context<StagingRequest> context() {
    var configuration = proxy(ControllerConfiguration.class, Map.of("fieldManager", "cc-bridge"));
    return proxy(
        Context.class,
        Map.of("getClient", bench.client, "getControllerConfiguration", configuration));
  }

  private static <T> T proxy(Class<T> type, Map<String, Object> answers) {
    return type.cast(
        Proxy.newProxyInstance(
            type.getClassLoader(),
            new Class<?>[] {type},
            (self, method, arguments) -> {
              if (!answers.containsKey(method.getName())) {
                throw new AssertionError("not to be asked for: " + method.getName());
              }
              return answers.get(method.getName());
            }));
  }
}
