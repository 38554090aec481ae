package dev.ccbridge.receptor.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpServer;
import dev.ccbridge.receptor.Requests;
import dev.ccbridge.receptor.model.ActualLRPState;
import dev.ccbridge.receptor.model.TaskState;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A day of a Receptor's life, in a time of its own, leaves nothing behind. */
@Timeout(300)
class LongLifeTest {
  private static final int CRASHING = 2;
  private static final int HEALTHY = 3;
  private static final Duration STEP = Duration.ofMinutes(15);
  private static final int STEPS_OF_A_DAY = (int) Duration.ofDays(1).dividedBy(STEP);
  private static final int STEPS_TO_WARM_UP = (int) Duration.ofHours(3).dividedBy(STEP);

  /**
   * Threads and files that other tests of this JVM may have begun; one a step were eight times as
   * many.
   */
  private static final int OF_OTHERS = (STEPS_OF_A_DAY - STEPS_TO_WARM_UP) / 8;

  @TempDir private Path directory;
  private Path file;
  private StoreScenario scenario;
  private HttpServer receiver;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final AtomicInteger told = new AtomicInteger();
  private int tasks;

  private record Held(int threads, long openFiles, long heapBytes, long fileBytes) {}

  @BeforeEach
  void start() throws IOException {
    receiver = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 10);
    receiver.setExecutor(threads);
    receiver.createContext(
        "/",
        exchange -> {
          told.incrementAndGet();
          exchange.sendResponseHeaders(200, -1);
          exchange.close();
        });
    receiver.start();
    file = directory.resolve("receptor.db");
    scenario = new StoreScenario(file);
  }

  @AfterEach
  void close() {
    scenario.close();
    receiver.stop(0);
    threads.shutdownNow();
  }

  @Test
  void holdsNoMoreAfterADayThanAfterItsFirstHours() throws Exception {
    for (var i = 0; i < HEALTHY; i++) {
      scenario.runLRP("healthy-" + i, 2);
    }
    for (var i = 0; i < CRASHING; i++) {
      scenario.store.createDesiredLRP(Requests.lrp("crashing-" + i, 2));
    }
    live(STEPS_TO_WARM_UP);
    var early = held();
    live(STEPS_OF_A_DAY - STEPS_TO_WARM_UP);
    var late = held();
    System.out.println("a day of life: early " + early + ", late " + late);

    assertThat(told).hasValue(STEPS_OF_A_DAY);
    assertThat(scenario.store.tasks("")).isEmpty();
    assertThat(scenario.store.domains()).containsExactly("for-ever");
    assertThat(scenario.store.desiredLRPs("")).hasSize(HEALTHY + CRASHING);
    assertThat(scenario.store.actualLRPs("")).hasSize(2 * (HEALTHY + CRASHING));
    assertThat(scenario.store.actualLRPsOf("healthy-0"))
        .allMatch(instance -> instance.state() == ActualLRPState.RUNNING)
        .allMatch(instance -> instance.crashCount() == 0);
    assertThat(scenario.store.actualLRPsOf("crashing-0"))
        .as("one crash a step, since the waits are longer than a step")
        .allMatch(instance -> instance.crashCount() > 40 && instance.crashCount() < 110);

    assertThat(late.threads()).isLessThanOrEqualTo(early.threads() + OF_OTHERS);
    assertThat(late.openFiles()).isLessThanOrEqualTo(early.openFiles() + OF_OTHERS);
    assertThat(late.heapBytes()).isLessThan(early.heapBytes() + (2 << 20));
    assertThat(late.fileBytes()).isLessThan(early.fileBytes() + (4 << 20));
  }

  /** In each step a task with a callback, one without, an LRP that comes and goes, a domain. */
  private void live(int steps) {
    for (var step = 0; step < steps; step++) {
      var number = tasks++;
      scenario.runTask("told-" + number, url());
      scenario.runTask("untold-" + number, "");
      scenario.runLRP("passing-" + number, 1);
      scenario.store.upsertDomain("domain-" + number, Duration.ofMinutes(2));
      scenario.store.upsertDomain("for-ever", Duration.ZERO);
      scenario.backend.finish("told-" + number, "done");
      scenario.backend.fail("untold-" + number, "Exited with status 1");
      assertThat(scenario.task("untold-" + number).state()).isEqualTo(TaskState.COMPLETED);
      scenario.awaitNoTask("told-" + number);
      scenario.store.deleteDesiredLRP("passing-" + number);
      passWithCrashes();
      scenario.backend.forgetThePast();
    }
  }

  private void passWithCrashes() {
    for (var i = 0; i < CRASHING; i++) {
      for (var index = 0; index < 2; index++) {
        crashUntilItHasToWait("crashing-" + i, index);
      }
    }
    scenario.time.advance(STEP);
  }

  private void crashUntilItHasToWait(String processGuid, int index) {
    while (scenario.instance(processGuid, index).state() != ActualLRPState.CRASHED) {
      scenario.awaitContainer(processGuid, index);
      scenario.backend.crash(processGuid, index, "Exited with status 1");
    }
  }

  private Held held() throws Exception {
    await().atMost(StoreScenario.SOON).until(() -> scenario.store.tasks("").isEmpty());
    long heap = Long.MAX_VALUE;
    for (var i = 0; i < 5; i++) {
      System.gc();
      var runtime = Runtime.getRuntime();
      heap = Math.min(heap, runtime.totalMemory() - runtime.freeMemory());
    }
    var system =
        (com.sun.management.UnixOperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
    return new Held(
        ManagementFactory.getThreadMXBean().getThreadCount(),
        system.getOpenFileDescriptorCount(),
        heap,
        Files.size(file));
  }

  private String url() {
    return "http://127.0.0.1:" + receiver.getAddress().getPort() + "/done";
  }
}
