package dev.ccbridge.bench;

import dev.ccbridge.api.StagingRequest;
import dev.ccbridge.api.StagingRequestStatus.Phase;
import io.fabric8.kubernetes.api.model.KubernetesResourceList;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.Watch;
import io.fabric8.kubernetes.client.Watcher;
import io.fabric8.kubernetes.client.WatcherException;
import io.fabric8.kubernetes.client.dsl.MixedOperation;
import io.fabric8.kubernetes.client.dsl.Resource;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.IntConsumer;

/** Many StagingRequests at once, and when what happened to each of them. */
final class Load implements Watcher<StagingRequest>, AutoCloseable {
  private static final int IN_FLIGHT = 16;
  private static final int LIMIT_SECONDS = 120;

  private final KubernetesClient client;
  private final String prefix;
  private final int count;
  private final String source;
  private final Watch watch;
  private final Map<String, Long> begun = new ConcurrentHashMap<>();
  private final Map<String, Long> created = new ConcurrentHashMap<>();
  private final Map<String, Long> accepted = new ConcurrentHashMap<>();
  private final Map<String, Long> running = new ConcurrentHashMap<>();
  private final CountDownLatch awaitedAccepted;
  private final CountDownLatch awaitedRunning;
  private final CountDownLatch awaitedGone;

  /**
   * @param source of each app
   */
  Load(KubernetesClient client, String prefix, int count, String source) {
    this.client = client;
    this.prefix = prefix;
    this.count = count;
    this.source = source;
    awaitedAccepted = new CountDownLatch(count);
    awaitedRunning = new CountDownLatch(count);
    awaitedGone = new CountDownLatch(count);
    watch = requests().inNamespace("default").watch(this);
  }

  /** What a group of calls achieved; times in ms from the beginning of the create call. */
  record Result(double perSecond, Samples millis) {
    @Override
    public String toString() {
      return String.format(
          Locale.ROOT,
          "%7.1f /s   p50 %7.1f ms   p99 %7.1f ms",
          perSecond,
          millis.percentile(50),
          millis.percentile(99));
    }
  }

  /** Creates them all; how long the calls took. */
  Result create() throws Exception {
    inFlight(
        i -> {
          var name = prefix + i;
          begun.put(name, System.nanoTime());
          requests().resource(StagingRequests.of(name, source)).create();
          created.put(name, System.nanoTime());
        });
    return result(created);
  }

  /** Waits until the operator has taken on all. */
  Result awaitAccepted() throws Exception {
    await(awaitedAccepted, "accepted");
    return result(accepted);
  }

  /** Waits until the status of all says that the task runs. */
  Result awaitRunning() throws Exception {
    await(awaitedRunning, "running");
    return result(running);
  }

  /** Deletes them all; resources gone per second, from the first call on. */
  double delete() throws Exception {
    var begin = System.nanoTime();
    inFlight(i -> requests().inNamespace("default").withName(prefix + i).delete());
    await(awaitedGone, "gone");
    return count / ((System.nanoTime() - begin) / 1e9);
  }

  private Result result(Map<String, Long> moments) {
    var first = begun.values().stream().mapToLong(Long::longValue).min().orElseThrow();
    var last = moments.values().stream().mapToLong(Long::longValue).max().orElseThrow();
    return new Result(
        moments.size() / ((last - first) / 1e9),
        new Samples(
            moments.entrySet().stream()
                .mapToDouble(e -> (e.getValue() - begun.get(e.getKey())) / 1e6)
                .toArray()));
  }

  private void inFlight(IntConsumer call) throws Exception {
    var permits = new Semaphore(IN_FLIGHT);
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (var i = 0; i < count; i++) {
        var number = i;
        permits.acquire();
        threads.execute(
            () -> {
              try {
                call.accept(number);
              } finally {
                permits.release();
              }
            });
      }
    }
  }

  private void await(CountDownLatch latch, String state) throws InterruptedException {
    if (!latch.await(LIMIT_SECONDS, TimeUnit.SECONDS)) {
      throw new IllegalStateException(
          latch.getCount() + " of " + count + " not " + state + " after " + LIMIT_SECONDS + " s");
    }
  }

  private MixedOperation<
          StagingRequest, KubernetesResourceList<StagingRequest>, Resource<StagingRequest>>
      requests() {
    return client.resources(StagingRequest.class);
  }

  @Override
  public void eventReceived(Action action, StagingRequest request) {
    var now = System.nanoTime();
    var name = request.getMetadata().getName();
    if (!name.startsWith(prefix)) {
      return;
    }
    if (action == Action.DELETED) {
      awaitedGone.countDown();
      return;
    }
    var status = request.getStatus();
    if (status == null
        || status.phase() == null
        || status.phase() == Phase.PENDING
        || !request.getMetadata().getGeneration().equals(status.observedGeneration())) {
      return;
    }
    if (accepted.putIfAbsent(name, now) == null) {
      awaitedAccepted.countDown();
    }
    if (status.cellId() != null && running.putIfAbsent(name, now) == null) {
      awaitedRunning.countDown();
    }
  }

  @Override
  public void onClose(WatcherException cause) {
    throw new IllegalStateException("the watch ended", cause);
  }

  @Override
  public void close() {
    watch.close();
  }
}
