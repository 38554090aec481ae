package dev.ccbridge.executor;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ArtifactCacheTest {
  @TempDir private Path directory;

  private Path cached() {
    return directory.resolve("cache");
  }

  private ArtifactCache cache(long bytes) throws IOException {
    return new ArtifactCache(cached(), bytes);
  }

  /** A file of its own, as the cache may share it. */
  private Path content(String text) throws IOException {
    Files.deleteIfExists(directory.resolve("content"));
    return Files.writeString(directory.resolve("content"), text);
  }

  private String read(ArtifactCache cache, String key) throws IOException {
    var copy = directory.resolve("copy");
    assertThat(cache.copyOut(cache.find(key).orElseThrow(), copy)).isTrue();
    return Files.readString(copy);
  }

  private static String md5(String text) {
    var digest = Transfers.md5().digest(text.getBytes(StandardCharsets.UTF_8));
    return HexFormat.of().formatHex(digest);
  }

  @Test
  void keepsContentAcrossRestarts() throws Exception {
    cache(100).store("key/../odd", content("hello"), "\"e\"", "yesterday", md5("hello"));

    var again = cache(100);

    assertThat(read(again, "key/../odd")).isEqualTo("hello");
    assertThat(again.find("key/../odd").orElseThrow().conditions())
        .isEqualTo(Map.of("If-None-Match", "\"e\"", "If-Modified-Since", "yesterday"));
  }

  @Test
  void dropsWhatACrashLeftIncomplete() throws Exception {
    cache(100).store("key", content("hello"), "e", "", md5("hello"));
    Files.writeString(cached().resolve("x.content"), "nobody's");
    Files.writeString(cached().resolve("y.json.next"), "{");
    try (var files = Files.newDirectoryStream(cached(), "*.content")) {
      for (var file : files) {
        Files.writeString(file, "cut");
      }
    }

    assertThat(cache(100).find("key")).isEmpty();
    assertThat(cached()).isEmptyDirectory();
  }

  @Test
  void whatWasNotUsedForLongestGoesFirst() throws Exception {
    var cache = cache(10);
    cache.store("a", content("aaaa"), "e", "", md5("aaaa"));
    cache.store("b", content("bbbb"), "e", "", md5("bbbb"));
    read(cache, "a");
    Files.delete(directory.resolve("content"));

    cache.store("c", content("cccc"), "e", "", md5("cccc"));

    assertThat(cache.find("a")).isPresent();
    assertThat(cache.find("b")).isEmpty();
    assertThat(cache.find("c")).isPresent();
    assertThat(cached()).isDirectoryContaining(p -> true);
    try (var files = Files.list(cached())) {
      assertThat(files).hasSize(4);
    }
  }

  @Test
  void whatIsLargerThanTheCacheIsNotKept() throws Exception {
    var cache = cache(3);

    cache.store("a", content("aaaa"), "e", "", md5("aaaa"));

    assertThat(cache.find("a")).isEmpty();
  }

  @Test
  void copiesStayWhenTheCacheReplacesItsOwn() throws Exception {
    var cache = cache(100);
    cache.store("a", content("old"), "e", "", md5("old"));
    assertThat(read(cache, "a")).isEqualTo("old");
    Files.delete(directory.resolve("content"));

    cache.store("a", content("new"), "f", "", md5("new"));

    assertThat(directory.resolve("copy")).hasContent("old");
    assertThat(read(cache, "a")).isEqualTo("new");
  }

  @Test
  void damagedContentIsNoticedAndForgotten() throws Exception {
    var cache = cache(100);
    cache.store("a", content("right"), "e", "", md5("right"));
    Files.delete(directory.resolve("content"));
    try (var files = Files.newDirectoryStream(cached(), "*.content")) {
      for (var file : files) {
        Files.writeString(file, "wrong");
      }
    }
    var copy = directory.resolve("copy");

    assertThat(cache.copyOut(cache.find("a").orElseThrow(), copy)).isFalse();

    assertThat(copy).doesNotExist();
    assertThat(cache.find("a")).isEmpty();
    assertThat(cached()).isEmptyDirectory();
  }

  @Test
  void lostContentIsNoticedAndForgotten() throws Exception {
    var cache = cache(100);
    cache.store("a", content("right"), "e", "", md5("right"));
    try (var files = Files.newDirectoryStream(cached(), "*.content")) {
      for (var file : files) {
        Files.delete(file);
      }
    }

    assertThat(cache.copyOut(cache.find("a").orElseThrow(), directory.resolve("copy"))).isFalse();
    assertThat(cache.find("a")).isEmpty();
  }

  @Test
  void keyIsHeldByOneAtATimeAndForgottenAfterwards() throws Exception {
    var cache = cache(100);
    var entered = new CountDownLatch(1);
    var first = cache.hold("a");
    var other =
        Thread.startVirtualThread(
            () -> {
              try (var _ = cache.hold("a")) {
                entered.countDown();
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            });
    cache.hold("b").close();

    assertThat(cache.held()).isEqualTo(1);
    assertThat(entered.getCount()).isEqualTo(1);
    first.close();
    other.join();

    assertThat(entered.getCount()).isZero();
    assertThat(cache.held()).isZero();
  }
}
