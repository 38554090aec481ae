package dev.ccbridge.tps;

import dev.ccbridge.api.DesiredLRP;
import dev.ccbridge.api.DesiredLRPStatus;
import dev.ccbridge.kube.Names;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Stream;

/**
 * Keeps what was told in {@code status.crashesTold} of the process's DesiredLRP, and in memory for
 * a process that has none. Thread-safe; one process writes at a time.
 */
public final class KubernetesCrashLedger implements CrashLedger {
  /** Its own, so that no other writer of the status takes the field away. */
  static final String FIELD_MANAGER = "cc-bridge-crashes-told";

  /** A status has to fit into an object of the API server; the oldest go. */
  private static final int MAX_PER_PROCESS = 1000;

  private static final int STRIPES = 64;

  private final KubernetesClient client;
  private final String namespace;
  private final Map<CrashKey, CrashTold> withoutResource = new ConcurrentHashMap<>();
  private final List<Lock> locks =
      Stream.<Lock>generate(ReentrantLock::new).limit(STRIPES).toList();

  /**
   * @param namespace where the DesiredLRPs of CC are
   */
  public KubernetesCrashLedger(KubernetesClient client, String namespace) {
    this.client = client;
    this.namespace = namespace;
  }

  @Override
  public Map<Integer, CrashTold> find(String processGuid) {
    var inMemory = new HashMap<Integer, CrashTold>();
    withoutResource.forEach(
        (key, told) -> {
          if (key.processGuid().equals(processGuid)) {
            inMemory.put(key.index(), told);
          }
        });
    resource(processGuid).map(KubernetesCrashLedger::told).ifPresent(inMemory::putAll);
    return inMemory;
  }

  @Override
  public void record(CrashKey key, CrashTold told) {
    // An apply says all that its manager wants: two at a time would each take the other's away.
    var lock = locks.get(Math.floorMod(key.processGuid().hashCode(), STRIPES));
    lock.lock();
    try {
      var resource = resource(key.processGuid());
      if (resource.isPresent() && write(resource.get(), key.index(), told)) {
        withoutResource.remove(key);
      } else {
        withoutResource.put(key, told);
      }
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void keepOnly(Set<CrashKey> present) {
    withoutResource.keySet().retainAll(present);
  }

  private Optional<DesiredLRP> resource(String processGuid) {
    var named =
        client
            .resources(DesiredLRP.class)
            .inNamespace(namespace)
            .withName(Names.fromGuid(processGuid))
            .get();
    return Optional.ofNullable(named)
        .filter(lrp -> lrp.getSpec() != null && processGuid.equals(lrp.getSpec().processGuid()));
  }

  /** False: the resource has gone meanwhile. */
  private boolean write(DesiredLRP lrp, int index, CrashTold told) {
    var all = new HashMap<>(told(lrp));
    all.put(index, told);
    try {
      client.resource(patch(lrp, all)).subresource("status").patch(apply());
      return true;
    } catch (KubernetesClientException refused) {
      if (refused.getCode() == 404) {
        return false;
      }
      throw refused;
    }
  }

  private static PatchContext apply() {
    return new PatchContext.Builder()
        .withPatchType(PatchType.SERVER_SIDE_APPLY)
        .withFieldManager(FIELD_MANAGER)
        .withForce(true)
        .build();
  }

  private static DesiredLRP patch(DesiredLRP lrp, Map<Integer, CrashTold> all) {
    var patch = new DesiredLRP();
    patch.setMetadata(
        new ObjectMetaBuilder()
            .withName(lrp.getMetadata().getName())
            .withNamespace(lrp.getMetadata().getNamespace())
            .withUid(lrp.getMetadata().getUid())
            .build());
    patch.setStatus(
        new DesiredLRPStatus(
            null, null, null, null, null, null, null, null, null, null, null, null, latest(all)));
    return patch;
  }

  private static List<DesiredLRPStatus.CrashTold> latest(Map<Integer, CrashTold> all) {
    return all.entrySet().stream()
        .sorted(Comparator.comparingLong(entry -> -entry.getValue().atNanos()))
        .limit(MAX_PER_PROCESS)
        .sorted(Map.Entry.comparingByKey())
        .map(entry -> stored(entry.getKey(), entry.getValue()))
        .toList();
  }

  private static DesiredLRPStatus.CrashTold stored(int index, CrashTold told) {
    return new DesiredLRPStatus.CrashTold(
        index,
        told.crashCount(),
        Instant.ofEpochSecond(0, told.atNanos()).toString(),
        told.epoch());
  }

  private static Map<Integer, CrashTold> told(DesiredLRP lrp) {
    var stored = lrp.getStatus() == null ? null : lrp.getStatus().crashesTold();
    var told = new HashMap<Integer, CrashTold>();
    for (var one : stored == null ? List.<DesiredLRPStatus.CrashTold>of() : stored) {
      told.put(one.index(), read(one));
    }
    return told;
  }

  private static CrashTold read(DesiredLRPStatus.CrashTold stored) {
    return new CrashTold(
        stored.crashCount(), nanos(stored.at()), stored.epoch() == null ? "" : stored.epoch());
  }

  /** 0 for what somebody else has written there: then the crash is told once more. */
  private static long nanos(String at) {
    try {
      var time = Instant.parse(at);
      return TimeUnit.SECONDS.toNanos(time.getEpochSecond()) + time.getNano();
    } catch (DateTimeParseException notOurs) {
      return 0;
    }
  }
}
