package dev.ccbridge.nsync.bulk;

import dev.ccbridge.cloudcontroller.client.BulkClient;
import dev.ccbridge.nsync.recipe.LRPOptions;
import dev.ccbridge.receptor.LRPFeed;
import dev.ccbridge.receptor.Receptor;
import dev.ccbridge.receptor.model.ReceptorException;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The bulker: makes the resources of Cloud Controller's apps what Cloud Controller wants, round by
 * round, and tells the Receptor that {@code cf-apps} is complete.
 *
 * <p>What there is is known by watches, so a round asks Cloud Controller for fingerprints and
 * nobody for anything else, unless something differs.
 *
 * <p><b>Freshness.</b> A fresh domain lets the Receptor stop instances whose desired LRP it does
 * not have. The original declares it after the Receptor accepted all creates and updates of a
 * round. Here a round only writes resources, and the reconciler carries them out afterwards; so the
 * domain is declared fresh when the round had no failure (deletes aside) <em>and</em> the Receptor
 * has been seen to have, with its etag, every LRP that the round found or left wanted. What the
 * Receptor lost, though its resource is fine, holds it up as well. One app of which no recipe can
 * be made holds up the domain, as in the original: a domain that is not fresh only means that
 * nothing is stopped for absence, and the log names the app. Differs from Diego: {@code
 * DesiredLRPAlreadyExists} is no failure; the LRP is adopted.
 *
 * <p>Only one bulker may run at a time; a lease is the caller's matter. Thread-safe.
 */
