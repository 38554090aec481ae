package dev.ccbridge.receptor.backend.process;

import static dev.ccbridge.receptor.backend.Containers.sh;
import static dev.ccbridge.receptor.backend.Containers.task;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.ccbridge.receptor.backend.Backend;
import dev.ccbridge.receptor.backend.BackendContract;
import dev.ccbridge.receptor.backend.Container;
import dev.ccbridge.receptor.backend.ContainerOutcome;
import dev.ccbridge.receptor.backend.Containers;
import dev.ccbridge.receptor.backend.process.ProcessBackendConfig.Timing;
import dev.ccbridge.receptor.model.CellResponse.Capacity;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

/** The contract, and what is particular to processes, under one kind of isolation. */
abstract class ProcessBackendContract extends BackendContract {
  static final Timing FAST =
      new Timing(
          Duration.ofMillis(50),
          Duration.ofMillis(100),
          Duration.ofSeconds(1),
          Duration.ofMillis(20));

  private static final int MAX_PROCESSES = 150;

  private Path directory;

  abstract Isolation isolation();

  @Override
  protected Backend backend(Path temporary) {
    directory = temporary;
    skipWhereItDoesNotWork(isolation(), temporary);
    return new ProcessBackend(
        ProcessBackendConfig.defaults(temporary)
            .withIsolation(isolation())
            .withTiming(FAST)
            .withMaxProcesses(MAX_PROCESSES)
            .withCapacity(new Capacity(1024, 1024, 100)));
  }

  static void skipWhereItDoesNotWork(Isolation isolation, Path temporary) {
    try {
      Confinement.probe(Optional.of(isolation), temporary.resolve("scripts"));
    } catch (IOException e) {
      System.out.println("skipped, as this machine does not let us: " + isolation);
      Assumptions.abort("this machine does not let us: " + isolation);
    }
  }

  private Path files(Container container) {
    return directory.resolve("containers").resolve(container.guid());
  }

  @Override
  protected void makeSick(Container instance) throws Exception {
    Files.createFile(files(instance).resolve("home/vcap/go"));
  }

  @Test
  void descendantsDieWithTheirContainer() throws Exception {
    var marker = "86" + System.nanoTime() % 100_000_000;
    var task =
        task(
            sh(
                "(setsid sh -c 'sleep "
                    + marker
                    + " & sleep "
                    + marker
                    + "' &) ; (env -i setsid sleep "
                    + marker
                    + " >/dev/null 2>&1 &) ; sleep 0.2"));

    assertThat(perform(task).failed()).isFalse();

    assertThat(commandLines()).noneMatch(line -> line.contains(marker));
  }

  @Test
  void daemonsOfADestroyedContainerDie() throws Exception {
    var marker = "87" + System.nanoTime() % 100_000_000;
    var task = task(sh("(setsid sleep " + marker + " &) ; sleep 100"));
    start(task);
    await().until(() -> commandLines().stream().anyMatch(line -> line.equals("sleep " + marker)));

    backend().destroy(task.guid());

    assertThat(commandLines()).noneMatch(line -> line.contains(marker));
    assertThat(files(task)).doesNotExist();
  }

  /** Whether a process was started with a word in its command. */
  static boolean runs(long pid, String word) {
    try {
      return Files.readString(ProcFs.of(pid).resolve("cmdline")).contains(word);
    } catch (IOException e) {
      return false;
    }
  }

  @Test
  void resultFileIsAPlainFileOfTheContainer() throws Exception {
    for (var other :
        List.of(
            "mkdir /tmp/r", "ln -s /etc/passwd /tmp/r", "ln -s nowhere /tmp/r", "mkfifo /tmp/r")) {
      assertThat(perform(task(sh(other), "/tmp/r")).reason())
          .as(other)
          .isEqualTo("failed to fetch result");
    }
    assertThat(perform(task(sh("printf x > \"${TMPDIR:-/tmp}/y\"; ln -s y /tmp/r"), "/tmp/r")))
        .isEqualTo(ContainerOutcome.succeeded("x"));
    assertThat(perform(task(sh("printf 'a\\377b' > /tmp/r"), "/tmp/r")).result())
        .isEqualTo("a\uFFFDb");
  }

  private static List<String> commandLines() {
    return ProcFs.pids().stream()
        .map(
            pid -> {
              try {
                return Files.readString(ProcFs.of(pid).resolve("cmdline"))
                    .replace('\0', ' ')
                    .strip();
              } catch (IOException e) {
                return "";
              }
            })
        .toList();
  }

  @Test
  void memoryIsReservedUntilTheContainerEnds() throws Exception {
    var big = IntStream.range(0, 16).mapToObj(i -> task(sh("true"))).toList();
    big.forEach(backend()::place);

    assertThatThrownBy(() -> backend().place(task(sh("true"))))
        .hasMessage("insufficient resources");

    backend().run(big.getFirst());
    listener().awaitEnd(big.getFirst().guid());
    var next = task(sh("true"));
    assertThat(backend().place(next)).isEqualTo("local");
    backend().destroy(next.guid());
    big.forEach(container -> backend().destroy(container.guid()));
  }

  @Test
  void programThatTakesTooMuchMemoryIsKilledAndItIsSaid() throws Exception {
    var task = task(sh("head -c 300m /dev/zero | tail > /dev/null"));
    var outcome = perform(task);

    if (!outcome.failed()) {
      System.out.println("skipped, as this machine has no control groups for us");
      Assumptions.abort("no control groups");
    }
    assertThat(outcome.reason()).isEqualTo("Exited with status 137 (out of memory)");
  }

  /** More than it may have. */
  @Test
  void forkBombIsHeldAndGoesWithItsContainer() throws Exception {
    var marker = "85" + System.nanoTime() % 100_000_000;
    var bomb =
        "i=0; while [ $i -lt %d ]; do sleep %s & i=$((i+1)); done; echo all"
            .formatted(2 * MAX_PROCESSES, marker);
    var task = Containers.withMemory(task(sh(bomb)), 0);

    var outcome = perform(task);

    assertThat(commandLines()).noneMatch(line -> line.contains(marker));
    if (!outcome.failed()) {
      System.out.println("skipped, as this machine has no control groups for us");
      Assumptions.abort("no control groups");
    }
    assertThat(outcome.reason()).isEqualTo("Exited with status 2");
  }

  @Test
  void programThatDoesNotListenIsKilledWithAllThatItStarted() throws Exception {
    var marker = "84" + System.nanoTime() % 100_000_000;
    var deaf =
        "trap '' TERM; (trap '' TERM; setsid sh -c 'trap \"\" TERM; sleep %1$s; sleep %1$s') & "
                .formatted(marker)
            + "(trap '' TERM; (setsid sleep %s &) &); echo up; while :; do sleep 0.1; done"
                .formatted(marker);
    var task = task(sh(deaf));
    start(task);
    await()
        .until(() -> commandLines().stream().filter(l -> l.equals("sleep " + marker)).count() > 1);

    backend().stop(task.guid());

    assertThat(listener().awaitEnd(task.guid()).reason()).isEqualTo("cancelled");
    assertThat(commandLines()).noneMatch(line -> line.contains(marker));
  }

  @Test
  void guidThatIsNoFileNameIsRefused() {
    assertThatThrownBy(() -> backend().taskLogs("../x", 1)).hasMessageContaining("container guid");
  }
}
