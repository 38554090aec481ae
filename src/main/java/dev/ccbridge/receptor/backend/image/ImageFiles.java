package dev.ccbridge.receptor.backend.image;

import dev.ccbridge.ErrorKind;
import dev.ccbridge.executor.FileTrees;
import dev.ccbridge.registry.Digest;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What is kept of images on the disk. {@code layers/<digest>}: as downloaded. {@code
 * trees/<digest>}: an unpacked image by the digest of its manifest: {@code tree}, {@code config},
 * {@code bytes}. {@code references}: the digest that a name last had. {@code incoming}: what is not
 * complete. Thread-safe.
 *
 * <p>When it is full, what was not used for the longest time goes; never what a container uses.
 */
final class ImageFiles {
  private static final Logger LOG = LoggerFactory.getLogger(ImageFiles.class);

  private final Path layers;
  private final Path trees;
  private final Path references;
  private final Path incoming;
  private final long maxBytes;
  private final Supplier<Set<Digest>> inUse;
  private final Clock clock;
  private final Map<String, Integer> pinnedLayers = new HashMap<>();

  /**
   * @param inUse digests of the images that containers have claimed
   */
  ImageFiles(Path directory, long maxBytes, Supplier<Set<Digest>> inUse, Clock clock)
      throws IOException {
    this.layers = Files.createDirectories(directory.resolve("layers"));
    this.trees = Files.createDirectories(directory.resolve("trees"));
    this.references = Files.createDirectories(directory.resolve("references"));
    this.incoming = directory.resolve("incoming");
    this.maxBytes = maxBytes;
    this.inUse = inUse;
    this.clock = clock;
    FileTrees.delete(incoming);
    Files.createDirectories(incoming);
  }

  /** A place of its own for what is not complete; it need not be there. */
  Path newPlace() {
    return incoming.resolve(UUID.randomUUID().toString());
  }

  Path layer(Digest digest) {
    return layers.resolve(name(digest));
  }

  Path tree(Digest digest) {
    return trees.resolve(name(digest)).resolve("tree");
  }

  Path config(Digest digest) {
    return trees.resolve(name(digest)).resolve("config");
  }

  private static String name(Digest digest) {
    return digest.algorithm() + "-" + digest.hex();
  }

  /** Whether the layer is there; then it stays until {@link #unpin}. */
  synchronized boolean pin(Digest layer, long size) throws IOException {
    var file = layer(layer);
    if (!Files.exists(file) || Files.size(file) != size) {
      return false;
    }
    touch(file);
    pinnedLayers.merge(name(layer), 1, Integer::sum);
    return true;
  }

  synchronized void unpin(Digest layer) {
    pinnedLayers.computeIfPresent(name(layer), (name, count) -> count == 1 ? null : count - 1);
  }

  /** Takes a complete layer over and pins it. */
  synchronized void keepLayer(Digest layer, Path file) throws IOException {
    makeRoom(Files.size(file));
    Files.move(file, layer(layer), StandardCopyOption.ATOMIC_MOVE);
    pinnedLayers.merge(name(layer), 1, Integer::sum);
  }

  /**
   * Takes an unpacked image over.
   *
   * @param directory with {@code tree} and {@code config}
   */
  synchronized void keepTree(Digest image, Path directory, long bytes) throws IOException {
    makeRoom(bytes);
    Files.writeString(directory.resolve("bytes"), Long.toString(bytes));
    var target = trees.resolve(name(image));
    FileTrees.delete(target);
    Files.move(directory, target, StandardCopyOption.ATOMIC_MOVE);
  }

  /**
   * Marks an image as used, if it is there.
   *
   * @param claim what makes it one of {@code inUse}
   */
  synchronized boolean claim(Digest image, Runnable claim) throws IOException {
    var bytes = trees.resolve(name(image)).resolve("bytes");
    if (!Files.exists(bytes)) {
      return false;
    }
    touch(bytes);
    claim.run();
    return true;
  }

  private void touch(Path file) throws IOException {
    Files.setLastModifiedTime(file, FileTime.from(clock.instant()));
  }

  void remember(String reference, Digest image) throws IOException {
    var next = newPlace();
    Files.writeString(next, image.text());
    Files.move(next, referenceFile(reference), StandardCopyOption.ATOMIC_MOVE);
  }

  Optional<Digest> remembered(String reference) throws IOException {
    var file = referenceFile(reference);
    return Files.exists(file)
        ? Optional.of(new Digest(Files.readString(file).strip()))
        : Optional.empty();
  }

  private Path referenceFile(String reference) {
    return references.resolve(Digest.of(reference.getBytes(StandardCharsets.UTF_8)).hex());
  }

  private record Kept(Path path, long bytes, FileTime used, boolean isFree) {}

  /**
   * @throws ImageException when there would not be enough room without what is in use
   */
  private void makeRoom(long bytes) throws IOException {
    var all = kept();
    long total = bytes + all.stream().mapToLong(Kept::bytes).sum();
    for (var oldest : all.stream().sorted(Comparator.comparing(Kept::used)).toList()) {
      if (total <= maxBytes) {
        return;
      }
      if (oldest.isFree()) {
        LOG.info("removed from the images kept name={}", oldest.path().getFileName());
        remove(oldest.path());
        total -= oldest.bytes();
      }
    }
    if (total > maxBytes) {
      throw new ImageException(
          ErrorKind.UNAVAILABLE,
          "no room for " + bytes + " bytes: the cell keeps at most " + maxBytes + " of images",
          null);
    }
  }

  /** Out of its place at once, so that what is half deleted is never taken for whole. */
  private void remove(Path path) throws IOException {
    var rubbish = newPlace();
    Files.move(path, rubbish, StandardCopyOption.ATOMIC_MOVE);
    FileTrees.delete(rubbish);
  }

  private List<Kept> kept() throws IOException {
    var used = inUse.get().stream().map(ImageFiles::name).toList();
    var all = new ArrayList<Kept>();
    try (var files = Files.newDirectoryStream(layers)) {
      for (var file : files) {
        boolean isFree = !pinnedLayers.containsKey(file.getFileName().toString());
        all.add(new Kept(file, Files.size(file), Files.getLastModifiedTime(file), isFree));
      }
    }
    try (var directories = Files.newDirectoryStream(trees)) {
      for (var directory : directories) {
        var bytes = directory.resolve("bytes");
        boolean isFree = !used.contains(directory.getFileName().toString());
        long size = Long.parseLong(Files.readString(bytes).strip());
        all.add(new Kept(directory, size, Files.getLastModifiedTime(bytes), isFree));
      }
    }
    return all;
  }
}
