package dev.ccbridge.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ccbridge.e2e.CallSites.Site;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * SIGKILL at each call that the bridge makes or is asked, while a Cloud Controller stages, runs,
 * scales, compares and stops an app that crashes once: the end is that of an undisturbed run, CC
 * hears of every completion and every crash, and of nothing that did not happen.
 *
 * <p>The points come from recording a run through relays that stand between the bridge and each
 * neighbour. All points: {@code -Dkill.points=all}; otherwise every so manieth, another part of
 * them each day, so that all are met in time. {@code -Dkill.only=regex} takes only those in whose
 * name it is found.
 */
@Timeout(10_800)
class KillAtEachCallE2E {
  /** How many points a usual build takes. */
  private static final int USUAL = 8;

  @TempDir Path data;

  @AfterEach
  void nothingRunsOn() throws Exception {
    assertThat(Processes.mentioning(data)).isEmpty();
  }

  @Test
  void ccHearsOfWhatHappenedAndOfNothingElse() throws Exception {
    try (var bridge = BridgeBetweenRelays.start(data)) {
      var sites = bridge.sites();
      var apps = new ArrayList<String>();
      apps.add(bridge.flow("undisturbed"));
      var all = sites.sites();
      assertThat(all).as("points found by recording").hasSizeGreaterThan(40);

      var chosen = chosen(all);
      System.out.printf("%d points to die at, %d of them now%n", all.size(), chosen.size());
      var unmet = new ArrayList<Site>();
      for (var site : chosen) {
        sites.restartCounting();
        if (site.call().contains("?watch") || isStart(site)) {
          bridge.kill();
        }
        sites.arm(site, new Fault.Death(bridge::kill));
        apps.add(bridge.flow(site.toString()));
        unmet.addAll(sites.disarm());
      }
      System.out.printf(
          "died at %d points, %d were not met%n", chosen.size() - unmet.size(), unmet.size());
      unmet.forEach(site -> System.out.println("  not met " + site));
      assertThat(unmet.size())
          .as("points that were not met")
          .isLessThanOrEqualTo(chosen.size() / 4);
      bridge.awaitNothingLeft(apps);
    }
  }

  /** Calls made before any app is there: only a start makes them. */
  private static boolean isStart(Site site) {
    return site.call().startsWith("kubernetes GET")
        || site.call().startsWith("receptor GET")
        || site.call().contains("leases");
  }

  private static List<Site> chosen(List<Site> all) {
    var only = System.getProperty("kill.only");
    if (only != null) {
      var wanted = Pattern.compile(only);
      return all.stream().filter(site -> wanted.matcher(site.toString()).find()).toList();
    }
    if (System.getProperty("kill.points", "").equals("all")) {
      return all;
    }
    var step = Math.max(1, all.size() / USUAL);
    var first = (int) (System.currentTimeMillis() / Duration.ofDays(1).toMillis() % step);
    var chosen = new ArrayList<Site>();
    for (var i = first; i < all.size(); i += step) {
      chosen.add(all.get(i));
    }
    return chosen;
  }
}
