package dev.ccbridge.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ccbridge.e2e.ChartRights.Grant;
import dev.ccbridge.kubernetes.ApiServer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Rights that are taken away, each from a life of its own. One, another each day; {@code
 * -Drights.taken=all} takes each in turn, {@code -Drights.only=regex} of those in whose name it is
 * found.
 */
final class TakenRights {
  private static final Logger LOG = LoggerFactory.getLogger(TakenRights.class);

  private TakenRights() {}

  /** Says which scene fails without a right; empty: none. */
  interface Loss {
    String failsWithout(Grant grant) throws Exception;
  }

  /** The same for a day, unless it is given by {@code -Drights.seed}. */
  static long seed() {
    return Long.getLong("rights.seed", System.currentTimeMillis() / 86_400_000);
  }

  static void assertMissed(List<Grant> grants, Loss loss) throws Exception {
    var points = System.getProperty("rights.taken", "1");
    var seed = seed();
    var only = Pattern.compile(System.getProperty("rights.only", ""));
    var all = new ArrayList<>(grants);
    all.removeIf(grant -> RightsSeen.RARELY.contains(grant.verb() + " " + grant.resource()));
    all.removeIf(grant -> !only.matcher(grant.toString()).find());
    Collections.shuffle(all, new Random(seed));
    var unmissed = new ArrayList<String>();
    for (var grant : points.equals("all") ? all : all.subList(0, Integer.parseInt(points))) {
      var failed = loss.failsWithout(grant);
      LOG.info("right taken grant={} failed={} seed={}", grant, failed, seed);
      if (failed.isEmpty()) {
        unmissed.add(grant.toString());
      }
    }
    assertThat(unmissed).as("rights that nothing fails without, seed %s", seed).isEmpty();
  }

  /**
   * Takes the right and plays until a scene fails, which something has to have been refused for.
   *
   * @return the scene that fails; empty: none
   */
  static String failing(
      ApiServer server, ChartRights rights, Grant grant, Map<String, RightsLife.Scene> scenes)
      throws Exception {
    var audit = new AuditLog(server.auditLog(), rights.user());
    rights.take(grant);
    for (var scene : scenes.entrySet()) {
      try {
        scene.getValue().play();
      } catch (AssertionError | RuntimeException failed) {
        assertThat(audit.next())
            .as("%s: %s", scene.getKey(), failed)
            .anyMatch(call -> !call.allowed() && call.resource().equals(grant.resource()));
        return scene.getKey();
      }
    }
    return "";
  }
}
