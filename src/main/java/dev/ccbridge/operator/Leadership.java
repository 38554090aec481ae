package dev.ccbridge.operator;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.extended.leaderelection.LeaderCallbacks;
import io.fabric8.kubernetes.client.extended.leaderelection.LeaderElectionConfigBuilder;
import io.fabric8.kubernetes.client.extended.leaderelection.resourcelock.LeaseLock;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One duty that only one process has at a time, by a Kubernetes Lease. The data directory is the
 * identity of its processes, so that one that is started again takes its lease back at once; which
 * of several processes of a directory may do that, a lock file says. Where processes of different
 * machines share a directory, each has an identity of its own.
 *
 * <p>A lost lease ends the process at once with code 1: somebody else may have the duty already.
 * Diego: consuladapter/session.go, runtimeschema/maintainer/lock.go.
 */
final class Leadership implements AutoCloseable, Lacking {
  private static final Logger LOG = LoggerFactory.getLogger(Leadership.class);
  private static final Duration LEASE_DURATION = Duration.ofSeconds(15);
  private static final Duration RENEW_DEADLINE = Duration.ofSeconds(10);
  private static final Duration RETRY_PERIOD = Duration.ofSeconds(2);
  private static final Duration END_PATIENCE = Duration.ofSeconds(20);
  private static final int LOST = 1;

  /** What the leader does; starting it may take long. */
  @FunctionalInterface
  interface Duty {
    /** Gives what ends the duty. */
    AutoCloseable start();
  }

  /**
   * Where leases are.
   *
   * @param identity who this process is; that of the data directory, or one of its own
   * @param embedded whether the API belongs to the data directory: then the lock file alone
   *     decides, and a lease that could not be renewed, as after the sleep of a laptop, is just
   *     taken again
   */
  record Leases(
      KubernetesClient kubernetes,
      String namespace,
      DataDirectory data,
      String identity,
      boolean embedded) {

    /** The data directory is who this process is. */
    Leases(KubernetesClient kubernetes, String namespace, DataDirectory data, boolean embedded) {
      this(kubernetes, namespace, data, data.identity(), embedded);
    }

    /** Held by the one process of an identity that strives for the lease. */
    private Path lockFile(String lease) {
      return data.resolve(
          (identity.equals(data.identity()) ? lease : lease + "-" + identity) + ".lock");
    }
  }

  private final Leases leases;
  private final String lease;
  private final Duty duty;
  private final FileChannel lockFile;
  private final CompletableFuture<AutoCloseable> running = new CompletableFuture<>();
  private volatile String leader = "";
  private boolean leading;
  private boolean closed;
  private @Nullable CompletableFuture<?> election;

  private Leadership(Leases leases, String lease, Duty duty, FileChannel lockFile) {
    this.leases = leases;
    this.lease = lease;
    this.duty = duty;
    this.lockFile = lockFile;
  }

  /** Returns at once; the duty starts when the lease is had. */
  static Leadership strive(Leases leases, String lease, Duty duty, MeterRegistry metrics) {
    try {
      var leadership =
          new Leadership(
              leases,
              lease,
              duty,
              FileChannel.open(
                  leases.lockFile(lease), StandardOpenOption.CREATE, StandardOpenOption.WRITE));
      leadership.bindTo(metrics);
      Thread.ofPlatform().name("lead-" + lease).daemon().start(leadership::run);
      return leadership;
    } catch (IOException failure) {
      throw new ConfigException("no lock file for " + lease + ": " + failure.getMessage());
    }
  }

  private void bindTo(MeterRegistry metrics) {
    gauge("ccbridge.lease.held", this::leads)
        .description("1 while this process has the lease, and with it the duty")
        .register(metrics);
    gauge("ccbridge.lease.known", () -> leads() || !leader.isEmpty())
        .description("1 while this process has the lease or knows who does")
        .register(metrics);
    gauge("ccbridge.duty.ready", () -> lacking().isEmpty())
        .description("1 while nothing keeps the duty from its work, or another process has it")
        .register(metrics);
  }

  private Gauge.Builder<Supplier<Number>> gauge(String name, BooleanSupplier holds) {
    Supplier<Number> value = () -> holds.getAsBoolean() ? 1 : 0;
    return Gauge.builder(name, value).tag("lease", lease);
  }

  private synchronized boolean leads() {
    return leading && !closed;
  }

  /**
   * Waits until the duty has started.
   *
   * @throws RuntimeException what starting it threw
   */
  void awaitStarted() {
    try {
      running.join();
    } catch (CompletionException failed) {
      throw failed.getCause() instanceof RuntimeException cause ? cause : failed;
    }
  }

  /** Completes when all duties have started. */
  static CompletableFuture<Void> allStarted(List<Leadership> duties) {
    return CompletableFuture.allOf(
        duties.stream().map(duty -> duty.running).toArray(CompletableFuture[]::new));
  }

