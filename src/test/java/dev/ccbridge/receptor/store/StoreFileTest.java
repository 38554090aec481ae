package dev.ccbridge.receptor.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.IntStream;
import org.h2.mvstore.MVMap;
import org.h2.mvstore.MVStore;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class StoreFileTest {
  @TempDir private Path directory;
  private Path path;

  @BeforeEach
  void choosePath() {
    path = directory.resolve("state").resolve("receptor.db");
  }

  @Test
  void keepsWhatWasWritten() {
    try (var file = StoreFile.open(path)) {
      put(file, "a", 1);
      put(file, "b", 2);
      put(file, "a", 3);
      Records.await(file.write(List.of(Change.remove(Table.DOMAINS, "b"))));
    }
    assertThat(Files.exists(path)).isTrue();
    try (var file = StoreFile.open(path)) {
      assertThat(file.load(Table.DOMAINS, StoredDomain.class))
          .containsOnlyKeys("a")
          .containsEntry("a", new StoredDomain(3));
      assertThat(file.load(Table.TASKS, StoredTask.class)).isEmpty();
    }
  }

  @Test
  void isReadableByItsOwnerAlone() throws Exception {
    StoreFile.open(path).close();
    assertThat(Files.getPosixFilePermissions(path))
        .isEqualTo(PosixFilePermissions.fromString("rw-------"));
  }

  @Test
  void hasEverythingOnDiskThatWasAcknowledged() throws Exception {
    try (var file = StoreFile.open(path)) {
      for (var i = 0; i < 50; i++) {
        put(file, "key-" + i, i);
        var copy = copyOfTheOpenFile("copy-" + i);
        if (i % 7 == 0) {
          try (var copied = StoreFile.open(copy)) {
            assertThat(copied.load(Table.DOMAINS, StoredDomain.class)).hasSize(i + 1);
          }
        }
      }
    }
  }

  @Test
  void acknowledgesManyWritersWithFewCommits() throws Exception {
    try (var file = StoreFile.open(path)) {
      var writes =
          IntStream.range(0, 2000)
              .mapToObj(
                  i -> file.write(List.of(Change.put(Table.DOMAINS, "k" + i, new StoredDomain(i)))))
              .toList();
      writes.forEach(Records::await);
    }
    try (var store = new MVStore.Builder().fileName(path.toString()).open()) {
      assertThat(store.getCurrentVersion()).isPositive().isLessThan(1000);
      assertThat(store.openMap("domains")).hasSize(2000);
    }
  }

  @Test
  void fallsBackToTheLastWholeCommitWhenTheLastWriteIsTorn() throws Exception {
    try (var file = StoreFile.open(path)) {
      IntStream.range(0, 20).forEach(i -> put(file, "key-" + i, i));
      var before = copyOfTheOpenFile("before");
      put(file, "key-20", 20);
      var after = copyOfTheOpenFile("after");
      for (var seed = 0; seed < 20; seed++) {
        var torn = tear(before, after, "torn-" + seed);
        try (var reopened = StoreFile.open(torn)) {
          assertThat(reopened.load(Table.DOMAINS, StoredDomain.class))
              .hasSizeBetween(20, 21)
              .containsKeys(
                  IntStream.range(0, 20).mapToObj(i -> "key-" + i).toArray(String[]::new));
        }
      }
    }
  }

  @Test
  void opensAFileWithRubbishAfterItsEnd() throws Exception {
    try (var file = StoreFile.open(path)) {
      put(file, "a", 1);
    }
    Files.write(path, new byte[10_000], java.nio.file.StandardOpenOption.APPEND);
    try (var file = StoreFile.open(path)) {
      assertThat(file.load(Table.DOMAINS, StoredDomain.class)).containsOnlyKeys("a");
      put(file, "b", 2);
    }
    try (var file = StoreFile.open(path)) {
      assertThat(file.load(Table.DOMAINS, StoredDomain.class)).containsOnlyKeys("a", "b");
    }
  }

  @Test
  void namesAFileThatIsNotOurs() throws Exception {
    Files.createDirectories(path.getParent());
    Files.writeString(path, "not a store ".repeat(2000));
    assertThatExceptionOfType(RecordsException.class)
        .isThrownBy(() -> StoreFile.open(path))
        .withMessageContaining(path.toString())
        .withMessageContaining("unreadable");
    assertThat(Files.readString(path)).as("it is left as it was").startsWith("not a store");
  }

  @Test
  void namesARecordThatItCannotRead() {
    try (var store = MVStore.open(directory.resolve("odd.db").toString())) {
      store.openMap("domains").put("a", "x{}".getBytes(StandardCharsets.UTF_8));
    }
    try (var file = StoreFile.open(directory.resolve("odd.db"))) {
      assertThatExceptionOfType(RecordsException.class)
          .isThrownBy(() -> file.load(Table.DOMAINS, StoredDomain.class))
          .withMessageContaining("odd.db")
          .withMessageContaining("domains/a");
    }
  }

  @Test
  void saysThatAnotherProcessHasTheFile() {
    try (var file = StoreFile.open(path)) {
      put(file, "a", 1);
      assertThatExceptionOfType(RecordsException.class)
          .isThrownBy(() -> StoreFile.open(path))
          .withMessageContaining(path.toString())
          .withMessageContaining("in use by another process");
    }
  }

  @Test
  void keepsWhatTheDiskRefusedAndStoresItLater() throws Exception {
    var aside = directory.resolve("aside");
    try (var file = StoreFile.open(path)) {
      put(file, "a", 1);
      // As after a failed write: the library has closed the file; and it cannot be had again.
      underlying(file).closeImmediately();
      Files.move(path, aside);
      Files.createDirectory(path);
      var refused = file.write(List.of(Change.put(Table.DOMAINS, "b", new StoredDomain(2))));
      assertThatExceptionOfType(dev.ccbridge.receptor.model.ReceptorException.class)
          .isThrownBy(() -> Records.await(refused))
          .withMessageContaining(path.toString())
          .satisfies(e -> assertThat(e.kind()).isEqualTo(dev.ccbridge.ErrorKind.UNAVAILABLE));
      Files.move(aside, path, StandardCopyOption.REPLACE_EXISTING);
      await()
          .atMost(java.time.Duration.ofSeconds(20))
          .ignoreExceptions()
          .until(
              () -> {
                Records.await(file.write(List.of()));
                return true;
              });
    }
    try (var file = StoreFile.open(path)) {
      assertThat(file.load(Table.DOMAINS, StoredDomain.class)).containsOnlyKeys("a", "b");
    }
  }

  private static MVStore underlying(StoreFile file) throws Exception {
    var field = StoreFile.class.getDeclaredField("store");
    field.setAccessible(true);
    return (MVStore) field.get(file);
  }

  @Test
  void usesTheSpaceOfOldCommitsAgain() throws Exception {
    var megabyte = 1 << 20;
    try (var file = StoreFile.open(path)) {
      for (var i = 0; i < 300; i++) {
        var value = Map.of("n", i, "padding", "x".repeat(100_000));
        Records.await(file.write(List.of(Change.put(Table.DOMAINS, "key-" + i % 5, value))));
      }
      // 30 MB were written, half a megabyte of it counts.
      assertThat(Files.size(path)).isLessThan(8 * megabyte);
    }
  }

  @Test
  void opensAFileOfBeforeChecksumsAndKeepsThemFromThenOn() {
    try (var old = MVStore.open(createdPath())) {
      MVMap<String, byte[]> domains = old.openMap("domains");
      domains.put("a", "\u0001{\"fresh_until\":7}".getBytes(StandardCharsets.UTF_8));
      domains.put("b", "\u0001{\"fresh_until\":0}".getBytes(StandardCharsets.UTF_8));
    }
    try (var file = StoreFile.open(path)) {
      assertThat(file.load(Table.DOMAINS, StoredDomain.class))
          .isEqualTo(Map.of("a", new StoredDomain(7), "b", new StoredDomain(0)));
      put(file, "c", 3);
    }
    try (var file = StoreFile.open(path)) {
      assertThat(file.load(Table.DOMAINS, StoredDomain.class)).containsOnlyKeys("a", "b", "c");
    }
    try (var store = MVStore.open(path.toString())) {
      assertThat(store.openMap("domains").remove("a")).isNotNull();
    }
    try (var file = StoreFile.open(path)) {
      assertThatExceptionOfType(RecordsException.class)
          .isThrownBy(() -> file.load(Table.DOMAINS, StoredDomain.class))
          .withMessageContaining("found 2 records, wanted 3");
    }
  }

  private String createdPath() {
    StoreFile.open(path).close();
    return path.toString();
  }

  @Test
  void namesADirectoryThatItCannotUse() throws Exception {
    Files.createFile(path.getParent());
    assertThatExceptionOfType(RecordsException.class)
        .isThrownBy(() -> StoreFile.open(path))
        .withMessageContaining(path.toString())
        .withMessageContaining("wanted a directory to write to");
  }

  @Test
  void refusesWritesAfterItsEnd() {
    var file = StoreFile.open(path);
    file.close();
    assertThatExceptionOfType(dev.ccbridge.receptor.model.ReceptorException.class)
        .isThrownBy(() -> put(file, "a", 1))
        .withMessageContaining("closed");
  }

  private static void put(StoreFile file, String key, long value) {
    Records.await(file.write(List.of(Change.put(Table.DOMAINS, key, new StoredDomain(value)))));
  }

  /** What kill -9 at this moment would leave. */
  private Path copyOfTheOpenFile(String name) throws Exception {
    return Files.copy(path, directory.resolve(name));
  }

  /** A file of which only some of the last commit's blocks have reached the disk. */
  private Path tear(Path before, Path after, String name) throws Exception {
    var old = Files.readAllBytes(before);
    var torn = Files.readAllBytes(after);
    var block = 4096;
    // The first two blocks are the header and its copy, which are written when all else is there.
    System.arraycopy(old, 0, torn, 0, 2 * block);
    for (var start = 2 * block; start < torn.length; start += block) {
      if (ThreadLocalRandom.current().nextBoolean()) {
        for (var i = start; i < Math.min(start + block, torn.length); i++) {
          torn[i] = i < old.length ? old[i] : 0;
        }
      }
    }
    var path = directory.resolve(name);
    Files.write(path, torn);
    try (var file = new RandomAccessFile(path.toFile(), "rw")) {
      file.setLength(Math.max(old.length, torn.length - ThreadLocalRandom.current().nextInt(100)));
    }
    return path;
  }
}
