package dev.ccbridge.receptor.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A file that was cut off, or of which something was changed: either it holds what some commit
 * held, or the start says that it is unreadable. It never holds a little less.
 */
@Timeout(120)
class DamagedStoreFileTest {
  private static final int RECORDS = 40;

  /** Every cut takes a while: {@code -Dstore.cuts=1} for all of them. */
  private static final int STRIDE = Integer.getInteger("store.cuts", 13);

  @TempDir private Path directory;

  /** What each commit held, oldest first, and the file after the last two. */
  private record Written(List<Map<String, StoredDomain>> commits, byte[] before, byte[] after) {}

  @Test
  void isTheLastCommitOrTheOneBeforeWhereverItIsCutOff() throws Exception {
    var written = write();
    var last = written.commits().getLast();
    var beforeLast = written.commits().get(written.commits().size() - 2);
    var fallbacks = 0;
    for (var length = written.after().length; length >= written.before().length; length -= STRIDE) {
      var held = read(Arrays.copyOf(written.after(), length)).orElseThrow();
      assertThat(held).as("cut after %d bytes", length).isIn(last, beforeLast);
      fallbacks += held.equals(last) ? 0 : 1;
    }
    assertThat(fallbacks).as("cuts that lost the commit under way").isPositive();
  }

  @Test
  void isTheLastCommitWithRubbishOfAnyLengthBehindIt() throws Exception {
    var written = write();
    var random = new Random(1);
    for (var length = 1; length < 10_000; length = length * 2 + 1) {
      var rubbish = new byte[length];
      random.nextBytes(rubbish);
      var bytes = Arrays.copyOf(written.after(), written.after().length + length);
      System.arraycopy(rubbish, 0, bytes, written.after().length, length);
      assertThat(read(bytes)).as("%d bytes", length).contains(written.commits().getLast());
    }
  }

  @Test
  void tellsOfAChangedBitOrHoldsWhatSomeCommitHeld() throws Exception {
    var written = write();
    var seed = Long.getLong("store.seed", 1);
    var random = new Random(seed);
    var told = 0;
    for (var i = 0; i < 400; i++) {
      var bytes = written.after().clone();
      var place = random.nextInt(bytes.length);
      bytes[place] ^= (byte) (1 << random.nextInt(8));
      var held = read(bytes);
      if (held.isEmpty()) {
        told++;
        continue;
      }
      assertThat(written.commits()).as("byte %d, seed %d", place, seed).contains(held.get());
    }
    assertThat(told).as("changes that were told of").isPositive();
  }

  private Written write() throws Exception {
    var path = directory.resolve("whole.db");
    var commits = new ArrayList<Map<String, StoredDomain>>();
    var held = new HashMap<String, StoredDomain>();
    commits.add(Map.of());
    try (var file = StoreFile.open(path)) {
      byte[] before = {};
      for (var i = 0; i < RECORDS; i++) {
        before = Files.readAllBytes(path);
        var value = new StoredDomain(i);
        // The last is too long for the space between, so it is what a cut takes away.
        var key = i < RECORDS - 1 ? "key-" + i % 30 : "long-" + "x".repeat(8_000);
        held.put(key, value);
        Records.await(file.write(List.of(Change.put(Table.DOMAINS, key, value))));
        commits.add(Map.copyOf(held));
      }
      return new Written(commits, before, Files.readAllBytes(path));
    }
  }

  /** Empty when the start says that the file is unreadable. */
  private Optional<Map<String, StoredDomain>> read(byte[] bytes) throws Exception {
    var path = directory.resolve("damaged.db");
    Files.write(path, bytes);
    try (var file = StoreFile.open(path)) {
      return Optional.of(file.load(Table.DOMAINS, StoredDomain.class));
    } catch (RecordsException unreadable) {
      assertThat(unreadable).hasMessageContaining(path.toString());
      return Optional.empty();
    }
  }
}
