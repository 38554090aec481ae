package dev.ccbridge.receptor.backend.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ccbridge.executor.ArchiveLimits;
import dev.ccbridge.registry.Credentials;
import dev.ccbridge.registry.Digest;
import dev.ccbridge.registry.RegistryClient;
import dev.ccbridge.registry.RegistryConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ImageStoreTest {
  @TempDir private Path directory;
  private final TestRegistry registry = new TestRegistry();
  private final Set<Digest> inUse = ConcurrentHashMap.newKeySet();

  @AfterEach
  void close() {
    registry.close();
  }

  private ImageStore store(long maxBytes) throws IOException {
    return new ImageStore(
        directory,
        new RegistryClient(RegistryConfig.defaults()),
        maxBytes,
        ArchiveLimits.DEFAULT,
        () -> inUse);
  }

  private ImageStore store() throws IOException {
    return store(1 << 30);
  }

  private static byte[] layer(String name, String content) {
    return new Layers().file(name, content).gzip();
  }

  /** A layer that packing makes no smaller. */
  private static byte[] large(int seed) {
    var content = new byte[100_000];
    new Random(seed).nextBytes(content);
    return new Layers().file("large", 0644, content).gzip();
  }

  private Image fetch(ImageStore store, String rootfs) {
    return store.fetch(rootfs, Optional.empty(), digest -> {});
  }

  @Test
  void privateImageIsForThoseWhoseCredentialsItsRegistryTakes() throws Exception {
    var rootfs = registry.publish("me/private", "1", "{}", layer("a", "1"));
    var digest = registry.digestOf("me/private", "1");
    var pinned = rootfs.replaceFirst("#.*", "@" + digest);
    registry.wants("me", "canary");
    try (var store = store()) {
      var mine = Optional.of(new Credentials("me", "canary"));

      assertThat(store.fetch(rootfs, mine, inUse::add).tree().resolve("a")).hasContent("1");
      assertThat(store.fetch(pinned, mine, inUse::add).tree().resolve("a")).hasContent("1");

      var wrong = Optional.of(new Credentials("me", "guessed"));
      for (var who : List.of(Optional.<Credentials>empty(), wrong)) {
        assertThatThrownBy(() -> store.fetch(rootfs, who, inUse::add))
            .isInstanceOf(ImageException.class)
            .hasMessageNotContainingAny("canary", "guessed");
        assertThatThrownBy(() -> store.fetch(pinned, who, inUse::add))
            .isInstanceOf(ImageException.class);
      }
    }
  }

  @Test
  void layersAreDownloadedOnceForAllWhoWantThem() throws Exception {
    var common = layer("a", "1");
    var top = layer("b", "2");
    var one = registry.publish("me/one", "1", "{\"User\":\"web\"}", common);
    var two = registry.publish("me/two", "1", "{}", common, top);
    try (var store = store();
        var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      var work =
          IntStream.range(0, 20)
              .<Callable<Image>>mapToObj(i -> () -> fetch(store, i % 2 == 0 ? one : two))
              .toList();
      for (var image : threads.invokeAll(work)) {
        assertThat(image.get().tree().resolve("a")).hasContent("1");
      }
      assertThat(fetch(store, one).config().user()).isEqualTo("web");
    }

    assertThat(registry.downloads(common)).isEqualTo(1);
    assertThat(registry.downloads(top)).isEqualTo(1);
  }

  @Test
  void whatIsKeptSurvivesARestart() throws Exception {
    var layer = layer("a", "1");
    var rootfs = registry.publish("me/img", "1", "{}", layer);
    try (var store = store()) {
      fetch(store, rootfs);
    }
    Files.createFile(directory.resolve("incoming/rest"));

    try (var store = store()) {
      assertThat(fetch(store, rootfs).tree().resolve("a")).hasContent("1");
    }
    assertThat(registry.downloads(layer)).isEqualTo(1);
    assertThat(directory.resolve("incoming")).isEmptyDirectory();
  }

  @Test
  void tagIsAskedForAnew() throws Exception {
    try (var store = store()) {
      var before = fetch(store, registry.publish("me/img", "1", "{}", layer("a", "1")));
      var after = fetch(store, registry.publish("me/img", "1", "{}", layer("a", "2")));

      assertThat(before.tree().resolve("a")).hasContent("1");
      assertThat(after.tree().resolve("a")).hasContent("2");
    }
  }

  @Test
  void imageThatIsHereIsTakenWhileTheRegistryIsDownButNotWhenItRefuses() throws Exception {
    try (var store = store()) {
      var rootfs = registry.publish("me/img", "1", "{}", layer("a", "1"));
      fetch(store, rootfs);

      registry.answerWith(503);
      assertThat(fetch(store, rootfs).tree().resolve("a")).hasContent("1");
      registry.answerWith(403);
      assertThatThrownBy(() -> fetch(store, rootfs))
          .hasMessageStartingWith("failed to fetch image " + registry.host() + "/me/img:1: ");
      registry.answerWith(404);
      assertThatThrownBy(() -> fetch(store, rootfs)).isInstanceOf(ImageException.class);
    }
  }

  @Test
  void spoiledLayerIsRefusedAndNothingIsLeftOfIt() throws Exception {
    var layer = layer("a", "1");
    var rootfs = registry.publish("me/img", "1", "{}", layer);
    registry.spoil(layer);
    try (var store = store()) {
      assertThatThrownBy(() -> fetch(store, rootfs)).hasMessageContaining("digest");
    }

    assertThat(directory.resolve("layers")).isEmptyDirectory();
    assertThat(directory.resolve("trees")).isEmptyDirectory();
    assertThat(directory.resolve("incoming")).isEmptyDirectory();
  }

  @Test
  void whatWasNotUsedForLongestGoesAndWhatIsInUseStays() throws Exception {
    try (var store = store(650_000)) {
      var used = registry.publish("me/used", "1", "{}", large(1));
      var image = store.fetch(used, Optional.empty(), inUse::add);
      for (int i = 2; i < 7; i++) {
        assertThat(fetch(store, registry.publish("me/img" + i, "1", "{}", large(i))).tree())
            .exists();
      }

      assertThat(image.tree().resolve("large")).exists();
      assertThat(bytes()).isLessThan(650_000);
    }
  }

  private long bytes() throws IOException {
    try (var files = Files.walk(directory)) {
      return files.filter(Files::isRegularFile).mapToLong(file -> file.toFile().length()).sum();
    }
  }

  @Test
  void imageThatFindsNoRoomIsRefused() throws Exception {
    try (var store = store(250_000)) {
      store.fetch(registry.publish("me/used", "1", "{}", large(1)), Optional.empty(), inUse::add);
      var other = registry.publish("me/other", "1", "{}", large(2));

      assertThatThrownBy(() -> fetch(store, other)).hasMessageContaining("no room for");
      inUse.clear();
      assertThat(fetch(store, other).tree()).exists();
    }
  }

  @Test
  void credentialsInARootfsAreNotRepeated() throws Exception {
    try (var store = store()) {
      assertThatThrownBy(() -> fetch(store, "docker://me:secret@reg.test/img#1"))
          .hasMessageStartingWith("failed to fetch image ")
          .hasMessageNotContaining("secret");
    }
  }
}
