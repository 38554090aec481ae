package dev.ccbridge.tps;

import dev.ccbridge.CcBridgeException;
import dev.ccbridge.ErrorKind;
import dev.ccbridge.cloudcontroller.client.CloudControllerClient;
import dev.ccbridge.receptor.LRPFeed;
import dev.ccbridge.receptor.Receptor;
import dev.ccbridge.receptor.model.ReceptorEvent;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
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

  private final CrashWatcherConfig config;
  private final CrashLedger ledger;
  private final CrashTeller teller;
  private final CrashMemory memory;
  private final LRPFeed feed;

  /** One line per outage is enough. */
  private final AtomicBoolean ledgerAway = new AtomicBoolean();

  /**
   * @param receptor stays open
   * @param cloudController stays open
   * @param ledger outlives this watcher
   * @param meters counts crashes
   */
  public CrashWatcher(
      CrashWatcherConfig config,
      Receptor receptor,
      CloudControllerClient cloudController,
      CrashLedger ledger,
      MeterRegistry meters) {
    this.config = config;
    this.ledger = ledger;
    this.teller = new CrashTeller(config, cloudController, ledger, meters);
    this.memory = new CrashMemory(teller::tell, config.instancesRunWithoutUs());
    this.feed = new LRPFeed(receptor, new Crashes(), config.compareInterval(), config.pause());
  }

  /** To be called once. */
  public void start() {
    feed.start();
  }

  /** Crashes seen that CC has not acknowledged yet. */
  public int untold() {
    return teller.untold();
  }

  /** When this returns, nothing is told any more. */
  @Override
  public void close() {
    feed.close();
    teller.close();
  }

  private final class Crashes implements LRPFeed.Sink {
    @Override
    public void accept(ReceptorEvent event) {
      memory.accept(event);
    }

    @Override
    public void list(Receptor receptor) {
      var mark = memory.mark();
      var list = receptor.actualLRPs(CrashMemory.DOMAIN);
      letEventsComeFirst();
      var wanted = memory.notLookedUp(list);
      var lookedUp = lookUp(wanted);
      var present = memory.compare(list, mark, guid -> Optional.ofNullable(lookedUp.get(guid)));
      ledger.keepOnly(present);
      teller.recordAgain();
      if (!lookedUp.keySet().containsAll(wanted)) {
        throw new CcBridgeException(
            ErrorKind.UNAVAILABLE, "what was told of some crashes cannot be looked up");
      }
      ledgerAway.set(false);
    }
  }

  private void letEventsComeFirst() {
    try {
      TimeUnit.NANOSECONDS.sleep(config.listGrace().toNanos());
    } catch (InterruptedException stopping) {
      Thread.currentThread().interrupt();
      throw new CcBridgeException(ErrorKind.UNAVAILABLE, "the watcher is closing", stopping);
    }
  }

  /** What was told of these processes; without those that cannot be looked up now. */
  private Map<String, Map<Integer, CrashTold>> lookUp(Set<String> processGuids) {
    var found = new HashMap<String, Map<Integer, CrashTold>>();
    for (var guid : processGuids) {
      try {
        found.put(guid, ledger.find(guid));
      } catch (RuntimeException unreachable) {
        if (!ledgerAway.getAndSet(true)) {
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
}
