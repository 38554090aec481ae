package dev.ccbridge.receptor.backend.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** What a cell may leave behind on a machine: nothing. */
final class Leftovers {
  private Leftovers() {}

  /**
   * Fails when something of a closed cell, of which no task is to be gone on with, is still there:
   * processes, mounts, control groups, files of containers, trials and downloads.
   */
  static void assertNone(Path data) throws Exception {
    var containers = data.resolve("containers");
    assertThat(ContainerProcesses.directoriesInUse(containers)).as("processes").isEmpty();
    try (var mounts = Files.lines(Path.of("/proc/self/mounts"))) {
      assertThat(mounts).as("mounts").noneMatch(mount -> mount.contains(containers.toString()));
    }
    var name = "cc-bridge-" + Integer.toHexString(data.hashCode());
    for (var hierarchy : List.of("", "memory", "pids")) {
      assertThat(Path.of("/sys/fs/cgroup", hierarchy, name)).as("control groups").doesNotExist();
    }
    // What is in the trash is deleted when there is time.
    await()
        .atMost(Duration.ofSeconds(30))
        .untilAsserted(
            () -> {
              assertThat(containers).isEmptyDirectory();
              assertThat(data.resolve("trash")).isEmptyDirectory();
            });
    assertThat(data.resolve("downloads/incoming")).isEmptyDirectory();
    try (var scripts = Files.newDirectoryStream(data.resolve("scripts"), "trial*")) {
      assertThat(scripts).as("trials").isEmpty();
    }
  }
}
