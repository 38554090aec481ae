package dev.ccbridge.receptor.backend.process;

import dev.ccbridge.ErrorKind;
import dev.ccbridge.executor.ArchiveLimits;
import dev.ccbridge.executor.FileTrees;
import dev.ccbridge.receptor.backend.PlacementException;
import dev.ccbridge.receptor.backend.image.Image;
import dev.ccbridge.receptor.backend.image.ImageException;
import dev.ccbridge.receptor.backend.image.ImageStore;
import dev.ccbridge.receptor.model.ImageCredentials;
import dev.ccbridge.registry.Credentials;
import dev.ccbridge.registry.Digest;
import dev.ccbridge.registry.ImageConfig;
import dev.ccbridge.registry.RegistryClient;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Root file systems that are images. What works here is tried out when the first one is asked for:
 * a cell that never runs one pays nothing. Thread-safe.
 */
final class ImageRoots implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ImageRoots.class);
  private static final String SCHEME = "docker://";
  private static final String REFUSAL =
      "docker images need Linux namespaces, which this machine does not allow: ";

  private static final String HINT =
      "; sysctl user.max_user_namespaces, kernel.unprivileged_userns_clone or"
          + " kernel.apparmor_restrict_unprivileged_userns, or a seccomp profile may forbid it";

  private static final ArchiveLimits LIMITS =
      new ArchiveLimits(16L << 30, 1_000_000, 200, 1L << 30);

  /** An overlay's options have no way to write these that all kernels read. */
  private static final String UNWRITABLE = ".*[,:\\\\\\s].*";

  private final ProcessBackendConfig config;
  private final Path containers;
  private final Path directory;
  private @Nullable Means means;

  /** What was found to work. {@code refusal}: why nothing does; empty: something does. */
  private record Means(String refusal, @Nullable Working working) {}

  private record Working(ImageStore store, Toolbox toolbox, boolean isLaidOver) {}

  /**
   * @param containers directories of containers, which say what images are in use
   */
  ImageRoots(ProcessBackendConfig config, Path containers) {
    this.config = config;
    this.containers = containers;
    this.directory = config.dataDirectory().resolve("images");
  }

  static boolean isImage(String rootfs) {
    return rootfs.startsWith(SCHEME);
  }

  boolean isSupported() {
    return means().refusal().isEmpty();
  }

  /**
   * @throws PlacementException when containers cannot have images as their root here
   */
  void check() {
    var refusal = means().refusal();
    if (!refusal.isEmpty()) {
      throw new PlacementException(refusal);
    }
  }

  private synchronized Means means() {
    var known = means;
    if (known == null) {
      known = probe();
      means = known;
    }
    return known;
  }

  private Means probe() {
    if (config.isolation().equals(Optional.of(Isolation.PATH_REWRITING))) {
      return new Means(REFUSAL + "its isolation is set to " + Isolation.PATH_REWRITING, null);
    }
    try {
      Files.createDirectories(directory);
      Confinement.install(scripts(), "init-image.sh");
      Confinement.install(scripts(), Confinement.RUN_SCRIPT);
      var javaHome = Path.of(System.getProperty("java.home", ""));
      var toolbox = Toolbox.make(directory, HostLibraries.find(), javaHome);
      return new Means("", working(toolbox));
    } catch (IOException e) {
      var reason = String.valueOf(e.getMessage()) + words();
      LOG.info("images cannot be roots of containers reason={}", reason);
      return new Means(REFUSAL + reason, null);
    }
  }

  /** What is said when namespaces are asked for and nothing else; empty: they are allowed. */
  private static String words() {
    try {
      var process =
          new ProcessBuilder(ImageConfinement.unshare("true"))
              .redirectErrorStream(true)
              .redirectInput(Redirect.from(Path.of("/dev/null").toFile()))
              .start();
      var said = new String(process.getInputStream().readNBytes(500), StandardCharsets.UTF_8);
      return process.waitFor() == 0 ? "" : " (" + said.strip() + HINT + ")";
    } catch (IOException e) {
      return " (unshare cannot be run)";
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return "";
    }
  }

  private Path scripts() {
    return config.dataDirectory().resolve("scripts");
  }

  private Working working(Toolbox toolbox) throws IOException {
    var store =
        new ImageStore(
            directory,
            new RegistryClient(config.images().registries()),
            config.images().cacheBytes(),
            LIMITS,
            this::inUse);
    if (!directory.toString().matches(UNWRITABLE)) {
      try {
        tryOut(toolbox, true);
        LOG.info("images are laid under containers by the overlay file system");
        return new Working(store, toolbox, true);
      } catch (IOException e) {
        LOG.info("the overlay file system cannot be used reason={}", e.getMessage());
      }
    }
    tryOut(toolbox, false);
    LOG.info("images are copied for each container");
    return new Working(store, toolbox, false);
  }

  /**
   * @throws IOException when an empty image cannot be entered
   */
  private void tryOut(Toolbox toolbox, boolean isLaidOver) throws IOException {
    var trial = scripts().resolve("trial-" + UUID.randomUUID());
    var container = new ContainerDirectory(trial.resolve("container"));
    try {
      var tree = Files.createDirectories(trial.resolve("tree"));
      container.create();
      var nothing = new ImageConfig(List.of(), List.of(), List.of(), "", "", List.of());
      var image = new Image(Digest.of(new byte[0]), tree, nothing);
      var confinement = new ImageConfinement(image, toolbox, scripts(), isLaidOver);
      confinement.open(container);
      var command = new ArrayList<>(confinement.enter(container, ""));
      command.addAll(List.of("-c", ": >/trial && test -c /dev/null"));
      var process =
          Confinement.builder(command, container)
              .redirectInput(Redirect.from(Path.of("/dev/null").toFile()))
              .start();
      if (!process.waitFor(10, TimeUnit.SECONDS) || process.exitValue() != 0) {
        throw new IOException("an empty one could not be entered");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    } finally {
      ContainerProcesses.kill(container);
      FileTrees.delete(trial);
    }
  }

  /**
   * The surroundings of one container; blocks until its image is there. A container that goes on
   * keeps the image it had.
   *
   * @throws ImageException when the image cannot be had
   * @throws PlacementException when it cannot be used
   */
  Enclosure enclosure(String rootfs, Optional<ImageCredentials> credentials, ImageClaim claim)
      throws IOException {
    check();
    var working = means().working();
    if (working == null) {
      throw new IOException("images were found neither to work nor not to");
    }
    var image = image(working.store(), rootfs, credentials.map(ImageRoots::atRegistry), claim);
    return new ImageConfinement(image, working.toolbox(), scripts(), working.isLaidOver());
  }

  private static Credentials atRegistry(ImageCredentials credentials) {
    return new Credentials(credentials.username(), credentials.password());
  }

  private static Image image(
      ImageStore store, String rootfs, Optional<Credentials> credentials, ImageClaim claim)
      throws IOException {
    var had = claim.container().image();
    if (had.isPresent()) {
      var kept = store.find(had.get(), digest -> {});
      if (kept.isPresent()) {
        return kept.get();
      }
    }
    return store.fetch(rootfs, credentials, claim::make);
  }

  /** Read from the disk each time, so that it is right after a restart, too. */
  private Set<Digest> inUse() {
    var digests = new HashSet<Digest>();
    try (var all = Files.newDirectoryStream(containers)) {
      for (var container : all) {
        new ContainerDirectory(container).image().ifPresent(digests::add);
      }
    } catch (IOException e) {
      throw new ImageException(ErrorKind.UNAVAILABLE, "what images are in use cannot be told", e);
    }
    return digests;
  }

  @Override
  public synchronized void close() {
    if (means != null && means.working() != null) {
      means.working().store().close();
    }
  }
}
