package dev.ccbridge.receptor.store;

import dev.ccbridge.receptor.model.ActualLRPResponse;
import dev.ccbridge.receptor.model.DesiredLRPCreateRequest;
import dev.ccbridge.receptor.model.DesiredLRPResponse;
import dev.ccbridge.receptor.model.DesiredLRPUpdateRequest;
import dev.ccbridge.receptor.model.ModificationTag;
import dev.ccbridge.receptor.model.ReceptorErrorName;
import dev.ccbridge.receptor.model.ReceptorException;
import dev.ccbridge.receptor.model.Validation;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What clients ask of LRPs: create, change, delete, stop one instance. Thread-safe; shares its lock
 * with {@link InstanceKeeper}, and never calls the backend under it. Source: bbs/db/etcd/
 * desired_lrp_db.go.
 */
final class LRPStore {
  private final LRPRecords records;
  private final EvacuatedCopies copies;
  private final InstanceKeeper instances;
  private final Clock clock;
  private final ReentrantLock lock;

  LRPStore(LRPRecords records, EvacuatedCopies copies, InstanceKeeper instances, Clock clock) {
    this.records = records;
    this.copies = copies;
    this.instances = instances;
    this.clock = clock;
    this.lock = records.lock();
  }

  List<DesiredLRPResponse> list(String domain) {
    var listed =
        records.desired().stream()
            .filter(lrp -> domain.isEmpty() || domain.equals(lrp.domain()))
            .toList();
    records.settleDesired();
    return listed;
  }

  Optional<DesiredLRPResponse> find(String processGuid) {
    var found = Optional.ofNullable(records.desired(processGuid));
    records.settleDesired(processGuid);
    return found;
  }

  /**
   * @param domain empty: all
   */
  List<ActualLRPResponse> actual(String domain) {
    var listed =
        records.actual().stream()
            .filter(instance -> domain.isEmpty() || domain.equals(instance.domain()))
            .toList();
    records.settleActual();
    return listed;
  }

  List<ActualLRPResponse> actualOf(String processGuid) {
    var listed = records.actual(processGuid);
    records.settleActual();
    return listed;
  }

  Optional<ActualLRPResponse> findActual(LRPKey key) {
    var found = records.actual(key);
    records.settleActual(key);
    return found;
  }

  void create(DesiredLRPCreateRequest request) {
    Validation.check(request);
    changeDesired(
        request.processGuid(),
        () -> {
          if (records.desired(request.processGuid()) != null) {
            throw new ReceptorException(
                ReceptorErrorName.DesiredLRPAlreadyExists,
                "Desired LRP with guid '" + request.processGuid() + "' already exists");
          }
          var lrp = desired(request);
          records.createDesired(lrp);
          instances.createMissing(lrp, Times.now(clock));
          return List.of();
        });
  }

  void update(String processGuid, DesiredLRPUpdateRequest update) {
    Validation.check(update);
    changeDesired(
        processGuid,
        () -> {
          var before = require(processGuid);
          var after = updated(before, update);
          records.changeDesired(before, after);
          instances.createMissing(after, Times.now(clock));
          return retire(beyond(after), copiesBeyond(after));
        });
  }

  /** The record goes first, so that nothing that ends now is started again. */
  void delete(String processGuid) {
    changeDesired(
        processGuid,
        () -> {
          records.removeDesired(require(processGuid));
          instances.forgetIfGone(processGuid);
          return retire(records.instances(processGuid), records.copies(processGuid));
        });
  }

  void kill(LRPKey key) {
    change(
        () -> records.settleActual(key),
        () -> {
          if (records.actual(key).isEmpty()) {
            throw new ReceptorException(
                ReceptorErrorName.ActualLRPIndexNotFound,
                "process-guid '"
                    + key.processGuid()
                    + "' does not exist or has no instance at index "
                    + key.index());
          }
          return retire(
              Optional.ofNullable(records.instance(key)).stream().toList(),
              Optional.ofNullable(records.copy(key)).stream().toList());
        });
  }

