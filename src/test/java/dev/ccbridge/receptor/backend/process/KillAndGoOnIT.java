package dev.ccbridge.receptor.backend.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.ccbridge.receptor.backend.ArtifactServer;
import dev.ccbridge.receptor.backend.Container;
import dev.ccbridge.receptor.backend.ContainerOutcome;
import dev.ccbridge.receptor.backend.RecordingListener;
import dev.ccbridge.receptor.model.LogLine;
import dev.ccbridge.receptor.model.TaskProgress.StepState;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The operator is killed with SIGKILL while tasks are at different points of their work, twice; the
 * third life finds the end state of an undisturbed run.
 */
@Timeout(300)
class KillAndGoOnIT {
  /** Of use on a machine that is busy with other things. */
  private static final Duration SOON = Duration.ofSeconds(60);

  private final ArtifactServer server = new ArtifactServer();
  @TempDir private Path data;

  @BeforeEach
  void serve() throws Exception {
    server.serve("/bits", ArtifactServer.tgz(Map.of("f", "bits\n")));
    server.answer("/droplet", 200);
  }

  @AfterEach
  void close() {
    server.close();
  }

  @ParameterizedTest
  @EnumSource(Isolation.class)
  void tasksGoOnAndRunOnceAndInstancesAreGone(Isolation isolation) throws Exception {
    ProcessBackendContract.skipWhereItDoesNotWork(isolation, data.resolve("trial"));
    long seed = System.nanoTime();
    System.out.println("seed " + seed + " isolation " + isolation);
    var random = new Random(seed);
    var marker = "88" + Math.floorMod(seed, 100_000_000L);

    liveAndDie(isolation, marker, random, true, 100 + random.nextInt(700));
    await("the instance ends without another life")
        .atMost(SOON)
        .until(() -> sleepers(marker).isEmpty());
    liveAndDie(isolation, marker, random, false, random.nextInt(300));

    var tasks = KilledOperator.tasks(server.url(""));
    var begun =
        tasks.stream()
            .filter(task -> Files.exists(data.resolve("containers").resolve(task.guid())))
            .count();
    assertThat(begun).as("tasks that the operator was killed with").isPositive();
    var listener = new RecordingListener();
    try (var backend = KilledOperator.backend(data, isolation)) {
      backend.start(listener, tasks);

      assertThat(sleepers(marker)).as("left of the instance").isEmpty();
      for (var task : tasks) {
        assertThat(listener.awaitEnd(task.guid()))
            .as(task.guid())
            .isEqualTo(ContainerOutcome.succeeded("start\nend\nbits\n"));
        assertThatLogIsWhole(backend.taskLogs(task.guid(), 100), task);
        assertThat(backend.progress(task.guid()).steps())
            .allMatch(step -> step.state() == StepState.SUCCEEDED);
      }
      listener.assertThatOrderWasKept();
    }
  }

  private void liveAndDie(
      Isolation isolation, String marker, Random random, boolean first, int millis)
      throws Exception {
    var process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty(
                    "surefire.test.class.path", System.getProperty("java.class.path")),
                KilledOperator.class.getName(),
                data.toString(),
                isolation.name(),
                server.url(""),
                marker,
                Long.toString(random.nextLong()),
                Boolean.toString(first))
            .redirectError(Redirect.DISCARD)
            .start();
    try {
      assertThat(process.inputReader().readLine()).isEqualTo("started");
      if (first) {
        await().atMost(SOON).until(() -> !sleepers(marker).isEmpty());
      }
      // The moment of death is the point of the test; it is drawn, and printed with the seed.
      process.waitFor(millis, TimeUnit.MILLISECONDS);
    } finally {
      process.destroyForcibly();
      process.waitFor();
    }
  }

  private static List<Long> sleepers(String marker) {
    return ProcFs.pids().stream()
        .filter(
            pid -> {
              try {
                return Files.readString(ProcFs.of(pid).resolve("cmdline")).contains(marker)
                    && Files.readString(ProcFs.of(pid).resolve("comm")).startsWith("sleep");
              } catch (IOException e) {
                return false;
              }
            })
        .toList();
  }

  private static void assertThatLogIsWhole(List<LogLine> log, Container task) {
    assertThat(log.stream().map(LogLine::text))
        .as(task.guid())
        .contains("Downloading bits...")
        .filteredOn(text -> !text.contains("load"))
        .containsExactly(
            "line 1",
            "line 2",
            "line 3",
            "line 4",
            "line 5",
            "line 6",
            "Exit status 0",
            "Exit status 0");
  }
}