public final class BulkSync implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(BulkSync.class);
  private static final Duration LOOK = Duration.ofSeconds(1);
  private static final Duration STOP_PATIENCE = Duration.ofSeconds(10);

  private final BulkSyncConfig config;
  private final BulkClient cc;
  private final Receptor receptor;
  private final AppWriter writer;
  private final BulkMetrics metrics;
  private final Clock clock;
  private final KnownApps apps;
  private final KnownLRPs lrps = new KnownLRPs();
  private final LRPFeed feed;
  private final Thread loop = Thread.ofVirtual().name("bulk-sync").unstarted(this::loop);

  /** Before the domain may be declared fresh; only while {@link #owed}. */
  private final Map<String, String> waitedFor = new ConcurrentHashMap<>();

  /** The last round was complete and the Receptor has not been told so. */
  private volatile boolean owed;

  /**
   * @param cc stays open, as do {@code kubernetes} and {@code receptor}
   * @param meters counts and times rounds
   */
  public BulkSync(
      BulkSyncConfig config,
      BulkClient cc,
      KubernetesClient kubernetes,
      Receptor receptor,
      AppWriter writer,
      MeterRegistry meters,
      Clock clock) {
    this.config = config;
    this.cc = cc;
    this.receptor = receptor;
    this.writer = writer;
    this.metrics = new BulkMetrics(meters);
    this.clock = clock;
    this.apps = new KnownApps(kubernetes, config.namespace());
    this.feed = new LRPFeed(receptor, lrps, config.compareInterval(), config.reconnectPause());
  }

  /** Begins to watch, and then with the rounds. */
  public void start() {
    watch();
    startRounds();
  }

  /** The rounds, for one that watches already. */
  void startRounds() {
    loop.start();
  }

  boolean isRunning() {
    return loop.isAlive();
  }

  /** What is known of the resource of this app. */
  Optional<App> knownApp(String processGuid) {
    return apps.find(processGuid);
  }

  int knownApps() {
    return apps.size();
  }

  /** Ends the round that is under way; what it has not written yet is left to another one. */
  @Override
  public void close() {
    loop.interrupt();
    try {
      if (loop.getState() != Thread.State.NEW && !loop.join(STOP_PATIENCE)) {
        LOG.warn("the round under way does not end");
      }
    } catch (InterruptedException stopping) {
      Thread.currentThread().interrupt();
    }
    feed.close();
    apps.close();
  }

  /** Begins to watch only; rounds are made by calling {@link #round}. */
  public void watch() {
    apps.start();
    feed.start();
  }

  /** Whether everything is known that a round needs. */
  public boolean isReady() {
    return apps.isSynced() && feed.isInStep();
  }

  /**
   * One round, on this thread; one at a time.
   *
   * @throws InterruptedException when stopped in the middle
   */
  public synchronized Outcome round() throws InterruptedException {
    var begun = clock.instant();
    owed = false;
    var outcome = Outcome.givenUp();
    try {
      if (isKnown()) {
        var round = new Round(config, cc, receptor, writer, apps, lrps);
        outcome = round.run();
        metrics.made(outcome);
        report(outcome, Duration.between(begun, clock.instant()));
        oweFreshness(outcome, round);
      }
      return outcome;
    } finally {
      metrics.ended(outcome, Duration.between(begun, clock.instant()));
    }
  }

  /** Declares the domain fresh if the last round allows it and the Receptor has all of it. */
  public synchronized void bumpFreshness() {
    if (!owed) {
      return;
    }
    waitedFor.entrySet().removeIf(e -> isCarriedOut(e.getKey(), e.getValue()));
    if (!waitedFor.isEmpty() || !feed.isInStep()) {
      return;
    }
    owed = false;
    try {
      receptor.upsertDomain(LRPOptions.CF_APPS, config.domainTtl());
      metrics.declaredFresh();
    } catch (ReceptorException failure) {
      LOG.warn("domain not declared fresh, trying again next round cause={}", failure.message());
    }
  }

  /** Has the Receptor's LRPs listed anew; until then {@link #isReady} is false. */
  public void relist() {
    feed.doubt();
  }

  private void oweFreshness(Outcome outcome, Round round) {
    if (!outcome.isComplete()) {
      LOG.warn(
          "domain not declared fresh extent={} failed={} held={}",
          outcome.extent(),
          outcome.failed(),
          outcome.held());
      return;
    }
    waitedFor.clear();
    waitedFor.putAll(round.notCarriedOut());
    owed = true;
    if (!waitedFor.isEmpty()) {
      LOG.info("the domain is declared fresh when the Receptor has LRPs={}", waitedFor.size());
    }
    bumpFreshness();
  }

  /** As the round left it, or as it has become since; or it is not wanted any more. */
  private boolean isCarriedOut(String processGuid, String etag) {
    var annotation = lrps.annotation(processGuid);
    var app = apps.find(processGuid);
    return annotation.filter(etag::equals).isPresent()
        || app.filter(App::deleting).isPresent()
        || (annotation.isPresent() && app.map(App::etag).equals(annotation));
  }

  private boolean isKnown() throws InterruptedException {
    if (!feed.awaitInStep(config.receptorPatience())) {
      LOG.warn("bulk sync given up, the Receptor's LRPs are not known");
      return false;
    }
    if (!apps.awaitSynced(config.receptorPatience())) {
      LOG.warn("bulk sync given up, the resources are not known");
      return false;
    }
    return true;
  }

  private void report(Outcome outcome, Duration took) {
    LOG.info(
        "bulk sync ended extent={} fingerprints={} created={} updated={} deleted={} failed={}"
            + " seconds={}",
        outcome.extent(),
        outcome.fingerprints(),
        outcome.created(),
        outcome.updated(),
        outcome.deleted(),
        outcome.failed(),
        took.toMillis() / 1000.0);
  }

  /**
   * The first pause counts from the beginning of the first round, the others from the end of
   * theirs. Source: nsync/bulk/processor.go, Run(): the timer is reset after each following sync.
   */
  private void loop() {
    try {
      var next = System.nanoTime() + config.pollingInterval().toNanos();
      safeRound();
      while (true) {
        pauseUntil(next);
        safeRound();
        next = System.nanoTime() + config.pollingInterval().toNanos();
      }
    } catch (InterruptedException stopping) {
      LOG.debug("bulk sync stops");
    }
  }

  private void safeRound() throws InterruptedException {
    try {
      round();
    } catch (RuntimeException defect) {
      LOG.error("bulk sync failed, trying again next round", defect);
    }
  }

  private void pauseUntil(long moment) throws InterruptedException {
    for (var left = moment - System.nanoTime(); left > 0; left = moment - System.nanoTime()) {
      Thread.sleep(Duration.ofNanos(Math.min(left, LOOK.toNanos())));
      bumpFreshness();
    }
  }
}
