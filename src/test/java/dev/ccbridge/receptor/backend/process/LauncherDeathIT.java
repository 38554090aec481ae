package dev.ccbridge.receptor.backend.process;

import static dev.ccbridge.receptor.backend.Containers.sh;
import static dev.ccbridge.receptor.backend.Containers.task;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.ccbridge.receptor.backend.Container;
import dev.ccbridge.receptor.backend.Containers;
import dev.ccbridge.receptor.backend.RecordingListener;
import dev.ccbridge.receptor.model.LogLine;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What starts and watches a program is killed after each of its steps, and the operator with it:
 * the next life starts the program if it cannot have been started, and otherwise never again.
 */
@Timeout(60)
class LauncherDeathIT {
  private static final String LOST = "cell disappeared before completion";

  @TempDir private Path data;
  private final RecordingListener listener = new RecordingListener();

  private ProcessBackend start(Container... tasks) {
    var backend =
        new ProcessBackend(
            ProcessBackendConfig.defaults(data).withTiming(ProcessBackendContract.FAST));
    backend.start(listener, List.of(tasks));
    return backend;
  }

  @AfterEach
  void nothingIsLeft() throws Exception {
    Leftovers.assertNone(data);
  }

  /**
   * @param files of the run, by name, as the death left them
   */
  record Death(String after, Map<String, String> files, String reason, boolean starts) {
    @Override
    public String toString() {
      return after;
    }
  }

  static Stream<Death> deaths() {
    var boot = ProcFs.bootId();
    var script = "echo old; exit 9\n";
    // A process that is no more: numbers do not go that far.
    var dead = "4194305 (sh) S 1 1 1 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 77 0 0";
    return Stream.of(
        new Death("making the directory", Map.of(), "", true),
        new Death("a part of the script", Map.of("script", "echo ol"), "", true),
        new Death("the script", Map.of("script", script), "", true),
        new Death(
            "the intent", Map.of("script", script, "intent", boot), "Exited with status 9", true),
        new Death(
            "saying who it is",
            Map.of("script", script, "intent", boot, "token.77", dead),
            "Exited with status 9",
            true),
        new Death(
            "taking the token",
            Map.of("script", script, "intent", boot, "token.77", dead, "token", dead),
            LOST,
            false),
        new Death(
            "some output",
            Map.of("script", script, "intent", boot, "token", dead, "out", "half\n"),
            LOST,
            false),
        new Death(
            "a part of the status",
            Map.of("script", script, "intent", boot, "token", dead, "status", "1"),
            LOST,
            false),
        new Death(
            "the status",
            Map.of("script", script, "intent", boot, "token", dead, "status", "3\n"),
            "Exited with status 3",
            false));
  }

  @ParameterizedTest
  @MethodSource("deaths")
  void programIsStartedOnlyIfItCannotHaveBeen(Death death) throws Exception {
    var task = task(sh("echo new"));
    var run = data.resolve("containers").resolve(task.guid()).resolve("runs/0");
    Files.createDirectories(run);
    for (var file : death.files().entrySet()) {
      Files.writeString(run.resolve(file.getKey()), file.getValue());
    }

    try (var backend = start(task)) {
      assertThat(listener.awaitEnd(task.guid()).reason()).isEqualTo(death.reason());
      var printed = backend.taskLogs(task.guid(), 10).stream().map(LogLine::text).toList();
      assertThat(printed.contains("new") || printed.contains("old")).isEqualTo(death.starts());
      backend.destroy(task.guid());
    }
  }

  @Test
  void programWhoseWatcherIsKilledEndsWithItsTask() throws Exception {
    var marker = "83" + System.nanoTime() % 100_000_000;
    var task = task(sh("(setsid sleep %1$s &); echo up; sleep %1$s".formatted(marker)));
    try (var backend = start()) {
      backend.place(task);
      backend.run(task);
      await().until(() -> !backend.taskLogs(task.guid(), 1).isEmpty());
      var run = data.resolve("containers").resolve(task.guid()).resolve("runs/0");

      ContainerProcesses.kill(ProcessIdentity.read(run.resolve("token")).orElseThrow().pid());

      assertThat(listener.awaitEnd(task.guid()).reason()).isEqualTo(LOST);
      assertThat(ProcFs.pids()).noneMatch(pid -> ProcessBackendContract.runs(pid, marker));
      backend.destroy(task.guid());
    }
  }

  @Test
  void tasksAndInstancesThatEndInAnyWayLeaveNothing() throws Exception {
    try (var backend = start()) {
      var tasks =
          List.of(
              task(sh("true")),
              task(sh("exit 3")),
              task(sh("mkdir -p a/b; chmod 0 a; ln -s / link; (setsid sleep 1000 &) ; exit 1")),
              task(sh("true"), "/tmp/none"));
      var instance = Containers.instance(sh("exit 4"), null, 0);
      Stream.concat(tasks.stream(), Stream.of(instance))
          .forEach(
              container -> {
                backend.place(container);
                backend.run(container);
              });
      var cut = task(sh("echo up; sleep 1000"));
      backend.place(cut);
      backend.run(cut);
      await().until(() -> !backend.taskLogs(cut.guid(), 1).isEmpty());
      backend.destroy(cut.guid());
      for (var task : tasks) {
        assertThat(listener.awaitEnd(task.guid())).isNotNull();
        backend.destroy(task.guid());
      }
      assertThat(listener.awaitEnd(instance.guid()).failed()).isTrue();
    }
  }
}
