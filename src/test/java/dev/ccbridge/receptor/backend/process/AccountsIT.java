package dev.ccbridge.receptor.backend.process;

import static dev.ccbridge.receptor.backend.Containers.task;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.ccbridge.executor.FileTrees;
import dev.ccbridge.receptor.backend.ArtifactServer;
import dev.ccbridge.receptor.backend.Container;
import dev.ccbridge.receptor.backend.ContainerOutcome;
import dev.ccbridge.receptor.backend.RecordingListener;
import dev.ccbridge.receptor.model.Action;
import dev.ccbridge.receptor.model.LogLine;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;

/** Programs as the user their action names, which takes root. */
@Timeout(60)
class AccountsIT {
  private final RecordingListener listener = new RecordingListener();
  private final ArtifactServer server = new ArtifactServer();
  private Path data;
  private ProcessBackend backend;

  /**
   * Without namespaces users other than ours must be able to reach the directory; with them it may
   * not be below {@code /tmp}, which no container sees.
   */
  private void prepare(Isolation isolation) throws Exception {
    var parent = Path.of(isolation == Isolation.PATH_REWRITING ? "/tmp" : "target");
    data = Files.createTempDirectory(parent.toAbsolutePath(), "cc-bridge-accounts");
    Files.setPosixFilePermissions(data, PosixFilePermissions.fromString("rwxr-xr-x"));
    ProcessBackendContract.skipWhereItDoesNotWork(isolation, data);
    backend =
        new ProcessBackend(
            ProcessBackendConfig.defaults(data)
                .withIsolation(isolation)
                .withTiming(ProcessBackendContract.FAST));
    backend.start(listener, List.of());
  }

  private void start(Isolation isolation) throws Exception {
    prepare(isolation);
    if (Accounts.owner(data) != 0) {
      System.out.println("skipped, as only root can be other users");
      Assumptions.abort("not root");
    }
  }

  @AfterEach
  void stop() throws IOException {
    server.close();
    if (backend != null) {
      backend.close();
      assertThat(ContainerProcesses.directoriesInUse(data.resolve("containers"))).isEmpty();
    }
    FileTrees.delete(data);
  }

  private static Action.Run as(String user, String script) {
    return Action.run(user, "/bin/sh", List.of("-c", script), List.of(), null, "");
  }

  private ContainerOutcome perform(Container task) throws Exception {
    backend.place(task);
    backend.run(task);
    return listener.awaitEnd(task.guid());
  }

  private String result(Action action) throws Exception {
    var outcome = perform(task(action, "/tmp/r"));
    assertThat(outcome.reason()).isEmpty();
    return outcome.result();
  }

  private Path files(Container container) {
    return data.resolve("containers").resolve(container.guid());
  }

  @ParameterizedTest
  @EnumSource(mode = Mode.EXCLUDE, names = "USER_NAMESPACES")
  void programsRunAsTheUserOfTheirAction(Isolation isolation) throws Exception {
    start(isolation);
    var who = "{ id -u; id -g; echo $USER; echo $HOME; } > ${TMPDIR:-/tmp}/r";

    var vcap = result(as("vcap", who)).split("\n");
    var stranger = result(as("no-such-user", who)).split("\n");

    assertThat(Long.parseLong(vcap[0])).isGreaterThan(1_000_000_000L);
    assertThat(vcap[1]).isEqualTo(vcap[0]);
    assertThat(vcap[2]).isEqualTo("vcap");
    assertThat(vcap[3]).endsWith("/home/vcap");
    assertThat(Long.parseLong(stranger[0])).isGreaterThan(1_000_000_000L);
    assertThat(stranger[2]).isEqualTo("no-such-user");
    assertThat(result(as("root", who))).isEqualTo("0\n0\nroot\n/root\n");
    assertThat(result(as("daemon", who))).startsWith("1\n1\ndaemon\n");
  }

