package dev.ccbridge.executor;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
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

  private Path content(String text) throws IOException {
    return Files.writeString(directory.resolve("content"), text);
  }

  private String read(ArtifactCache cache, String key) throws IOException {
    var copy = directory.resolve("copy");
    cache.copyOut(cache.find(key).orElseThrow(), copy);
    return Files.readString(copy);
  }

  @Test
  void keepsContentAcrossRestarts() throws Exception {
    cache(100).store("key/../odd", content("hello"), "\"e\"", "yesterday");

    var again = cache(100);

    assertThat(read(again, "key/../odd")).isEqualTo("hello");
    assertThat(again.find("key/../odd").orElseThrow().conditions())
        .isEqualTo(Map.of("If-None-Match", "\"e\"", "If-Modified-Since", "yesterday"));
  }

  @Test
  void dropsWhatACrashLeftIncomplete() throws Exception {
    cache(100).store("key", content("hello"), "e", "");
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
    cache.store("a", content("aaaa"), "e", "");
    cache.store("b", content("bbbb"), "e", "");
    read(cache, "a");
    Files.delete(directory.resolve("content"));

    cache.store("c", content("cccc"), "e", "");

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

    cache.store("a", content("aaaa"), "e", "");

    assertThat(cache.find("a")).isEmpty();
  }

  @Test
  void copiesStayWhenTheCacheReplacesItsOwn() throws Exception {
    var cache = cache(100);
    cache.store("a", content("old"), "e", "");
    assertThat(read(cache, "a")).isEqualTo("old");
    Files.delete(directory.resolve("content"));

    cache.store("a", content("new"), "f", "");

    assertThat(directory.resolve("copy")).hasContent("old");
    assertThat(read(cache, "a")).isEqualTo("new");
  }
}
