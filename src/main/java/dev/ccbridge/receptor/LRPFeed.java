package dev.ccbridge.receptor;

import dev.ccbridge.receptor.model.ReceptorEvent;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Feeds what is known of the Receptor's LRPs: one thread reads the event stream and subscribes anew
 * when it ends; a second one lists everything after each subscription, in regular intervals, and
 * when there is doubt. Events are read while the list is under way, so that a slow list does not
 * end the stream.
 *
 * <p>Thread-safe.
 */
public final class LRPFeed implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(LRPFeed.class);
  private static final Duration STOP_PATIENCE = Duration.ofSeconds(5);

  /** A Receptor that stays away is asked eight times more seldom. */
  private static final int MOST_DOUBLINGS = 3;

  /** Who is fed. Called on two threads, as told; must not block for long. */
  public interface Sink {
    /** An event, in the order of the stream; also while a list is under way. */
    void accept(ReceptorEvent event);

    /**
     * Asks the Receptor for everything and takes it over; one list at a time.
     *
     * @throws RuntimeException when the Receptor does not tell, with nothing taken over; the list
     *     is tried again
     */
    void list(Receptor receptor);

    /** Runs after each full list, on the thread that lists. */
    default void afterList() {}
  }

  private final Receptor receptor;
  private final Sink sink;
  private final Duration compareInterval;
  private final Duration reconnectPause;
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
   * @param receptor stays open when the feed closes
   * @param compareInterval between two full lists, which repair lost events
   * @param reconnectPause before the stream is subscribed to anew, and between two lists; doubled,
   *     three times at most, as long as the Receptor does not answer
   */
  public LRPFeed(Receptor receptor, Sink sink, Duration compareInterval, Duration reconnectPause) {
    this.receptor = receptor;
    this.sink = sink;
    this.compareInterval = compareInterval;
    this.reconnectPause = reconnectPause;
  }

  public void start() {
    reader.start();
    lister.start();
  }

  /** Whether the Receptor's LRPs have been listed at least once; waits for it so long. */
  public boolean awaitLoaded(Duration patience) throws InterruptedException {
    return loaded.await(patience.toMillis(), TimeUnit.MILLISECONDS);
  }

  public boolean isLoaded() {
    return loaded.getCount() == 0;
  }

  /**
   * Whether nothing can be missing in what was fed: the stream is open, everything was listed since
   * it was opened, and since the last doubt.
   */
  public synchronized boolean isInStep() {
    return stream != null && listedSubscription == subscriptions && listedDoubts == doubts;
  }

  /**
   * Whether {@link #isInStep}; waits for it so long, unless the Receptor is known to be away, which
   * is told at once.
   */
  public synchronized boolean awaitInStep(Duration patience) throws InterruptedException {
    var end = System.nanoTime() + patience.toNanos();
    while (!isInStep() && !away.get()) {
      var left = end - System.nanoTime();
      if (left <= 0) {
        return false;
      }
      TimeUnit.NANOSECONDS.timedWait(this, left);
    }
    return isInStep();
  }

  /** What is known is not to be trusted until the next list, as after a call without an answer. */
  public void doubt() {
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
    var failures = 0;
    while (stopped.getCount() > 0) {
      try (var events = receptor.subscribeToEvents()) {
        failures = 0;
        opened(events);
        while (true) {
          sink.accept(events.next());
        }
      } catch (InterruptedException stopping) {
        return;
      } catch (RuntimeException ended) {
        lost(ended);
      }
      if (paused(failures++)) {
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
    if (stopped.getCount() > 0 && wentAway()) {
      LOG.info("the Receptor is away, trying again until it is back cause={}", why.getMessage());
    }
  }

  /** True: it was there before. */
  private synchronized boolean wentAway() {
    notifyAll();
    return !away.getAndSet(true);
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
    var failures = 0;
    do {
      if (!awaitNextList()) {
        return;
      }
      if (list()) {
        failures = 0;
        runAfterList();
      } else {
        failures++;
        listNow.release();
      }
      // However often it is asked for, there is a pause between two lists.
    } while (!paused(Math.max(0, failures - 1)));
  }

  /** False: this feed is closed. */
  private boolean awaitNextList() {
    try {
      if (listNow.tryAcquire(compareInterval.toMillis(), TimeUnit.MILLISECONDS)) {
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
      sink.list(receptor);
    } catch (RuntimeException failure) {
      if (stopped.getCount() > 0 && wentAway()) {
        LOG.info("LRPs not listed, trying again cause={}", failure.getMessage());
      }
      return false;
    }
    boolean back;
    synchronized (this) {
      listedSubscription = subscription;
      listedDoubts = doubt;
      back = away.getAndSet(false);
      notifyAll();
    }
    if (back) {
      LOG.info("the Receptor is back");
    }
    loaded.countDown();
    return true;
  }

  private void runAfterList() {
    try {
      sink.afterList();
    } catch (RuntimeException failure) {
      LOG.warn("what follows a list failed, trying again after the next one", failure);
    }
  }

  /** Waits a moment; true: this feed is closed. */
  private boolean paused(int doublings) {
    try {
      var pause = reconnectPause.multipliedBy(1L << Math.min(doublings, MOST_DOUBLINGS));
      return stopped.await(pause.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException stopping) {
      return true;
    }
  }
}
