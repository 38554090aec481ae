package dev.ccbridge.fileserver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ccbridge.CcBridgeException;
import dev.ccbridge.ErrorKind;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class BlobStoreTest {
  private static final Instant NOW = Instant.parse("2015-08-03T12:00:00.123Z");
  private static final Clock CLOCK = Clock.fixed(NOW, ZoneOffset.UTC);
  private static final int MAX_BYTES = 40 << 20;

  @TempDir private Path directory;
  private final AtomicLong usableBytes = new AtomicLong(1L << 40);
  private BlobStore store;

  @BeforeEach
  void open() {
    store = BlobStore.open(config(), CLOCK, usableBytes::get);
  }

  @AfterEach
  void close() {
    store.close();
  }

  private FileServerConfig config() {
    return new FileServerConfig(
        List.of(directory), directory.resolve("made/data"), MAX_BYTES, 1000);
  }

  @Test
  void keepsABlobWithSizeDigestsAndTime() throws Exception {
    var stored = put("droplets/4f1c/droplet.tgz", "hello");
    assertThat(stored)
        .isEqualTo(
            new BlobInfo(
                "droplets/4f1c/droplet.tgz",
                5,
                "5d41402abc4b2a76b9719d911017c592",
                "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824",
                NOW));
    assertThat(store.find(stored.key())).contains(stored);
    assertThat(contentOf(stored.key())).isEqualTo("hello");
  }

  @Test
  void keepsAnEmptyBlob() throws Exception {
    assertThat(put("empty", "").size()).isZero();
    assertThat(contentOf("empty")).isEmpty();
  }

  @Test
  void readsABlobByteByByteWithoutItsTrailer() throws Exception {
    put("key", "hi");
    try (var content = store.open("key").orElseThrow().stream()) {
      assertThat(List.of(content.read(), content.read(), content.read()))
          .containsExactly((int) 'h', (int) 'i', -1);
    }
  }

  @Test
  void hasNothingUnderAKeyThatWasNeverPut() {
    assertThat(store.find("a/b")).isEmpty();
    assertThat(store.open("a/b")).isEmpty();
    assertThat(store.delete("a/b")).isFalse();
    assertThat(store.list("a/b/")).isEmpty();
  }

  @Test
  void replacesABlobWhileItsReaderKeepsTheOldOne() throws Exception {
    put("key", "old");
    try (var old = store.open("key").orElseThrow()) {
      put("key", "newer");
      assertThat(new String(old.stream().readAllBytes(), StandardCharsets.UTF_8)).isEqualTo("old");
    }
    assertThat(contentOf("key")).isEqualTo("newer");
  }

  @Test
  void deletesABlobAndTheDirectoriesThatItLeavesEmpty() throws Exception {
    put("a/b/c", "1");
    put("a/d", "2");
    assertThat(store.delete("a/b/c")).isTrue();
    assertThat(store.find("a/b/c")).isEmpty();
    assertThat(contentOf("a/d")).isEqualTo("2");
    assertThat(config().dataDirectory().resolve("blobs/a/b")).doesNotExist();
  }

  @Test
  void aKeyMayBeTheBeginningOfAnother() throws Exception {
    put("a", "1");
    put("a/b", "2");
    assertThat(contentOf("a") + contentOf("a/b")).isEqualTo("12");
  }

  @Test
  void listsByPrefixInTheOrderOfKeys() {
    List.of("apps/2/bits", "apps/1/bits", "apps-old", "apps/1/cache").forEach(k -> put(k, "x"));
    assertThat(store.list("")).extracting(BlobInfo::key).hasSize(4).isSorted();
    assertThat(store.list("apps/1"))
        .extracting(BlobInfo::key)
        .containsExactly("apps/1/bits", "apps/1/cache");
    assertThat(store.list("apps/1/c")).extracting(BlobInfo::key).containsExactly("apps/1/cache");
    assertThatThrownBy(() -> store.list("../")).hasMessageContaining("segment '..'");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "", "/", "/a", "a/", "a//b", "..", ".", "a/../b", "a/./b", "a b", "a\\b", "a\0", "ä", "a~b",
        "a%2fb", "a\nb", "a\n"
      })
  void refusesAKeyThatIsNoName(String key) {
    assertThatThrownBy(() -> put(key, "x"))
        .isInstanceOf(CcBridgeException.class)
        .hasMessageStartingWith("blob key: segment '")
        .extracting(ErrorKind::of)
        .isEqualTo(ErrorKind.INVALID_REQUEST);
  }

  @Test
  void boundsTheLengthAndTheDepthOfAKey() throws Exception {
    var longest = "a".repeat(200) + "/" + "b".repeat(200) + "/" + "c".repeat(110);
    put(longest, "x");
    assertThat(contentOf(longest)).isEqualTo("x");
    assertThatThrownBy(() -> put(longest + "c", "x")).hasMessageContaining("at most 512");
    assertThatThrownBy(() -> put("a".repeat(201), "x")).hasMessageContaining("at most 200");
    put("a" + "/b".repeat(15), "x");
    assertThatThrownBy(() -> put("a" + "/b".repeat(16), "x")).hasMessageContaining("at most 16");
  }

  @Test
  void takesABlobOfTheLargestSizeAndNoneAboveIt() {
    assertThat(store.put("key", new Zeros(MAX_BYTES)).size()).isEqualTo(MAX_BYTES);
    assertThatThrownBy(() -> store.put("other", new Zeros(MAX_BYTES + 1)))
        .hasMessage("blob other: is larger than maxBlobBytes=" + MAX_BYTES)
        .extracting(ErrorKind::of)
        .isEqualTo(ErrorKind.INVALID_REQUEST);
    assertNothingIsLeftOf("other");
  }

  @Test
  void refusesABlobWhenTheDiskIsNearlyFull() {
    usableBytes.set(999);
    assertThatThrownBy(() -> put("key", "x"))
        .hasMessageContaining("not enough disk space")
        .extracting(ErrorKind::of)
        .isEqualTo(ErrorKind.UNAVAILABLE);
    assertNothingIsLeftOf("key");
  }

  @Test
  void givesUpABlobWhenTheDiskFillsUpMeanwhile() {
    var filling = new SequenceInputStream(new Zeros(17 << 20), new Fills(usableBytes));
    var content = new SequenceInputStream(filling, new Zeros(20 << 20));
    assertThatThrownBy(() -> store.put("key", content))
        .hasMessageContaining("not enough disk space");
    assertNothingIsLeftOf("key");
  }

  @Test
  void keepsTheOldBlobWhenTheNewOneBreaksOff() throws Exception {
    put("key", "old");
    assertThatThrownBy(() -> store.put("key", new SequenceInputStream(new Zeros(100), new Cut())))
        .hasMessage("blob key: the content broke off after 100 bytes")
        .extracting(ErrorKind::of)
        .isEqualTo(ErrorKind.UNAVAILABLE);
    assertThat(contentOf("key")).isEqualTo("old");
    assertThat(unfinished()).isEmpty();
  }

  @Test
  void aReaderNeverSeesAMixtureOfConcurrentPuts() throws Exception {
    put("shared/key", "0");
    var contents = List.of("1".repeat(1 << 20), "2".repeat(300_000), "3".repeat(70_000));
    try (var writers = Executors.newVirtualThreadPerTaskExecutor()) {
      var writing =
          contents.stream()
              .map(c -> CompletableFuture.runAsync(() -> putOften("shared/key", c), writers))
              .toArray(CompletableFuture<?>[]::new);
      var allWritten = CompletableFuture.allOf(writing);
      do {
        try (var blob = store.open("shared/key").orElseThrow()) {
          var seen = new String(blob.stream().readAllBytes(), StandardCharsets.UTF_8);
          assertThat((long) seen.length()).isEqualTo(blob.info().size());
          assertThat(seen.equals("0") || contents.contains(seen)).isTrue();
        }
      } while (!allWritten.isDone());
      allWritten.get();
    }
    assertThat(unfinished()).isEmpty();
  }

  @Test
  void puttingAndDeletingSideBySideDoNotTakeEachOthersDirectories() throws Exception {
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      var putting = CompletableFuture.runAsync(() -> putOften("deep/er/key", "x"), threads);
      do {
        store.delete("deep/er/key");
      } while (!putting.isDone());
      putting.get();
    }
    put("deep/er/key", "last");
    assertThat(contentOf("deep/er/key")).isEqualTo("last");
  }

  @Test
  void findsItsBlobsAgainAndCleansUpAfterAKilledProcess() throws Exception {
    put("key", "kept");
    store.close();
    Files.writeString(config().dataDirectory().resolve("unfinished/half"), "ha");
    open();
    assertThat(contentOf("key")).isEqualTo("kept");
    assertThat(unfinished()).isEmpty();
  }

  @Test
  void doesNotHandOutADamagedBlob() throws Exception {
    put("key", "hello");
    var file = config().dataDirectory().resolve("blobs/key~blob");
    Files.write(file, Arrays.copyOf(Files.readAllBytes(file), 40));
    assertThatThrownBy(() -> store.open("key"))
        .hasMessage("blob key: cannot be read or written on disk, see the log");
  }

  @Test
  void twoStoresCannotHaveOneDirectory() {
    assertThatThrownBy(() -> BlobStore.open(config(), CLOCK))
        .hasMessageContaining("is in use by another process")
        .extracting(ErrorKind::of)
        .isEqualTo(ErrorKind.CONFLICT);
  }

  @Test
  void othersOnTheMachineCannotReadBlobs() throws Exception {
    put("key", "x");
    var data = config().dataDirectory();
    assertThat(permissions(data)).isEqualTo("rwx------");
    assertThat(permissions(data.resolve("blobs/key~blob"))).isEqualTo("rw-------");
  }

  private static String permissions(Path path) throws IOException {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
  }

  private void putOften(String key, String content) {
    for (var i = 0; i < 30; i++) {
      put(key, content);
    }
  }

  private BlobInfo put(String key, String content) {
    return store.put(key, new ByteArrayInputStream(content.getBytes(StandardCharsets.UTF_8)));
  }

  private String contentOf(String key) throws IOException {
    try (var content = store.open(key).orElseThrow().stream()) {
      return new String(content.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  private void assertNothingIsLeftOf(String key) {
    assertThat(store.find(key)).isEmpty();
    assertThat(unfinished()).isEmpty();
  }

  @Test
  void oneOfSeveralStoresLeavesAloneWhatAnotherIsWriting() throws Exception {
    put("a", "hello");
    store.close();
    var unfinished = config().dataDirectory().resolve("unfinished");
    var now = Clock.systemUTC();
    Files.writeString(unfinished.resolve("young"), "half");
    Files.writeString(unfinished.resolve("old"), "half");
    Files.setLastModifiedTime(
        unfinished.resolve("old"), FileTime.from(now.instant().minus(Duration.ofDays(2))));

    store = BlobStore.open(config(), now, true);

    assertThat(unfinished()).containsExactly("young");
    assertThat(contentOf("a")).isEqualTo("hello");
  }

  @Test
  void whoHasTheDirectoryForHimselfSharesItWithNobody() {
    assertThatThrownBy(() -> BlobStore.open(config(), CLOCK, true))
        .isInstanceOfSatisfying(
            CcBridgeException.class,
            refused -> assertThat(refused.kind()).isEqualTo(ErrorKind.CONFLICT));
  }

  private String[] unfinished() {
    return config().dataDirectory().resolve("unfinished").toFile().list();
  }

  /** Fills the disk when it is read. */
  private static final class Fills extends InputStream {
    private final AtomicLong usableBytes;

    Fills(AtomicLong usableBytes) {
      this.usableBytes = usableBytes;
    }

    @Override
    public int read() {
      usableBytes.set(0);
      return -1;
    }
  }

  private static final class Cut extends InputStream {
    @Override
    public int read() throws IOException {
      throw new IOException("connection reset");
    }
  }
}
