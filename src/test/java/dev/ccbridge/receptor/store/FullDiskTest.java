package dev.ccbridge.receptor.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import dev.ccbridge.ErrorKind;
import dev.ccbridge.receptor.Requests;
import dev.ccbridge.receptor.backend.FakeBackend;
import dev.ccbridge.receptor.model.ReceptorException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A disk that is full refuses, loses nothing, and is used again once there is room. */
@Timeout(120)
class FullDiskTest {
  private static final int DISK_KB = 512;

  @TempDir private Path directory;
  private Path disk;
  private boolean mounted;

  @BeforeEach
  void mountASmallDisk() throws Exception {
    disk = Files.createDirectory(directory.resolve("disk"));
    mounted = run("mount", "-t", "tmpfs", "-o", "size=" + DISK_KB + "k", "tmpfs", disk.toString());
    if (!mounted) {
      System.out.println("skipped, as this machine lets us mount no disk of our own");
    }
    Assumptions.assumeTrue(mounted, "this machine lets us mount no disk of our own");
  }

  @AfterEach
  void unmount() throws Exception {
    if (mounted) {
      assertThat(run("umount", disk.toString())).isTrue();
    }
  }

  @Test
  void refusesWhatItCannotStoreAndGoesOnWhenThereIsRoom() throws Exception {
    var file = disk.resolve("receptor.db");
    var acknowledged = new ArrayList<String>();
    var time = new DrivenTime();
    var backend = new FakeBackend();
    backend.breakPlacement();
    try (var store =
        new ReceptorStore(
            ReceptorStoreConfig.defaults(), Records.inFile(file), backend, time, time)) {
      store.start();
      store.createTask(Requests.task("first"));
      acknowledged.add("first");
      var ballast = fill();

      var refused = createUntilRefused(store, acknowledged);
      assertThat(refused.kind()).isEqualTo(ErrorKind.UNAVAILABLE);
      assertThat(refused).hasMessageContaining(file.toString());
      assertThatExceptionOfType(ReceptorException.class)
          .isThrownBy(() -> store.createTask(Requests.task("while-full")))
          .withMessageContaining(file.toString());
      assertThat(store.findTask("while-full")).as("refused means refused").isEmpty();
      assertThat(store.findTask("first")).as("what is known is told").isPresent();

      Files.delete(ballast);
      await()
          .atMost(StoreScenario.SOON)
          .ignoreExceptions()
          .until(
              () -> {
                store.createTask(Requests.task("after"));
                return true;
              });
      acknowledged.add("after");
    }
    try (var store =
        new ReceptorStore(
            ReceptorStoreConfig.defaults(),
            Records.inFile(file),
            backend.afterRestart(),
            time,
            new DrivenTime())) {
      store.start();
      assertThat(acknowledged).allSatisfy(guid -> assertThat(store.findTask(guid)).isPresent());
    }
  }

  private static ReceptorException createUntilRefused(ReceptorStore store, List<String> stored) {
    for (var i = 0; i < 10_000; i++) {
      try {
        store.createTask(Requests.task("t" + i));
        stored.add("t" + i);
      } catch (ReceptorException refused) {
        return refused;
      }
    }
    throw new AssertionError("the disk never was full");
  }

  private Path fill() throws IOException {
    var ballast = disk.resolve("ballast");
    try (var out = Files.newOutputStream(ballast)) {
      var block = new byte[4096];
      while (true) {
        out.write(block);
      }
    } catch (IOException full) {
      return ballast;
    }
  }

  private static boolean run(String... command) throws Exception {
    var process = new ProcessBuilder(command).redirectErrorStream(true).start();
    process.getInputStream().readAllBytes();
    return process.waitFor(10, TimeUnit.SECONDS) && process.exitValue() == 0;
  }
}
