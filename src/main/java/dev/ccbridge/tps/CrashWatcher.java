package dev.ccbridge.tps;

import dev.ccbridge.cloudcontroller.client.CloudControllerClient;
import dev.ccbridge.receptor.EventSource;
import dev.ccbridge.receptor.Receptor;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells CC of every crash of an app's instance, at least once: from the event stream, and by
 * comparing a full list with what was told, after each subscription and in regular intervals. Of
 * what happened unseen there is one report for each instance, with the current count.
 *
 * <p>Runs in one process at a time (it is for the leader). After {@link #close()} another may be
 * started at once. Source: tps watcher/watcher.go; the comparison is our own.
 */
public final class CrashWatcher implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(CrashWatcher.class);
  private static final Duration STOP_PATIENCE = Duration.ofSeconds(5);

  private final CrashWatcherConfig config;
  private final Receptor receptor;
  private final CrashLedger ledger;
  private final CrashTeller teller;
  private final CrashMemory memory;
  private final CountDownLatch stopped = new CountDownLatch(1);
  private final Semaphore listNow = new Semaphore(0);
  private final Thread reader = Thread.ofVirtual().name("crash-events").unstarted(this::readEvents);
  private final Thread lister = Thread.ofVirtual().name("crash-lists").unstarted(this::keepListing);

  /** One line per outage is enough. */
  private final AtomicBoolean away = new AtomicBoolean();

  private @Nullable EventSource stream;

  /**
   * @param receptor stays open
   * @param cloudController stays open
   * @param ledger outlives this watcher
   */
  public CrashWatcher(
      CrashWatcherConfig config,
      Receptor receptor,
      CloudControllerClient cloudController,
      CrashLedger ledger) {
    this.config = config;
    this.receptor = receptor;
    this.ledger = ledger;
    this.teller = new CrashTeller(config, cloudController, ledger);
    this.memory = new CrashMemory(teller::tell, config.instancesRunWithoutUs());
  }

  /** To be called once. */
  public void start() {
    reader.start();
    lister.start();
  }

  /** Crashes seen that CC has not acknowledged yet. */
  public int untold() {
    return teller.untold();
  }

  /** When this returns, nothing is told any more. */
  @Override
  public void close() {
    stopped.countDown();
    reader.interrupt();
    lister.interrupt();
    closeStream();
    teller.close();
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
          memory.accept(events.next());
        }
      } catch (InterruptedException stopping) {
        return;
      } catch (RuntimeException ended) {
        lost(ended);
      }
      if (paused(config.pause())) {
        return;
      }
    }
  }

  private void opened(EventSource events) {
    synchronized (this) {
      stream = events;
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
      LOG.info("no events of the Receptor, subscribing again cause={}", why.getMessage());
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
      if (!list()) {
        listNow.release();
      }
      // However often it is asked for, there is a pause between two lists.
    } while (!paused(config.pause()));
  }

  /** False: this watcher is closed. */
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

  /** False: all of it has to be done again. */
  private boolean list() {
    try {
      var mark = memory.mark();
      var list = receptor.actualLRPs(CrashMemory.DOMAIN);
      if (paused(config.listGrace())) {
        return false;
      }
      var wanted = memory.notLookedUp(list);
      var lookedUp = lookUp(wanted);
      var present = memory.compare(list, mark, guid -> Optional.ofNullable(lookedUp.get(guid)));
      ledger.keepOnly(present);
      teller.recordAgain();
      if (!lookedUp.keySet().containsAll(wanted)) {
        return false;
      }
      if (away.getAndSet(false)) {
        LOG.info("instances are compared again");
      }
      return true;
    } catch (RuntimeException failure) {
      if (stopped.getCount() > 0 && !away.getAndSet(true)) {
        LOG.info("instances not compared, trying again cause={}", failure.getMessage());
      }
      return false;
    }
  }

  /** What was told of these processes; without those that cannot be looked up now. */
  private Map<String, Map<Integer, CrashTold>> lookUp(Set<String> processGuids) {
    var found = new HashMap<String, Map<Integer, CrashTold>>();
    for (var guid : processGuids) {
      try {
        found.put(guid, ledger.find(guid));
      } catch (RuntimeException unreachable) {
        if (!away.getAndSet(true)) {
          LOG.warn(
              "told crashes not looked up, trying again processGuid={} cause={}",
              guid,
              unreachable.toString());
        }
        // The others would fail as well, each after its time limit.
        return found;
      }
    }
    return found;
  }

  /** Waits a moment; true: this watcher is closed. */
  private boolean paused(Duration pause) {
    try {
      return stopped.await(pause.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException stopping) {
      return true;
    }
  }
}
