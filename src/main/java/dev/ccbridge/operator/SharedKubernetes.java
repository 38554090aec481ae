package dev.ccbridge.operator;

import dev.ccbridge.CcBridgeException;
import dev.ccbridge.ErrorKind;
import dev.ccbridge.devserver.DevServer;
import dev.ccbridge.devserver.DevServerConfig;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The embedded Kubernetes API of a data directory, one for all its processes. Who has the lock file
 * serves it; when that process ends, in whatever way, the next one gets the lock and serves the
 * same objects with the same keys at the same address, so that clients only have to connect anew.
 */
final class SharedKubernetes implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(SharedKubernetes.class);
  private static final Duration START_LIMIT = Duration.ofSeconds(60);
  private static final long PAUSE_MILLIS = 50;
  private static final long RETRY_MILLIS = 500;
  private static final int CONNECT_MILLIS = 1_000;

  private final DataDirectory data;
  private final List<String> definitions;
  private final InetSocketAddress address;
  private final FileChannel lockFile;
  private @Nullable DevServer serving;
  private boolean closed;

  private SharedKubernetes(
      DataDirectory data,
      List<String> definitions,
      InetSocketAddress address,
      FileChannel lockFile) {
    this.data = data;
    this.definitions = definitions;
    this.address = address;
    this.lockFile = lockFile;
  }

  /**
   * Returns when the API can be used, whoever serves it.
   *
   * @param definitions CRDs to be there
   * @throws CcBridgeException UNAVAILABLE when nobody serves it within a minute
   */
  static SharedKubernetes join(DataDirectory data, List<String> definitions) {
    try {
      var joined =
          new SharedKubernetes(
              data,
              definitions,
              data.address("kubernetes", DevServerConfig.loopback(0)),
              FileChannel.open(
                  data.resolve("kubernetes.lock"),
                  StandardOpenOption.CREATE,
                  StandardOpenOption.WRITE));
      joined.start();
      return joined;
    } catch (IOException failure) {
      throw new CcBridgeException(
          ErrorKind.UNAVAILABLE,
          "the embedded Kubernetes API cannot be used: " + failure.getMessage(),
          failure);
    }
  }

  private void start() throws IOException {
    try {
      if (lockFile.tryLock() != null) {
        serve();
        return;
      }
      // Waits in the kernel, which frees the lock of whoever dies.
      Thread.ofPlatform().name("kubernetes-heir").daemon().start(this::inherit);
      awaitOther();
    } catch (IOException | RuntimeException failure) {
      close();
      throw failure;
    }
  }

  private synchronized void serve() {
    if (closed) {
      return;
    }
    var server =
        DevServer.start(
            new DevServerConfig(
                address, data.resolve("kubernetes.mv"), definitions, Clock.systemUTC()));
    serving = server;
    writeKubeconfig(server);
  }

  /** Whole or not at all, since others may read it at any time. */
  private void writeKubeconfig(DevServer server) {
    var written = data.resolve("kubeconfig.new");
    server.writeKubeconfig(written);
    try {
      Files.move(written, kubeconfig(), StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException failure) {
      throw new CcBridgeException(
          ErrorKind.UNAVAILABLE, "cannot write the kubeconfig " + kubeconfig(), failure);
    }
  }

  private void inherit() {
    try {
      lockFile.lock();
      LOG.info("kubernetes.taking-over address={}", address);
      while (!tryToServe()) {
        TimeUnit.MILLISECONDS.sleep(RETRY_MILLIS);
      }
    } catch (ClosedChannelException ended) {
      LOG.debug("nobody to inherit from any more");
    } catch (IOException failure) {
      LOG.error("embedded Kubernetes API cannot be taken over", failure);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /** The port of a process that was just killed may take a moment to become free. */
  private boolean tryToServe() {
    try {
      serve();
      return true;
    } catch (RuntimeException failure) {
      LOG.warn("kubernetes.not-taken-over-yet error={}", failure.toString());
      return false;
    }
  }

  private void awaitOther() {
    var deadline = System.nanoTime() + START_LIMIT.toNanos();
    while (!isServed()) {
      if (System.nanoTime() > deadline) {
        throw new CcBridgeException(
            ErrorKind.UNAVAILABLE,
            "nobody serves the embedded Kubernetes API of " + data.resolve(".").normalize());
      }
      try {
        TimeUnit.MILLISECONDS.sleep(PAUSE_MILLIS);
      } catch (InterruptedException interrupted) {
        Thread.currentThread().interrupt();
        throw new CcBridgeException(ErrorKind.UNAVAILABLE, "interrupted while starting");
      }
    }
  }

  private boolean isServed() {
    if (!Files.exists(kubeconfig())) {
      return false;
    }
    try (var socket = new Socket()) {
      socket.connect(address, CONNECT_MILLIS);
      return true;
    } catch (IOException notYet) {
      return false;
    }
  }

  /** For clients; the same for the whole life of the data directory. */
  Path kubeconfig() {
    return data.resolve("kubeconfig");
  }

  /** Whether it is this process that serves it. */
  synchronized boolean isServing() {
    return serving != null;
  }

  /** Lets another process go on serving. */
  @Override
  public void close() {
    synchronized (this) {
      closed = true;
      if (serving != null) {
        serving.close();
        serving = null;
      }
    }
    try {
      lockFile.close();
    } catch (IOException failure) {
      LOG.warn("lock file could not be closed error={}", failure.toString());
    }
  }
}
