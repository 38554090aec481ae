package dev.ccbridge.nsync.bulk;

import dev.ccbridge.CcBridgeException;
import dev.ccbridge.cloudcontroller.client.BulkClient;
import dev.ccbridge.cloudcontroller.model.DesireAppRequestFromCC;
import java.util.HashSet;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/**
 * Fetches and writes one batch of apps after the other, while the pages after it are read. Closing
 * waits for the end of all batches; interrupted, it ends what is under way.
 */
final class Pipeline implements AutoCloseable {
  /** A page that is ahead of these waits, so that memory holds two batches at most. */
  private static final int BATCHES_AHEAD = 1;

  private final BulkClient cc;
  private final Consumer<DesireAppRequestFromCC> write;
  private final Semaphore workers;
  private final AtomicInteger written;
  private final Tally tally;
  private final Semaphore room = new Semaphore(1 + BATCHES_AHEAD);
  private final ExecutorService batches =
      Executors.newSingleThreadExecutor(Thread.ofVirtual().name("bulk-batches").factory());

  /**
   * @param workers apps written at a time, all pipelines together
   * @param written counts what was
   */
  Pipeline(
      BulkClient cc,
      Consumer<DesireAppRequestFromCC> write,
      Semaphore workers,
      AtomicInteger written,
      Tally tally) {
    this.cc = cc;
    this.write = write;
    this.workers = workers;
    this.written = written;
    this.tally = tally;
  }

  /** Takes a batch on; waits while too many are ahead of it. */
  void accept(List<String> processGuids) throws InterruptedException {
    if (processGuids.isEmpty()) {
      return;
    }
    acquire(room);
    batches.execute(
        () -> {
          try {
            carryOut(processGuids);
          } finally {
            room.release();
          }
        });
  }

  private void carryOut(List<String> processGuids) {
    List<DesireAppRequestFromCC> apps;
    try {
      apps = cc.apps(processGuids);
    } catch (CcBridgeException failure) {
      tally.batchFailed(processGuids.size(), failure.message());
      return;
    }
    var asked = new HashSet<>(processGuids);
    try (var tasks = Executors.newVirtualThreadPerTaskExecutor()) {
      for (var app : apps) {
        if (!asked.remove(app.processGuid())) {
          tally.batchFailed(1, "Cloud Controller answered with an app that was not asked for");
          continue;
        }
        acquire(workers);
        tasks.execute(() -> write(app));
      }
    } catch (InterruptedException stopping) {
      // The rest of the batch is left to another round.
    }
  }

  /** The thread stays interrupted: what it closes on its way out waits for writes otherwise. */
  private static void acquire(Semaphore permits) throws InterruptedException {
    try {
      permits.acquire();
    } catch (InterruptedException stopping) {
      Thread.currentThread().interrupt();
      throw stopping;
    }
  }

  private void write(DesireAppRequestFromCC app) {
    try {
      write.accept(app);
      written.incrementAndGet();
    } catch (RuntimeException failure) {
      tally.appFailed(app.processGuid(), failure);
    } finally {
      workers.release();
    }
  }

  @Override
  public void close() {
    batches.close();
  }
}