  @ParameterizedTest
  @EnumSource(names = "NAMESPACES")
  void vcapHasANameAndNoWayToPrivileges(Isolation isolation) throws Exception {
    start(isolation);

    var said =
        result(
            as(
                "vcap",
                "{ id -un; id -gn; grep -E '^(CapEff|NoNewPrivs)' /proc/self/status; } >/tmp/r"));

    assertThat(said).isEqualTo("vcap\nvcap\nCapEff:\t0000000000000000\nNoNewPrivs:\t1\n");
  }

  @ParameterizedTest
  @EnumSource(mode = Mode.EXCLUDE, names = "USER_NAMESPACES")
  void whatIsDownloadedAndWrittenBelongsToItsUser(Isolation isolation) throws Exception {
    start(isolation);
    server.serve("/a.tgz", ArtifactServer.tgz(Map.of("d/f", "x")));
    server.answer("/up", 200);
    var script =
        "echo y >> new/dir/d/f && touch mine && echo to-stdout > /dev/stdout && "
            + "{ stat -c %u . new new/dir new/dir/d new/dir/d/f mine | sort -u | wc -l;"
            + " test $(stat -c %u new) = $(id -u) && echo ours; } > ${TMPDIR:-/tmp}/r";
    var work =
        Action.serial(
            List.of(
                Action.download("", server.url("/a.tgz"), "/home/vcap/new/dir", "", "vcap"),
                as("vcap", script),
                Action.upload("", "/home/vcap/mine", server.url("/up"), "vcap")));

    assertThat(result(work)).isEqualTo("1\nours\n");
  }

  /** A file of root's is uploaded for root, and for vcap as far as vcap could read it. */
  @ParameterizedTest
  @CsvSource({
    "root, 600, 755, true",
    "vcap, 600, 755, false",
    "vcap, 644, 755, true",
    "vcap, 644, 700, false",
    "vcap, 640, 755, false",
    "daemon, 604, 711, true",
  })
  void uploadsReadAsTheirUser(String user, String file, String directory, boolean isUploaded)
      throws Exception {
    start(Isolation.NAMESPACES);
    server.answer("/up", 200);
    var make = "mkdir /tmp/d && echo x >/tmp/d/f && chmod %s /tmp/d/f && chmod %s /tmp/d";
    var work =
        Action.serial(
            List.of(
                as("root", make.formatted(file, directory)),
                Action.upload("", "/tmp/d/f", server.url("/up"), user)));

    var reason = isUploaded ? "" : "Failed to establish stream from container";
    assertThat(perform(task(work)).reason()).isEqualTo(reason);
  }

  @ParameterizedTest
  @EnumSource(mode = Mode.EXCLUDE, names = "USER_NAMESPACES")
  void containersNeitherReadNorSignalEachOther(Isolation isolation) throws Exception {
    start(isolation);
    var marker = "89" + System.nanoTime() % 100_000_000;
    var victim = task(as("vcap", "echo secret > f; chmod 644 f; echo up; exec sleep " + marker));
    backend.place(victim);
    backend.run(victim);
    await().until(() -> !backend.taskLogs(victim.guid(), 1).isEmpty());
    var file = files(victim).resolve("home/vcap/f");
    assertThat(file).hasContent("secret");
    int number = Accounts.number(new ContainerDirectory(files(victim)));
    var pids =
        ProcFs.pids().stream().filter(pid -> isOwnedBy(number, pid)).map(String::valueOf).toList();
    assertThat(pids).isNotEmpty();

    var attempt =
        "{ cat %s && echo read; ls %s && echo listed; kill -9 %s && echo killed; kill -9 -1; } 2>&1 | cat"
            .formatted(file, files(victim), String.join(" ", pids));
    var attacker = task(as("vcap", attempt));
    perform(attacker);

    assertThat(backend.taskLogs(attacker.guid(), 20).toString())
        .doesNotContain("text=secret")
        .doesNotContain("text=read")
        .doesNotContain("text=listed");
    assertThat(pids).allMatch(pid -> isOwnedBy(number, Long.parseLong(pid)));
    backend.stop(victim.guid());
    assertThat(listener.awaitEnd(victim.guid()).reason()).isEqualTo("cancelled");
  }

