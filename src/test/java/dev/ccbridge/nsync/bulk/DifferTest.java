package dev.ccbridge.nsync.bulk;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ccbridge.cloudcontroller.model.DesiredAppFingerprint;
import java.util.List;
import java.util.TreeMap;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class DifferTest {
  private final TreeMap<String, App> apps = new TreeMap<>();

  private void known(String guid, String etag, boolean deleting) {
    apps.put(guid, new App(guid, guid, etag, new UUID(0, 0), 1, deleting, false));
  }

  private static List<DesiredAppFingerprint> page(String... guidsAndEtags) {
    var page = new java.util.ArrayList<DesiredAppFingerprint>();
    for (var i = 0; i < guidsAndEtags.length; i += 2) {
      page.add(new DesiredAppFingerprint(guidsAndEtags[i], guidsAndEtags[i + 1]));
    }
    return page;
  }

  @Test
  void eachFingerprintIsMissingStaleOrFreshInTheOrderOfThePage() {
    known("a", "1", false);
    known("b", "1", false);
    known("c", "", false);
    var differ = new Differ(apps);
    var difference = differ.compare(page("z", "1", "b", "2", "a", "1", "y", "", "c", ""));
    assertThat(difference).isEqualTo(new Differ.Difference(List.of("z", "y"), List.of("b")));
    assertThat(differ.fingerprints()).isEqualTo(5);
    var fresh = new TreeMap<String, String>();
    differ.forEachFresh(fresh::put);
    assertThat(fresh).containsOnlyKeys("a", "c");
  }

  @Test
  void aResourceWhoseSecretIsMissingIsStaleWhateverItsEtag() {
    apps.put("a", new App("a", "a", "1", new UUID(0, 0), 1, false, true));
    assertThat(new Differ(apps).compare(page("a", "1")).stale()).containsExactly("a");
  }

  @Test
  void excessIsWhatNoPageNamed() {
    known("a", "1", false);
    known("b", "1", false);
    known("going", "1", true);
    var differ = new Differ(apps);
    differ.compare(page("x", "1"));
    differ.compare(page("b", "2"));
    assertThat(differ.excess()).extracting(App::processGuid).containsExactly("a");
    assertThat(differ.unwanted(List.of("x", "lrp"))).containsExactly("lrp");
  }

  @Test
  void aGuidThatComesTwiceCountsOnce() {
    known("a", "1", false);
    var differ = new Differ(apps);
    assertThat(differ.compare(page("a", "1", "a", "1", "n", "1", "n", "1")).missing())
        .containsExactly("n");
    assertThat(differ.compare(page("a", "2", "n", "1")))
        .isEqualTo(new Differ.Difference(List.of(), List.of()));
    assertThat(differ.fingerprints()).isEqualTo(2);
  }

  @Test
  void caseAndWhitespaceTellGuidsApart() {
    known("App", "1", false);
    var differ = new Differ(apps);
    assertThat(differ.compare(page("app", "1", "App ", "1")).missing())
        .containsExactly("app", "App ");
    assertThat(differ.excess()).hasSize(1);
  }

  @Test
  void whatIsBeingDeletedIsHeldWhenWanted() {
    known("going", "1", true);
    var differ = new Differ(apps);
    assertThat(differ.compare(page("going", "2")))
        .isEqualTo(new Differ.Difference(List.of(), List.of()));
    assertThat(differ.held()).isEqualTo(1);
    differ.forEachFresh(
        (guid, etag) -> {
          throw new AssertionError(guid);
        });
  }
}
