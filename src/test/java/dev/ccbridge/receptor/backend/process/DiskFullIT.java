package dev.ccbridge.receptor.backend.process;

import static dev.ccbridge.receptor.backend.Containers.sh;
import static dev.ccbridge.receptor.backend.Containers.task;
import static org.assertj.core.api.Assertions.assertThat;

import dev.ccbridge.receptor.backend.ArtifactServer;
import dev.ccbridge.receptor.backend.Container;
import dev.ccbridge.receptor.backend.ContainerOutcome;
import dev.ccbridge.receptor.backend.RecordingListener;
import dev.ccbridge.receptor.model.Action;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A cell whose disk is full: what needs room fails and says so, and the cell goes on. */
@Timeout(60)
class DiskFullIT {
  @TempDir private Path data;
  private final RecordingListener listener = new RecordingListener();
  private final ArtifactServer server = new ArtifactServer();
  private ProcessBackend backend;
  private boolean isMounted;

  @BeforeEach
  void start() throws Exception {
    isMounted = succeeds("mount", "-t", "tmpfs", "-o", "size=12m", "tmpfs", data.toString());
    if (!isMounted) {
      System.out.println("skipped, as this machine does not let us mount");
      Assumptions.abort("no mounts");
    }
    backend =
        new ProcessBackend(
            ProcessBackendConfig.defaults(data).withTiming(ProcessBackendContract.FAST));
    backend.start(listener, List.of());
  }

  @AfterEach
  void stop() throws Exception {
    server.close();
    if (backend != null) {
      backend.close();
      Leftovers.assertNone(data);
    }
    if (isMounted) {
      assertThat(succeeds("umount", data.toString())).isTrue();
    }
  }

  private static boolean succeeds(String... command) throws Exception {
    try {
      return new ProcessBuilder(command).redirectErrorStream(true).start().waitFor() == 0;
    } catch (IOException e) {
      return false;
    }
  }

  private ContainerOutcome perform(Container task) throws Exception {
    backend.place(task);
    backend.run(task);
    var outcome = listener.awaitEnd(task.guid());
    return outcome;
  }

  @Test
  void archiveThatDoesNotFitFailsItsTaskAndGoes() throws Exception {
    server.serve("/big", ArtifactServer.tgz(Map.of("f", "x".repeat(30_000_000))));
    var task = task(Action.download("", server.url("/big"), "/tmp/d", "", "vcap"));

    assertThat(perform(task).reason()).isEqualTo("Copying into the container failed");

    assertThatTheCellGoesOn();
    backend.destroy(task.guid());
  }

  @Test
  void downloadThatDoesNotFitIsSaid() throws Exception {
    server.serve("/big", ArtifactServer.tar(Map.of("f", "x".repeat(30_000_000))));
    var task = task(Action.download("", server.url("/big"), "/tmp/d", "", "vcap"));

    assertThat(perform(task).reason()).isEqualTo("Downloading failed");

    assertThat(backend.progress(task.guid()).steps().getFirst().message())
        .isEqualTo("Downloading failed: the cell has no room for it");
    assertThat(server.requests("/big")).hasSize(1);
    assertThatTheCellGoesOn();
    backend.destroy(task.guid());
  }

  /** Neither the program's files nor its output find any room; the log may lose lines. */
  @Test
  void programThatFillsTheDiskFailsAlone() throws Exception {
    var task =
        task(
            sh(
                "head -c 40m /dev/zero > f; i=0; while [ $i -lt 200 ]; do echo line; i=$((i+1)); done; exit 7"));

    assertThat(perform(task).failed()).isTrue();
    backend.destroy(task.guid());

    assertThatTheCellGoesOn();
  }

  private void assertThatTheCellGoesOn() throws Exception {
    var next = task(sh("echo fine > /tmp/r"), "/tmp/r");
    assertThat(perform(next)).isEqualTo(ContainerOutcome.succeeded("fine\n"));
    backend.destroy(next.guid());
  }
}
