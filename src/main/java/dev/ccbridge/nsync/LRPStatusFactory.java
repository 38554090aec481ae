package dev.ccbridge.nsync;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.ccbridge.api.DesiredLRP;
import dev.ccbridge.api.DesiredLRPStatus;
import dev.ccbridge.api.DesiredLRPStatus.Actual;
import dev.ccbridge.api.DesiredLRPStatus.CrashTold;
import dev.ccbridge.api.DesiredLRPStatus.LastCrash;
import dev.ccbridge.api.DesiredLRPStatus.Port;
import dev.ccbridge.api.DesiredLRPStatus.Staged;
import dev.ccbridge.api.LRPReasons;
import dev.ccbridge.kube.Conditions;
import dev.ccbridge.kube.Labels;
import dev.ccbridge.kube.Names;
import dev.ccbridge.receptor.EgressGaps;
import dev.ccbridge.receptor.model.ActualLRPResponse;
import dev.ccbridge.receptor.model.ActualLRPState;
import dev.ccbridge.receptor.model.PortMapping;
import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What a resource's status says. Each one is a new object with name, namespace and status only. */
final class LRPStatusFactory {
  /** A status has to fit into an object of the API server, with thousands of instances too. */
  private static final int MAX_ACTUAL = 200;

  private static final ObjectMapper JSON = new ObjectMapper();

  /**
   * Whoever tells of crashes writes {@code crashesTold}, under a field manager of its own: what we
   * leave out stays.
   */
  private static final @Nullable List<CrashTold> NOT_OURS = null;

  private final Clock clock;
  private final EgressGaps egressGaps;

  LRPStatusFactory(Clock clock, EgressGaps egressGaps) {
    this.clock = clock;
    this.egressGaps = egressGaps;
  }

  /** How things stand after {@code step}. */
  DesiredLRPStatus status(
      DesiredLRP lrp,
      Observed observed,
      LRPStep step,
      Optional<Notice> notice,
      @Nullable LastCrash lastCrash,
      @Nullable Staged staged) {
    var version = shown(lrp, observed);
    var conditions =
        LRPConditions.of(
            lrp.getMetadata().getGeneration(),
            Apps.instances(lrp.getSpec()),
            observed,
            step,
            version,
            notice,
            lastCrash);
    return status(lrp, version, merged(lrp, conditions), lastCrash, staged);
  }

  /** The stored status with other conditions. */
  DesiredLRPStatus withConditions(DesiredLRP lrp, List<Condition> conditions) {
    var stored = lrp.getStatus();
    if (stored == null) {
      return status(lrp, null, merged(lrp, conditions), null, null);
    }
    return new DesiredLRPStatus(
        lrp.getMetadata().getGeneration(),
        merged(lrp, conditions),
        stored.processGuid(),
        stored.desiredInstances(),
        stored.instances(),
        stored.readyInstances(),
        stored.ready(),
        stored.crashes(),
        stored.actual(),
        stored.lastCrash(),
        stored.staged(),
        stored.selector() == null ? selector(lrp, null) : stored.selector(),
        NOT_OURS);
  }

  /** Whether writing {@code fresh} would change anything. */
  static boolean differs(@Nullable DesiredLRPStatus stored, DesiredLRPStatus fresh) {
    return stored == null || !ours(stored).equals(ours(fresh));
  }

  /** As JSON: an empty list and an absent one are the same there. */
  private static ObjectNode ours(DesiredLRPStatus status) {
    return JSON.<ObjectNode>valueToTree(status).without("crashesTold");
  }

  /** What a status patch sends. */
  static DesiredLRP patch(DesiredLRP lrp, DesiredLRPStatus status) {
    var patch = new DesiredLRP();
    patch.setMetadata(
        new ObjectMetaBuilder()
            .withName(lrp.getMetadata().getName())
            .withNamespace(lrp.getMetadata().getNamespace())
            .build());
    patch.setStatus(status);
    return patch;
  }

