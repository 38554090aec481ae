package dev.ccbridge.nsync;

import dev.ccbridge.receptor.EventSource;
import dev.ccbridge.receptor.Receptor;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Feeds the {@link LRPCache}: one thread reads the event stream and subscribes anew when it ends; a
 * second one lists everything after each subscription, in regular intervals, and when there is
 * doubt. Events are read while the list is under way, so that a slow list does not end the stream.
 *
 * <p>Thread-safe.
 */
final class LRPFeed implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(LRPFeed.class);
  private static final Duration STOP_PATIENCE = Duration.ofSeconds(5);

  private final Receptor receptor;
  private final LRPCache cache;
  private final NsyncConfig config;
  private final Consumer<Set<LRPCache.Change>> changed;
  private final Runnable afterList;
  private final CountDownLatch stopped = new CountDownLatch(1);
  private final CountDownLatch loaded = new CountDownLatch(1);
  private final Semaphore listNow = new Semaphore(0);
  private final Thread reader = Thread.ofVirtual().name("lrp-events").unstarted(this::readEvents);
  private final Thread lister = Thread.ofVirtual().name("lrp-lists").unstarted(this::keepListing);

  /** One line per outage is enough. */
  private final AtomicBoolean away = new AtomicBoolean();

  private @Nullable EventSource stream;
  private long subscriptions;
  private long doubts;
  private long listedSubscription;
  private long listedDoubts;

  /**
   * @param changed told of what became different, on the threads of this feed; must not block
   * @param afterList runs after each full list, on the thread that lists
   */
  LRPFeed(
      Receptor receptor,
      LRPCache cache,
      NsyncConfig config,
      Consumer<Set<LRPCache.Change>> changed,
      Runnable afterList) {
    this.receptor = receptor;
    this.cache = cache;
    this.config = config;
    this.changed = changed;
    this.afterList = afterList;
  }

  void start() {
    reader.start();
    lister.start();
  }

  /** Whether the Receptor's LRPs have been listed at least once; waits for it so long. */
  boolean awaitLoaded(Duration patience) throws InterruptedException {
    return loaded.await(patience.toMillis(), TimeUnit.MILLISECONDS);
  }

  boolean isLoaded() {
    return loaded.getCount() == 0;
  }

  /**
   * Whether nothing can be missing in the cache: the stream is open, everything was listed since it
   * was opened, and since the last doubt.
   */
  synchronized boolean isInStep() {
    return stream != null && listedSubscription == subscriptions && listedDoubts == doubts;
  }

  /** The outcome of a call is unknown, so what the cache has is not to be trusted until a list. */
  void doubt() {
    synchronized (this) {
      doubts++;
    }
    listNow.release();
  }

  @Override
  public void close() {
    stopped.countDown();
    reader.interrupt();
    lister.interrupt();
    closeStream();
    try {
      reader.join(STOP_PATIENCE);
      lister.join(STOP_PATIENCE);
    } catch (InterruptedException stopping) {
      Thread.currentThread().interrupt();
    }
  }

  private void readEvents() {
    while (stopped.getCount() > 0) {
      try (var events = receptor.subscribeToEvents()) {
        opened(events);
        while (true) {
          cache.accept(events.next()).ifPresent(change -> changed.accept(Set.of(change)));
        }
      } catch (InterruptedException stopping) {
        return;
      } catch (RuntimeException ended) {
        lost(ended);
      }
      if (paused()) {
        return;
      }
    }
  }

  private void opened(EventSource events) {
    synchronized (this) {
      stream = events;
      subscriptions++;
    }
    if (stopped.getCount() == 0) {
      events.close();
    }
    listNow.release();
  }

  private void lost(RuntimeException why) {
    synchronized (this) {
      stream = null;
    }
    if (stopped.getCount() > 0 && !away.getAndSet(true)) {
      LOG.info("the Receptor is away, trying again until it is back cause={}", why.getMessage());
    }
  }

  private void closeStream() {
    EventSource open;
    synchronized (this) {
      open = stream;
    }
    if (open != null) {
      open.close();
    }
  }

  private void keepListing() {
    do {
      if (!awaitNextList()) {
        return;
      }
      if (list()) {
        runAfterList();
      } else {
        listNow.release();
      }
      // However often it is asked for, there is a pause between two lists.
    } while (!paused());
  }

  /** False: this feed is closed. */
  private boolean awaitNextList() {
    try {
      if (listNow.tryAcquire(config.compareInterval().toMillis(), TimeUnit.MILLISECONDS)) {
        listNow.drainPermits();
      }
      return stopped.getCount() > 0;
    } catch (InterruptedException stopping) {
      return false;
    }
  }

  private boolean list() {
    long subscription;
    long doubt;
    synchronized (this) {
      subscription = stream == null ? 0 : subscriptions;
      doubt = doubts;
    }
    try {
      var mark = cache.mark();
      // Instances first: one that is created in between is then not without its desired LRP.
      var actual = receptor.actualLRPs("");
      var desired = receptor.desiredLRPs("");
      changed.accept(cache.merge(mark, desired, actual));
    } catch (RuntimeException failure) {
      if (!away.getAndSet(true)) {
        LOG.info("LRPs not listed, trying again cause={}", failure.getMessage());
      }
      return false;
    }
    synchronized (this) {
      listedSubscription = subscription;
      listedDoubts = doubt;
    }
    if (away.getAndSet(false)) {
      LOG.info("the Receptor is back");
    }
    loaded.countDown();
    return true;
  }

  private void runAfterList() {
    try {
      afterList.run();
    } catch (RuntimeException failure) {
      LOG.warn("domains not kept, trying again after the next list", failure);
    }
  }

  /** Waits a moment; true: this feed is closed. */
  private boolean paused() {
    try {
      return stopped.await(config.reconnectPause().toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException stopping) {
      return true;
    }
  }
}