  private void changeDesired(String processGuid, Supplier<List<String>> change) {
    change(() -> records.settleDesired(processGuid), change);
  }

  /**
   * Changes records as one, and stops containers once that is on the disk.
   *
   * @param settle waits until what a refusal tells of is on the disk, as after any other read
   * @param change under the lock; gives the guids of the containers to stop, or refuses
   */
  private void change(Runnable settle, Supplier<List<String>> change) {
    CompletableFuture<@Nullable Void> stored;
    List<String> stops;
    try {
      lock.lock();
      try {
        stops = change.get();
        stored = records.flush();
      } finally {
        lock.unlock();
      }
    } catch (ReceptorException refusal) {
      settle.run();
      throw refusal;
    }
    Records.await(stored);
    stops.forEach(instances::stop);
  }

  /** From the highest index down. */
  private List<ActualLRPResponse> beyond(DesiredLRPResponse lrp) {
    return records.instances(lrp.processGuid()).reversed().stream()
        .filter(instance -> instance.index() >= lrp.instances())
        .toList();
  }

  private List<ActualLRPResponse> copiesBeyond(DesiredLRPResponse lrp) {
    return records.copies(lrp.processGuid()).stream()
        .filter(copy -> copy.index() >= lrp.instances())
        .toList();
  }

  private List<String> retire(List<ActualLRPResponse> some, List<ActualLRPResponse> theirCopies) {
    var stops = new ArrayList<String>();
    var now = Times.now(clock);
    theirCopies.forEach(copy -> copies.drop(LRPRecords.keyOf(copy)).ifPresent(stops::add));
    some.forEach(instance -> instances.retire(instance, now).ifPresent(stops::add));
    return stops;
  }

  private DesiredLRPResponse require(String processGuid) {
    var lrp = records.desired(processGuid);
    if (lrp == null) {
      throw new ReceptorException(
          ReceptorErrorName.DesiredLRPNotFound,
          "Desired LRP with guid '" + processGuid + "' not found");
    }
    return lrp;
  }

  private static DesiredLRPResponse updated(
      DesiredLRPResponse before, DesiredLRPUpdateRequest update) {
    var instances = update.instances();
    var routes = update.routes();
    var annotation = update.annotation();
    var tag = before.modificationTag();
    return new DesiredLRPResponse(
        before.processGuid(),
        before.domain(),
        before.rootfs(),
        instances == null ? before.instances() : instances,
        before.env(),
        before.setup(),
        before.action(),
        before.monitor(),
        before.startTimeout(),
        before.diskMb(),
        before.memoryMb(),
        before.cpuWeight(),
        before.privileged(),
        before.ports(),
        routes == null ? before.routes() : routes,
        before.logGuid(),
        before.logSource(),
        before.metricsGuid(),
        annotation == null ? before.annotation() : annotation,
        before.egressRules(),
        new ModificationTag(tag.epoch(), tag.index() + 1),
        before.imageUsername(),
        before.imagePassword());
  }

  private static DesiredLRPResponse desired(DesiredLRPCreateRequest request) {
    var ports = request.ports();
    return new DesiredLRPResponse(
        request.processGuid(),
        request.domain(),
        request.rootfs(),
        request.instances(),
        request.env(),
        request.setup(),
        request.action(),
        request.monitor(),
        request.startTimeout(),
        request.diskMb(),
        request.memoryMb(),
        request.cpuWeight(),
        request.privileged(),
        ports == null ? List.of() : ports,
        request.routes(),
        request.logGuid(),
        request.logSource(),
        request.metricsGuid(),
        request.annotation(),
        request.egressRules(),
        new ModificationTag(UUID.randomUUID().toString(), 0),
        request.imageUsername(),
        request.imagePassword());
  }
}
