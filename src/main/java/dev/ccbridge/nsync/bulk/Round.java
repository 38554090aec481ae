package dev.ccbridge.nsync.bulk;

import dev.ccbridge.cloudcontroller.client.BulkClient;
import dev.ccbridge.cloudcontroller.client.CloudControllerException;
import dev.ccbridge.cloudcontroller.model.DesireAppRequestFromCC;
import dev.ccbridge.cloudcontroller.model.FingerprintPage;
import dev.ccbridge.receptor.Receptor;
import dev.ccbridge.receptor.model.ReceptorErrorName;
import dev.ccbridge.receptor.model.ReceptorException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One comparison of everything. Nothing is written, and no app is asked for, of which the
 * fingerprint and the resource agree.
 *
 * <p>Source: nsync/bulk/processor.go @fb3fab5, sync(): excess is deleted only after a complete
 * fetch; failures of apps, batches and deletes do not stop the rest.
 */
final class Round {
  private static final Logger LOG = LoggerFactory.getLogger(Round.class);
  private static final int PROGRESS = 10_000;

  private final BulkSyncConfig config;
  private final BulkClient cc;
  private final Receptor receptor;
  private final AppWriter writer;
  private final KnownApps apps;
  private final KnownLRPs lrps;
  private final Tally tally = new Tally();
  private final Map<String, String> written = new ConcurrentHashMap<>();
  private final Differ differ;
  private final List<String> withoutResource;

  Round(
      BulkSyncConfig config,
      BulkClient cc,
      Receptor receptor,
      AppWriter writer,
      KnownApps apps,
      KnownLRPs lrps) {
    this.config = config;
    this.cc = cc;
    this.receptor = receptor;
    this.writer = writer;
    this.apps = apps;
    this.lrps = lrps;
    var snapshot = apps.snapshot();
    this.differ = new Differ(snapshot);
    this.withoutResource = lrps.without(snapshot.keySet());
    LOG.info("bulk sync started resources={} lrps={}", snapshot.size(), lrps.size());
  }

  /**
   * @throws InterruptedException when stopped; nothing is deleted then
   */
  Outcome run() throws InterruptedException {
    var workers = new Semaphore(config.workers());
    boolean whole;
    try (var creates = new Pipeline(cc, app -> write(app, false), workers, tally.created, tally);
        var updates = new Pipeline(cc, app -> write(app, true), workers, tally.updated, tally)) {
      whole = readPages(creates, updates);
    }
    failIfStopping();
    if (whole) {
      deleteExcess();
    }
    return new Outcome(
        whole ? Outcome.Extent.WHOLE : Outcome.Extent.PARTIAL,
        differ.fingerprints(),
        tally.created.get(),
        tally.updated.get(),
        tally.deleted.get(),
        tally.failed.get(),
        differ.held());
  }

  /**
   * The LRPs that the Receptor does not have yet as this round left their resources, by process
   * guid, each with its etag.
   */
  Map<String, String> notCarriedOut() {
    var waiting = new HashMap<>(written);
    differ.forEachFresh(waiting::put);
    waiting.entrySet().removeIf(e -> isAtReceptor(e.getKey(), e.getValue()));
    return waiting;
  }

  private boolean isAtReceptor(String processGuid, String etag) {
    return lrps.annotation(processGuid).filter(etag::equals).isPresent();
  }

  /** False: not all of them could be had. */
  private boolean readPages(Pipeline creates, Pipeline updates) throws InterruptedException {
    var token = FingerprintPage.FIRST_TOKEN;
    while (true) {
      FingerprintPage page;
      try {
        page = cc.fingerprints(config.batchSize(), token);
      } catch (CloudControllerException failure) {
        failIfStopping();
        LOG.warn("not all fingerprints fetched, nothing is deleted cause={}", failure.message());
        return false;
      }
      compare(page, creates, updates);
      if (page.fingerprints().size() < config.batchSize()) {
        return true;
      }
      // The same again would be asked for without end.
      var next = page.token().orElse(token);
      if (next.equals(token)) {
        LOG.warn("not all fingerprints fetched, nothing is deleted cause=a full page has no token");
        return false;
      }
      token = next;
    }
  }

  private void compare(FingerprintPage page, Pipeline creates, Pipeline updates)
      throws InterruptedException {
    var before = differ.fingerprints();
    var difference = differ.compare(page.fingerprints());
    if (before / PROGRESS != differ.fingerprints() / PROGRESS) {
      LOG.info(
          "bulk sync goes on fingerprints={} created={} updated={} failed={}",
          differ.fingerprints(),
          tally.created,
          tally.updated,
          tally.failed);
    }
    creates.accept(difference.missing());
    updates.accept(difference.stale());
  }

  private void write(DesireAppRequestFromCC app, boolean known) {
    writer.desire(app, known);
    written.put(app.processGuid(), app.etag());
  }

  private void deleteExcess() throws InterruptedException {
    for (var app : differ.excess()) {
      failIfStopping();
      // Desired or deleted since the round began: the next one knows more.
      if (apps.find(app.processGuid()).filter(app::isSameAs).isPresent()) {
        delete(app.processGuid(), () -> writer.delete(app.processGuid()));
      }
    }
    // Of a Diego that was there before, or of a resource that was taken away with its finalizer.
    for (var guid : differ.unwanted(withoutResource)) {
      failIfStopping();
      if (apps.find(guid).isEmpty()) {
        delete(guid, () -> deleteLRP(guid));
      }
    }
  }

  private void delete(String processGuid, Runnable call) {
    try {
      call.run();
      tally.deleted.incrementAndGet();
    } catch (RuntimeException failure) {
      tally.deleteFailed(processGuid, failure);
    }
  }

  private void deleteLRP(String processGuid) {
    try {
      receptor.deleteDesiredLRP(processGuid);
    } catch (ReceptorException failure) {
      if (failure.name() != ReceptorErrorName.DesiredLRPNotFound) {
        throw failure;
      }
    }
  }

  private static void failIfStopping() throws InterruptedException {
    if (Thread.currentThread().isInterrupted()) {
      throw new InterruptedException("stopping");
    }
  }
}
