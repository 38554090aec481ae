package dev.ccbridge.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ccbridge.e2e.AuditLog.Call;
import dev.ccbridge.e2e.ChartRights.Grant;
import dev.ccbridge.kubernetes.ApiServer;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Which rights were used so far, and what was refused. */
final class RightsSeen {
  private static final Logger LOG = LoggerFactory.getLogger(RightsSeen.class);

  /**
   * The SDK reads a resource anew when its patch has met a newer version, which no scene forces. A
   * policy is looked for and removed when nobody has used it for ten minutes: see EgressPoliciesIT.
   */
  static final Set<String> RARELY =
      Set.of(
          "get desiredlrps",
          "list networkpolicies",
          "get networkpolicies",
          "delete networkpolicies");

  private final ChartRights rights;
  private final AuditLog audit;
  private final Set<Grant> unused;
  private final Set<Call> refused = new LinkedHashSet<>();

  RightsSeen(ApiServer server, ChartRights rights) {
    this.rights = rights;
    audit = new AuditLog(server.auditLog(), rights.user());
    unused = new LinkedHashSet<>(rights.grants());
  }

  /** Plays all of them, and notes what each needs. */
  void play(Map<String, RightsLife.Scene> scenes) throws Exception {
    for (var scene : scenes.entrySet()) {
      try {
        scene.getValue().play();
      } finally {
        note(scene.getKey());
      }
    }
  }

  /** Whatever was used first since the last time, this scene needs. */
  void note(String scene) {
    for (var call : audit.next()) {
      if (!call.allowed() && refused.add(call)) {
        LOG.info("refused call={} scene={}", call, scene);
      }
      unused.removeIf(grant -> isNeeded(grant, call, scene));
    }
  }

  /** Those that another release has, too, others look after. */
  void leaveOut(ChartRights other) {
    unused.retainAll(rights.grantsBesides(other));
  }

  Grant leaveOut(String verb, String resource) {
    var found =
        unused.stream()
            .filter(grant -> grant.verb().equals(verb) && grant.resource().equals(resource))
            .findFirst()
            .orElseThrow();
    unused.remove(found);
    return found;
  }

  private static boolean isNeeded(Grant grant, Call call, String scene) {
    if (!grant.covers(call)) {
      return false;
    }
    LOG.info("right needed grant={} scene={}", grant, scene);
    return true;
  }

  void assertAllNeeded() {
    assertThat(refused).as("refused").isEmpty();
    unused.removeIf(grant -> RARELY.contains(grant.verb() + " " + grant.resource()));
    assertThat(unused).as("granted, and never needed").isEmpty();
  }
}