  /** Completes only when a duty could not be started, with the reason. */
  static CompletableFuture<RuntimeException> firstFailure(List<Leadership> duties) {
    var failure = new CompletableFuture<RuntimeException>();
    for (var duty : duties) {
      var unused =
          duty.running.whenComplete(
              (started, reason) -> {
                if (reason != null) {
                  failure.complete(
                      reason instanceof RuntimeException known
                          ? known
                          : new IllegalStateException(reason));
                }
              });
    }
    return failure;
  }

  private void run() {
    try {
      if (lockFile.tryLock() == null) {
        LOG.info("{}.waiting another process of this data directory has it", lease);
        lockFile.lock();
      }
      elect();
    } catch (ClosedChannelException ended) {
      LOG.debug("{} not wanted any more", lease);
    } catch (IOException failure) {
      LOG.error("{} cannot be had", lease, failure);
      running.completeExceptionally(failure);
    }
  }

  private synchronized void elect() {
    if (closed) {
      return;
    }
    var callbacks = new LeaderCallbacks(this::lead, this::lost, this::observe);
    var elector =
        leases
            .kubernetes()
            .leaderElector()
            .withConfig(
                new LeaderElectionConfigBuilder()
                    .withName(lease)
                    .withLock(new LeaseLock(leases.namespace(), lease, leases.identity()))
                    .withLeaseDuration(LEASE_DURATION)
                    .withRenewDeadline(RENEW_DEADLINE)
                    .withRetryPeriod(RETRY_PERIOD)
                    .withReleaseOnCancel(false)
                    .withLeaderCallbacks(callbacks)
                    .build())
            .build();
    election = elector.start();
  }

  private void observe(String holder) {
    leader = holder;
    if (!holder.isEmpty() && !holder.equals(leases.identity())) {
      LOG.info("{}.waiting leader={}", lease, holder);
    }
  }

  /** Nothing lacks who leads with all it needs, or who waits and knows whom for. */
  @Override
  public List<String> lacking() {
    if (running.isDone() && !running.isCompletedExceptionally()) {
      return running.join() instanceof Lacking duty ? duty.lacking() : List.of();
    }
    synchronized (this) {
      if (leading) {
        return List.of(lease + " is starting");
      }
    }
    return leader.isEmpty() ? List.of(lease + " has no known leader") : List.of();
  }

  /** On a thread of its own: the elector renews the lease on the one that tells us. */
  private void lead() {
    synchronized (this) {
      if (leading || closed) {
        return;
      }
      leading = true;
    }
    LOG.info("{}.leading", lease);
    Thread.ofPlatform().name("duty-" + lease).start(this::startDuty);
  }

  private void startDuty() {
    try {
      running.complete(duty.start());
    } catch (RuntimeException failure) {
      running.completeExceptionally(failure);
    }
  }

  private void lost() {
    synchronized (this) {
      if (closed || !leading) {
        return;
      }
    }
    if (leases.embedded()) {
      LOG.warn("{}.not-renewed taken again", lease);
      Thread.ofPlatform().name("lead-" + lease).daemon().start(this::elect);
      return;
    }
    LOG.error("{}.lost-lock error=\"lock lost\" the process ends", lease);
    Runtime.getRuntime().halt(LOST);
  }

  /** Ends the duty, then gives the lease to whoever waits for it. */
  @Override
  public void close() {
    @Nullable CompletableFuture<?> electing;
    boolean started;
    synchronized (this) {
      closed = true;
      electing = election;
      started = leading;
    }
    if (started) {
      endDuty();
    }
    if (electing != null) {
      // After this the elector renews no more.
      electing.cancel(true);
    }
    if (started) {
      release();
    }
    try {
      lockFile.close();
    } catch (IOException failure) {
      LOG.warn("lock file of {} could not be closed error={}", lease, failure.toString());
    }
  }

  /** The elector's own release leaves our name in the lease, and others would wait for its end. */
  private void release() {
    try {
      var mine = leases.kubernetes().leases().inNamespace(leases.namespace()).withName(lease).get();
      if (mine == null || !leases.identity().equals(mine.getSpec().getHolderIdentity())) {
        return;
      }
      mine.getSpec().setHolderIdentity("");
      mine.getSpec().setLeaseDurationSeconds(1);
      leases.kubernetes().resource(mine).update();
      LOG.info("{}.released", lease);
    } catch (KubernetesClientException failure) {
      LOG.warn("{} could not be released, it runs out error={}", lease, failure.getMessage());
    }
  }

  private void endDuty() {
    try {
      running.get(END_PATIENCE.toMillis(), TimeUnit.MILLISECONDS).close();
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    } catch (ExecutionException failed) {
      LOG.debug("{} had not started", lease);
    } catch (TimeoutException stillStarting) {
      LOG.warn("{} is ended while it starts", lease);
    } catch (Exception failure) {
      LOG.error("{} could not be ended", lease, failure);
    }
  }
}