  /** RFC 3339 for nanoseconds since the epoch. */
  static String time(long nanos) {
    return Instant.ofEpochSecond(0, nanos).truncatedTo(ChronoUnit.MILLIS).toString();
  }

  /** The wanted version; while it cannot be told, the one that runs. */
  static @Nullable LRPVersion shown(DesiredLRP lrp, Observed observed) {
    if (observed.current().isPresent()) {
      return observed.current().get();
    }
    var stored = lrp.getStatus() == null ? null : lrp.getStatus().processGuid();
    return observed.versions().stream()
        .filter(v -> v.processGuid().equals(stored))
        .findFirst()
        .or(() -> observed.versions().stream().filter(LRPVersion::isDesired).findFirst())
        .orElse(null);
  }

  private DesiredLRPStatus status(
      DesiredLRP lrp,
      @Nullable LRPVersion version,
      List<Condition> conditions,
      @Nullable LastCrash lastCrash,
      @Nullable Staged staged) {
    var wanted = Apps.instances(lrp.getSpec());
    var instances = version == null ? List.<ActualLRPResponse>of() : version.instances();
    var running = version == null ? 0 : version.running(wanted);
    return new DesiredLRPStatus(
        lrp.getMetadata().getGeneration(),
        conditions,
        version == null ? null : version.processGuid(),
        wanted,
        instances.size(),
        running,
        running + "/" + wanted,
        instances.stream().mapToInt(ActualLRPResponse::crashCount).sum(),
        instances.stream().limit(MAX_ACTUAL).map(i -> actual(version, i)).toList(),
        lastCrash,
        staged,
        selector(lrp, version),
        NOT_OURS);
  }

  /**
   * Of the Pods of the version shown, where instances are Pods; of none while there is no version:
   * an empty one would select every Pod.
   */
  private static String selector(DesiredLRP lrp, @Nullable LRPVersion version) {
    var guid = version == null ? lrp.getMetadata().getUid() : version.processGuid();
    return Labels.PROCESS + "=" + Names.labelValue(guid);
  }

  private List<Condition> merged(DesiredLRP lrp, List<Condition> conditions) {
    var stored = lrp.getStatus() == null ? null : lrp.getStatus().conditions();
    var egress =
        Conditions.egress(
            lrp.getMetadata().getGeneration(),
            LRPReasons.NOT_ENFORCED,
            egressGaps.of(Apps.egressRules(lrp.getSpec())));
    var fresh = Stream.concat(conditions.stream(), egress.stream()).toList();
    return Conditions.merge(stored, fresh, clock.instant()).stream()
        .filter(c -> !c.getType().equals(Conditions.EGRESS_ENFORCED) || !egress.isEmpty())
        .toList();
  }

  private static Actual actual(@Nullable LRPVersion version, ActualLRPResponse instance) {
    var ports = instance.ports() == null ? List.<PortMapping>of() : instance.ports();
    var state = instance.state() == null ? ActualLRPState.INVALID : instance.state();
    return new Actual(
        instance.index(),
        state.name(),
        instance.instanceGuid(),
        instance.cellId(),
        address(version, instance, ports),
        ports.stream().map(p -> new Port(p.containerPort(), p.hostPort())).toList(),
        time(instance.since()),
        instance.crashCount(),
        instance.crashReason(),
        instance.placementError());
  }

  /** Where the app's own port is reached: the first of the LRP's. */
  private static @Nullable String address(
      @Nullable LRPVersion version, ActualLRPResponse instance, List<PortMapping> ports) {
    if (instance.address().isEmpty() || ports.isEmpty()) {
      return null;
    }
    var desired = version == null ? null : version.desired();
    var first = desired == null || desired.ports().isEmpty() ? null : desired.ports().getFirst();
    var port =
        ports.stream()
            .filter(p -> first != null && p.containerPort() == first)
            .findFirst()
            .orElse(ports.getFirst());
    return instance.address() + ":" + port.hostPort();
  }
}
