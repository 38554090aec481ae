package dev.ccbridge.receptor.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.BufferedReader;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A process that writes is killed with SIGKILL at random moments; the next finds all that was
 * acknowledged, and of each writer at most one write more.
 *
 * <p>{@code -Dstore.lives=1000} for more.
 */
@Timeout(600)
class KilledStoreFileIT {
  private static final int LIVES = Integer.getInteger("store.lives", 8);
  private static final long WRITES_OF_A_LIFE = 10_000_000;

  @TempDir private Path directory;

  /** What each key must hold, 0: nothing. A write that nobody was told of may have happened. */
  private final Map<String, Long> stored = new HashMap<>();

  private final Map<String, Long> issued = new HashMap<>();
  private final Random random = new Random(Long.getLong("store.seed", System.nanoTime()));
  private Path path;
  private long writes;

  @Test
  void losesNothingThatWasAcknowledgedAndDoesNotGrow() throws Exception {
    path = directory.resolve("receptor.db");
    for (var life = 0; life < LIVES; life++) {
      var process = launch(1 + life * WRITES_OF_A_LIFE);
      try (var lines = process.inputReader()) {
        check(life, held(lines));
        saysThatItIsInUse();
        follow(process, lines, 100 + random.nextInt(1500));
      } finally {
        process.destroyForcibly().waitFor();
      }
      // 4 MB count.
      assertThat(Files.size(path)).as("bytes after life %d", life).isLessThan(40_000_000);
    }
    System.out.println("lives " + LIVES + " writes " + writes + " bytes " + Files.size(path));
    assertThat(writes).isPositive();
  }

  private Process launch(long firstWrite) throws IOException {
    return new ProcessBuilder(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty(
                    "surefire.test.class.path", System.getProperty("java.class.path")),
                StoreFileProcess.class.getName(),
                path.toString(),
                Long.toString(firstWrite)))
        .redirectError(Redirect.INHERIT)
        .start();
  }

  private static Map<String, Long> held(BufferedReader lines) throws IOException {
    var held = new TreeMap<String, Long>();
    for (var line = lines.readLine(); ; line = lines.readLine()) {
      assertThat(line).as("a life that does not begin").isNotNull();
      var words = line.split(" ");
      if (words[0].equals(StoreFileProcess.READY)) {
        return held;
      }
      held.put(words[1], Long.parseLong(words[2]));
    }
  }

  private void check(int life, Map<String, Long> held) {
    issued.forEach(
        (key, n) -> {
          if (held.getOrDefault(key, 0L).equals(kept(n))) {
            stored.put(key, kept(n));
          }
        });
    issued.clear();
    stored.values().removeIf(n -> n == 0);
    assertThat(held).as("life %d", life).isEqualTo(stored);
  }

  private static long kept(long n) {
    return StoreFileProcess.isRemoval(n) ? 0 : n;
  }

  private void saysThatItIsInUse() {
    assertThatExceptionOfType(RecordsException.class)
        .isThrownBy(() -> StoreFile.open(path))
        .withMessageContaining(path.toString())
        .withMessageContaining("in use by another process");
  }

  /** Reads on to the end of the pipe after the process has been killed. */
  private void follow(Process process, BufferedReader lines, int millis) throws Exception {
    // By its handle: the process itself would close the pipe with what is still in it.
    var killer =
        Thread.ofVirtual()
            .start(
                () -> {
                  try {
                    Thread.sleep(millis);
                  } catch (InterruptedException end) {
                    Thread.currentThread().interrupt();
                  }
                  process.toHandle().destroyForcibly();
                });
    for (var line = lines.readLine(); line != null; line = lines.readLine()) {
      var words = line.split(" ");
      var n = Long.parseLong(words[2]);
      if (words[0].equals(StoreFileProcess.ISSUED)) {
        issued.put(words[1], n);
      } else {
        issued.remove(words[1]);
        stored.put(words[1], kept(n));
        writes++;
      }
    }
    killer.join();
  }
}
