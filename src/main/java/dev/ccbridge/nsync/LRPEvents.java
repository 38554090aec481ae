package dev.ccbridge.nsync;

import dev.ccbridge.api.DesiredLRP;
import dev.ccbridge.api.DesiredLRPStatus;
import dev.ccbridge.api.DesiredLRPStatus.LastCrash;
import dev.ccbridge.kube.Conditions;
import dev.ccbridge.kube.EventRecorder;
import dev.ccbridge.receptor.model.DesiredLRPResponse;
import java.util.Objects;

/** Kubernetes Events for the transitions of a resource. */
final class LRPEvents {
  private final EventRecorder recorder;

  LRPEvents(EventRecorder recorder) {
    this.recorder = recorder;
  }

  void created(DesiredLRP lrp, Wanted wanted, Observed before) {
    var first = before.versions().isEmpty();
    recorder.normal(
        lrp,
        first ? "Created" : "NewVersion",
        (first ? "desired " : "desired a new version, ")
            + wanted.processGuid()
            + " with "
            + instances(wanted.instances()));
  }

  /** Only a change of the number of instances is worth an event. */
  void updated(DesiredLRP lrp, Observed before) {
    var wanted = before.wanted().map(Wanted::instances).orElse(0);
    before
        .current()
        .map(LRPVersion::desired)
        .map(DesiredLRPResponse::instances)
        .filter(instances -> !instances.equals(wanted))
        .ifPresent(
            instances ->
                recorder.normal(
                    lrp, "Scaled", "scaled from " + instances + " to " + instances(wanted)));
  }

  void deleted(DesiredLRP lrp) {
    recorder.normal(lrp, "Deleted", "no instance is left");
  }

  /** {@code lrp} has the status from before. */
  void reported(DesiredLRP lrp, DesiredLRPStatus status) {
    var before = lrp.getStatus();
    var wasReady = before != null && Conditions.isTrue(before.conditions(), Conditions.READY);
    if (!wasReady && Conditions.isTrue(status.conditions(), Conditions.READY)) {
      recorder.normal(lrp, "Ready", status.ready() + " instances run");
    }
    var crash = status.lastCrash();
    if (crash != null && !Objects.equals(crash, before == null ? null : before.lastCrash())) {
      recorder.warning(lrp, "InstanceCrashed", crashed(crash));
    }
  }

  /** Without the output, which differs each time: the same said again is not written again. */
  private static String crashed(LastCrash crash) {
    var reason = Texts.orEmpty(crash.reason());
    var output = reason.indexOf("; last output:");
    return "instance "
        + crash.index()
        + " crashed: "
        + (output < 0 ? reason : reason.substring(0, output));
  }

  private static String instances(int count) {
    return count == 1 ? "1 instance" : count + " instances";
  }
}
