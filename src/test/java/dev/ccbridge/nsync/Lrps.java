package dev.ccbridge.nsync;

import dev.ccbridge.api.DesiredLRP;
import dev.ccbridge.receptor.model.Action;
import dev.ccbridge.receptor.model.ActualLRPResponse;
import dev.ccbridge.receptor.model.ActualLRPState;
import dev.ccbridge.receptor.model.DesiredLRPResponse;
import dev.ccbridge.receptor.model.EnvironmentVariable;
import dev.ccbridge.receptor.model.ModificationTag;
import dev.ccbridge.receptor.model.PortMapping;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.util.List;
import java.util.Map;

/** LRPs and resources for tests of pure functions. */
final class Lrps {
  static final String UID = "0a1249ef-a905-490f-afe9-e37c7944813a";
  static final String V1 = UID + "-1111111111";
  static final String V2 = UID + "-2222222222";
  static final String V3 = UID + "-3333333333";
  static final String DOMAIN = "k8s-ns";

  private Lrps() {}

  /** A resource as the API server hands it out. */
  static DesiredLRP resource(String spec) {
    return resource(spec, "{observedGeneration: -1}");
  }

  static DesiredLRP resource(String spec, String status) {
    return Serialization.unmarshal(
        """
        apiVersion: ccbridge.dev/v1alpha1
        kind: DesiredLRP
        metadata: {name: web, namespace: ns, uid: %s, generation: 3}
        spec: %s
        status: %s
        """
            .formatted(UID, spec, status),
        DesiredLRP.class);
  }

  static DesiredLRPResponse desired(String guid, int instances, String epoch, long index) {
    return desired(guid, DOMAIN, instances, epoch, index);
  }

  static DesiredLRPResponse desired(
      String guid, String domain, int instances, String epoch, long index) {
    return new DesiredLRPResponse(
        guid,
        domain,
        "preloaded:s",
        instances,
        List.of(),
        null,
        Action.run("vcap", "/x", List.of(), List.of(new EnvironmentVariable("A", "b")), null, ""),
        null,
        0,
        0,
        0,
        1,
        true,
        List.of(8080),
        Map.of(),
        "",
        "",
        "",
        "",
        List.of(),
        new ModificationTag(epoch, index),
        "",
        "");
  }

  static ActualLRPResponse actual(
      String guid, int index, ActualLRPState state, String epoch, long tag) {
    return actual(guid, index, state, epoch, tag, false, 0, "", "");
  }

  static ActualLRPResponse crashed(String guid, int index, int count, String reason) {
    return actual(guid, index, ActualLRPState.CRASHED, "e", count, false, count, reason, "");
  }

  static ActualLRPResponse unplaced(String guid, int index, String error) {
    return actual(guid, index, ActualLRPState.UNCLAIMED, "e", 1, false, 0, "", error);
  }

  static ActualLRPResponse actual(
      String guid,
      int index,
      ActualLRPState state,
      String epoch,
      long tag,
      boolean evacuating,
      int crashCount,
      String crashReason,
      String placementError) {
    var running = state == ActualLRPState.RUNNING;
    return new ActualLRPResponse(
        guid,
        running ? "instance" : "",
        running ? "cell" : "",
        DOMAIN,
        index,
        running ? "127.0.0.1" : "",
        running ? List.of(new PortMapping(2222, 61002), new PortMapping(8080, 61001)) : null,
        state,
        crashCount,
        crashReason,
        placementError,
        1_440_460_800_000_000_000L + tag,
        evacuating,
        new ModificationTag(epoch, tag));
  }

  /** A version with so many running instances of so many wanted ones; -1: not wanted any more. */
  static LRPVersion version(String guid, int wanted, int running) {
    var instances =
        java.util.stream.IntStream.range(0, Math.max(wanted, running))
            .mapToObj(
                i ->
                    actual(
                        guid,
                        i,
                        i < running ? ActualLRPState.RUNNING : ActualLRPState.CLAIMED,
                        "e",
                        1))
            .toList();
    return new LRPVersion(guid, wanted < 0 ? null : desired(guid, wanted, "e", 1), instances);
  }
}