  /** Whatever user they are: nothing of the cell's is there to be seen. */
  @ParameterizedTest
  @EnumSource(mode = Mode.EXCLUDE, names = "PATH_REWRITING")
  void nothingOfTheCellIsToBeSeen(Isolation isolation) throws Exception {
    prepare(isolation);
    var other = task(as("root", "echo secret > f; chmod 666 f; echo up; exec sleep 1000"));
    backend.place(other);
    backend.run(other);
    await().until(() -> !backend.taskLogs(other.guid(), 1).isEmpty());
    var file = files(other).resolve("home/vcap/f");
    assertThat(file).hasContent("secret");

    var spy =
        task(as("root", "cat %s; ls %s; ls -A %s; :".formatted(file, file.getParent(), data)));
    perform(spy);

    assertThat(backend.taskLogs(spy.guid(), 20).stream().filter(line -> !line.stderr()))
        .extracting(LogLine::text)
        .containsExactly("Exit status 0");
    backend.destroy(other.guid());
  }

  private static boolean isOwnedBy(int number, long pid) {
    try {
      return Accounts.owner(ProcFs.of(pid)) == number && !ProcFs.isZombie(pid);
    } catch (IOException e) {
      return false;
    }
  }

  /** Without environment, session, working directory and output of the container's. */
  @ParameterizedTest
  @EnumSource(mode = Mode.EXCLUDE, names = "USER_NAMESPACES")
  void programThatHidesAllButItsUserDiesWithItsContainer(Isolation isolation) throws Exception {
    start(isolation);
    var marker = "90" + System.nanoTime() % 100_000_000;
    var task =
        task(
            as(
                "vcap",
                "cd /; (env -i setsid sleep %s >/dev/null 2>&1 &); sleep 0.2".formatted(marker)));

    assertThat(perform(task).reason()).isEmpty();

    assertThat(ProcFs.pids()).noneMatch(pid -> commandLine(pid).contains(marker));
  }

  private static String commandLine(long pid) {
    try {
      return Files.readString(ProcFs.of(pid).resolve("cmdline"));
    } catch (IOException e) {
      return "";
    }
  }

  @ParameterizedTest
  @EnumSource(mode = Mode.EXCLUDE, names = "USER_NAMESPACES")
  void taskKeepsItsNumberAcrossRestartsAndGivesItBack(Isolation isolation) throws Exception {
    start(isolation);
    var task =
        task(
            as(
                "vcap",
                "id -u > $HOME/before; echo up; while [ ! -e go ]; do sleep 0.05; done;"
                    + " id -u | diff - before"));
    backend.place(task);
    backend.run(task);
    await().until(() -> !backend.taskLogs(task.guid(), 1).isEmpty());
    int number = Accounts.number(new ContainerDirectory(files(task)));
    backend.close();
    backend =
        new ProcessBackend(
            ProcessBackendConfig.defaults(data)
                .withIsolation(isolation)
                .withTiming(ProcessBackendContract.FAST));
    backend.start(listener, List.of(task));

    assertThat(Accounts.number(new ContainerDirectory(files(task)))).isEqualTo(number);
    Files.createFile(files(task).resolve("home/vcap/go"));

    assertThat(listener.awaitEnd(task.guid()).reason()).isEmpty();
    assertThat(Accounts.number(new ContainerDirectory(files(task)))).isZero();
    assertThat(files(task).resolve("passwd")).doesNotExist();
    assertThat(Files.exists(files(task).resolve("home"), LinkOption.NOFOLLOW_LINKS)).isFalse();
  }
}
