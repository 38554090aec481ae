package dev.ccbridge.receptor.backend.process;

import java.io.File;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ends LRP instances when this process dies in whatever way, SIGKILL included: a shell waits at a
 * pipe that closes with us. Our next start would end them, too, but nobody knows when that is.
 * Where there is no {@code /proc} nobody waits. Thread-safe.
 */
final class Leash implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Leash.class);
  private static final String SCRIPT = "leash.sh";
  private static final Duration END_PATIENCE = Duration.ofSeconds(10);

  /** A container of a later life must not be taken for one of ours. */
  private final String life;

  private final Optional<Process> holder;

  private Leash(String life, Optional<Process> holder) {
    this.life = life;
    this.holder = holder;
  }

  /**
   * @param scripts where the shell's script is put
   * @throws IOException when the shell cannot be started
   */
  static Leash take(Path scripts) throws IOException {
    var life = UUID.randomUUID().toString();
    if (!ProcFs.isAvailable()) {
      return new Leash(life, Optional.empty());
    }
    Confinement.install(scripts, SCRIPT);
    var builder =
        new ProcessBuilder("/bin/sh", scripts.resolve(SCRIPT).toString(), life)
            .redirectOutput(Redirect.DISCARD)
            .redirectError(Redirect.DISCARD)
            .directory(new File("/"));
    builder.environment().clear();
    return new Leash(life, Optional.of(builder.start()));
  }

  /** What runs in this container from now on does not outlive us. */
  void hold(ContainerDirectory directory) throws IOException {
    Files.writeString(directory.leash(), life + "\n");
  }

  /** Everything has been ended already. */
  @Override
  public void close() {
    holder.ifPresent(Leash::end);
  }

  private static void end(Process holder) {
    try {
      if (!holder.destroyForcibly().waitFor(END_PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
        LOG.warn("what waits for our end is still there pid={}", holder.pid());
      }
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
