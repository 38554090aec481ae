package dev.ccbridge.receptor.backend.image;

import dev.ccbridge.ErrorKind;
import dev.ccbridge.executor.ArchiveLimits;
import dev.ccbridge.executor.FileTrees;
import dev.ccbridge.registry.Credentials;
import dev.ccbridge.registry.Descriptor;
import dev.ccbridge.registry.Digest;
import dev.ccbridge.registry.ImageConfig;
import dev.ccbridge.registry.ImageReference;
import dev.ccbridge.registry.Manifest;
import dev.ccbridge.registry.RegistryClient;
import dev.ccbridge.registry.RegistryException;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The images of a cell. A tag is asked for anew each time; what it names is downloaded and unpacked
 * once, however many containers want it at a time. Thread-safe; blocks.
 *
 * <p>When the registry cannot be asked, the image that the name had last is taken if it is still
 * here: an app that runs is restarted though the registry is down. What the registry refuses, or
 * says it does not have, is not taken.
 */
public final class ImageStore implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ImageStore.class);
  private static final int AT_ONCE = 3;

  private final RegistryClient registry;
  private final ImageFiles files;
  private final ArchiveLimits limits;
  private final Semaphore slots = new Semaphore(AT_ONCE, true);
  private final ConcurrentMap<Digest, ReentrantLock> locks = new ConcurrentHashMap<>();

  /**
   * @param directory for what is kept; belongs to one store at a time
   * @param maxBytes the most that is kept of layers and of unpacked images together
   * @param limits what an image may unpack to
   * @param inUse digests of images that containers use; these are never removed
   * @throws IOException when the directory cannot be used
   */
  public ImageStore(
      Path directory,
      RegistryClient registry,
      long maxBytes,
      ArchiveLimits limits,
      Supplier<Set<Digest>> inUse)
      throws IOException {
    this(directory, registry, maxBytes, limits, inUse, Clock.systemUTC());
  }

  ImageStore(
      Path directory,
      RegistryClient registry,
      long maxBytes,
      ArchiveLimits limits,
      Supplier<Set<Digest>> inUse,
      Clock clock)
      throws IOException {
    this.registry = registry;
    this.files = new ImageFiles(directory, maxBytes, inUse, clock);
    this.limits =
        new ArchiveLimits(
            Math.min(limits.maxBytes(), maxBytes),
            limits.maxEntries(),
            limits.maxRatio(),
            limits.ratioFromBytes());
  }

  /** Told which image it is before it could be removed again; makes it one that is in use. */
  public interface Claim {
    void take(Digest image);
  }

  /**
   * The image of a root file system.
   *
   * @param rootfs {@code docker://<registry>/<repository>[#<tag>]}
   * @param credentials for its registry. What they open is for those who have them: its registry is
   *     asked each time
   * @throws ImageException when there is no such image, or it cannot be had
   */
  public Image fetch(String rootfs, Optional<Credentials> credentials, Claim claim) {
    var name = shown(rootfs);
    try {
      if (!name.equals(ImageTree.shown(rootfs))) {
        throw ImageException.broken("want no credentials before the registry");
      }
      var reference = ImageReference.parseRootfs(rootfs);
      name = reference.toString();
      return credentials.isPresent()
          ? fetchAs(credentials.get(), reference, claim)
          : fetch(reference, claim);
    } catch (RegistryException | ImageException e) {
      throw failed(name, e.kind(), String.valueOf(e.getMessage()), e);
    } catch (IOException e) {
      throw failed(name, ErrorKind.UNAVAILABLE, reason(e), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw failed(name, ErrorKind.UNAVAILABLE, "interrupted", e);
    }
  }

  /** Whatever stands before an {@code @} may be somebody's password. */
  private static String shown(String rootfs) {
    return ImageTree.shown(rootfs.replaceFirst("//[^/#]*@", "//"));
  }

  private static ImageException failed(String name, ErrorKind kind, String why, Exception cause) {
    return new ImageException(kind, "failed to fetch image " + name + ": " + why, cause);
  }

  private static String reason(IOException error) {
    var why = error instanceof FileSystemException e ? e.getReason() : null;
    return "it cannot be stored: " + (why == null ? error.getClass().getSimpleName() : why);
  }

  private Image fetchAs(Credentials user, ImageReference reference, Claim claim)
      throws IOException, InterruptedException {
    try (var asUser = registry.as(user, reference)) {
      return image(asUser, reference, asUser.manifest(reference), claim);
    }
  }

  private Image fetch(ImageReference reference, Claim claim)
      throws IOException, InterruptedException {
    var known = reference.digest().isPresent() ? kept(reference, claim) : Optional.<Image>empty();
    if (known.isPresent()) {
      return known.get();
    }
    try {
      var manifest = registry.manifest(reference);
      var image = image(registry, reference, manifest, claim);
      files.remember(reference.toString(), manifest.digest());
      return image;
    } catch (RegistryException e) {
      var last = e.kind() == ErrorKind.UNAVAILABLE ? kept(reference, claim) : known;
      LOG.warn("no answer of a registry image={} kept={}", reference, last.isPresent());
      return last.orElseThrow(() -> e);
    }
  }

  private Optional<Image> kept(ImageReference reference, Claim claim) throws IOException {
    var digest = files.remembered(reference.toString());
    return digest.isPresent() ? find(digest.get(), claim) : Optional.empty();
  }

  /** An image that was fetched before, if it is still here. */
  public Optional<Image> find(Digest digest, Claim claim) throws IOException {
    if (!files.claim(digest, () -> claim.take(digest))) {
      return Optional.empty();
    }
    var config = ImageConfig.read(Files.readAllBytes(files.config(digest)));
    return Optional.of(new Image(digest, files.tree(digest), config));
  }

  private Image image(RegistryClient from, ImageReference reference, Manifest manifest, Claim claim)
      throws IOException, InterruptedException {
    var digest = manifest.digest();
    var lock = lock(digest);
    lock.lockInterruptibly();
    try {
      var known = find(digest, claim);
      if (known.isPresent()) {
        return known.get();
      }
      slots.acquire();
      try {
        unpack(from, reference, manifest);
      } finally {
        slots.release();
      }
      return find(digest, claim)
          .orElseThrow(() -> new IOException("an image was removed as soon as it was there"));
    } finally {
      lock.unlock();
    }
  }

  private ReentrantLock lock(Digest digest) {
    return locks.computeIfAbsent(digest, key -> new ReentrantLock(true));
  }

  private void unpack(RegistryClient from, ImageReference reference, Manifest manifest)
      throws IOException, InterruptedException {
    var config = from.configBlob(reference, manifest);
    ImageConfig.read(config);
    var pinned = new ArrayList<Digest>();
    var place = files.newPlace();
    try {
      for (var layer : manifest.layers()) {
        download(from, reference, layer);
        pinned.add(layer.digest());
      }
      var tree = Files.createDirectories(place.resolve("tree"));
      var unpacker = new LayerUnpacker(tree, limits);
      for (var layer : manifest.layers()) {
        unpacker.add(files.layer(layer.digest()));
      }
      Files.write(place.resolve("config"), config);
      files.keepTree(manifest.digest(), place, unpacker.bytes());
    } finally {
      pinned.forEach(files::unpin);
      FileTrees.delete(place);
    }
  }

  /** Two images with a layer in common wait for one download of it. */
  private void download(RegistryClient from, ImageReference reference, Descriptor layer)
      throws IOException, InterruptedException {
    if (layer.isForeign()) {
      throw ImageException.broken("layer " + layer.digest() + " is not handed out by registries");
    }
    var lock = lock(layer.digest());
    lock.lockInterruptibly();
    try {
      if (files.pin(layer.digest(), layer.size())) {
        return;
      }
      var place = files.newPlace();
      try {
        from.download(reference, layer, place);
        files.keepLayer(layer.digest(), place);
      } finally {
        Files.deleteIfExists(place);
      }
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void close() {
    registry.close();
  }
}
