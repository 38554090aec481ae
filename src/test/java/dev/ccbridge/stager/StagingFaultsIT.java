package dev.ccbridge.stager;

import static dev.ccbridge.stager.Requests.request;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.ccbridge.api.StagingRequest;
import dev.ccbridge.api.StagingRequestStatus;
import dev.ccbridge.kube.Conditions;
import dev.ccbridge.receptor.FakeReceptor;
import dev.ccbridge.receptor.FakeReceptor.When;
import dev.ccbridge.receptor.model.TaskState;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Whatever call to the Receptor fails, or the process dies at it, the end is that of the
 * undisturbed run. The calls are those that the undisturbed run makes.
 */
@Timeout(300)
class StagingFaultsIT {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  /** The lists of the poller are all alike. */
  private static final int ENOUGH = 2;

  /** The {@code occurrence}-th call of {@code operation}, from 0. */
  private record Call(String operation, int occurrence) {}

  /** What must be the same in the end. */
  private record End(
      Object phase, Object result, Object failure, List<String> conditions, int tasksCreated) {}

  @Test
  void aCallThatFailsChangesNothingInTheEnd() {
    var calls = new ArrayList<Call>();
    var undisturbed = run(bench -> {}, calls);
    assertThat(calls).hasSizeGreaterThan(5);
    assertThat(undisturbed.tasksCreated()).isEqualTo(1);
    var different = new TreeMap<String, End>();
    for (var call : calls) {
      for (var when : When.values()) {
        var end = run(bench -> failAt(bench, call, when), new ArrayList<>());
        if (!end.equals(undisturbed)) {
          different.put(when + " " + call, end);
        }
      }
    }
    assertThat(different).as("should be %s", undisturbed).isEmpty();
  }

  @Test
  void aProcessThatDiesAtACallChangesNothingInTheEnd() {
    var calls = new ArrayList<Call>();
    var undisturbed = run(bench -> {}, calls);
    var different = new TreeMap<String, End>();
    for (var call : calls) {
      for (var when : When.values()) {
        var end = run(bench -> dieAt(bench, call, when), new ArrayList<>());
        if (!end.equals(undisturbed)) {
          different.put(when + " " + call, end);
        }
      }
    }
    assertThat(different).as("should be %s", undisturbed).isEmpty();
  }

  private static End run(Consumer<StagerBench> disturb, List<Call> calls) {
    try (var bench = new StagerBench()) {
      disturb.accept(bench);
      bench.start();
      var request = bench.create(request().callback(bench.cc.callback("g")));
      actAsReceptor(bench, request);
      await().atMost(PATIENCE).until(() -> isDelivered(bench.get(request).getStatus()));
      await().atMost(PATIENCE).until(() -> bench.receptor.currentTasks().isEmpty());
      calls.addAll(distinct(bench.receptor.calls()));
      assertThat(bench.cc.told()).isNotEmpty();
      assertThat(Map.of(bench.cc.told().getFirst(), 1).keySet()).containsAll(bench.cc.told());
      return end(bench, request);
    }
  }

  /** Runs the task as soon as it is there. */
  private static void actAsReceptor(StagerBench bench, StagingRequest request) {
    var guid = bench.awaitTask(request);
    bench.receptor.startTask(guid, "cell-1");
    bench.receptor.completeTask(guid, TestTasks.RESULT);
    assertThat(bench.receptor.currentTasks()).allMatch(task -> task.state() == TaskState.COMPLETED);
  }

  private static boolean isDelivered(StagingRequestStatus status) {
    return status.delivery() != null && status.delivery().deliveredAt() != null;
  }

  private static End end(StagerBench bench, StagingRequest request) {
    var status = bench.get(request).getStatus();
    var droplet = "/v1/blobs/droplets/" + request.getMetadata().getUid();
    assertThat(status.result().dropletUri()).isEqualTo(droplet);
    return new End(
        status.phase(),
        status.result().startCommand(),
        status.failure(),
        status.conditions().stream()
            .map(
                c ->
                    c.getType()
                        + "="
                        + Conditions.isTrue(status.conditions(), c.getType())
                        + " "
                        + c.getReason())
            .sorted()
            .collect(Collectors.toList()),
        bench.receptor.createdTasks().size());
  }

  private static List<Call> distinct(List<String> operations) {
    var calls = new ArrayList<Call>();
    var seen = new TreeMap<String, Integer>();
    for (var operation : operations) {
      var occurrence = seen.merge(operation, 1, Integer::sum) - 1;
      if (occurrence < ENOUGH) {
        calls.add(new Call(operation, occurrence));
      }
    }
    return calls;
  }

  /** Runs {@code effect} once, at the call. */
  private static void at(StagerBench bench, Call call, When when, Runnable effect) {
    var seen = new AtomicInteger();
    var done = new AtomicBoolean();
    bench.receptor.intercept(
        (moment, operation, number) -> {
          if (moment == when
              && operation.equals(call.operation())
              && seen.getAndIncrement() == call.occurrence()
              && !done.getAndSet(true)) {
            effect.run();
          }
        });
  }

  private static void failAt(StagerBench bench, Call call, When when) {
    at(
        bench,
        call,
        when,
        () -> {
          throw FakeReceptor.unreachable();
        });
  }

  /** The thread that makes the call never comes back; the next process starts a little later. */
  private static void dieAt(StagerBench bench, Call call, When when) {
    at(
        bench,
        call,
        when,
        () -> {
          var restarted = new CountDownLatch(1);
          Thread.ofVirtual()
              .start(
                  () -> {
                    bench.stop();
                    bench.start();
                    restarted.countDown();
                  });
          awaitRestart(restarted);
          throw FakeReceptor.unreachable();
        });
  }

  private static void awaitRestart(CountDownLatch restarted) {
    try {
      assertThat(restarted.await(30, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException killed) {
      Thread.currentThread().interrupt();
    }
  }
}
