package dev.ccbridge.nsync.bulk;

import dev.ccbridge.cloudcontroller.model.DesiredAppFingerprint;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;

/**
 * What Cloud Controller wants, page by page, against the resources of the moment in which the round
 * began. Pure: it asks nobody and changes nothing.
 *
 * <p>Differs from Diego: a guid that comes a second time is the same app, not a missing one.
 * Source: nsync/bulk/differ.go @fb3fab5.
 *
 * <p>Not thread-safe.
 */
final class Differ {
  private final Map<String, App> apps;
  private final Set<String> seen;
  private final Set<String> stale = new HashSet<>();
  private int held;

  /**
   * @param apps all resources, by process guid
   */
  Differ(Map<String, App> apps) {
    this.apps = apps;
    this.seen = HashSet.newHashSet(apps.size());
  }

  /**
   * What one page asks for; guids in the order of the fingerprints.
   *
   * @param missing wanted, without a resource
   * @param stale with a resource of another etag, or one that is not complete
   */
  record Difference(List<String> missing, List<String> stale) {}

  Difference compare(List<DesiredAppFingerprint> page) {
    var missing = new ArrayList<String>();
    var outdated = new ArrayList<String>();
    for (var fingerprint : page) {
      var guid = fingerprint.processGuid();
      var app = apps.get(guid);
      // Our own text of the guid: the other one would be kept beside it.
      if (!seen.add(app == null ? guid : app.processGuid())) {
        continue;
      }
      if (app == null) {
        missing.add(guid);
      } else if (app.deleting()) {
        held++;
      } else if (app.incomplete() || !app.etag().equals(fingerprint.etag())) {
        stale.add(app.processGuid());
        outdated.add(app.processGuid());
      }
    }
    return new Difference(missing, outdated);
  }

  /** Fingerprints so far, repeats left out. */
  int fingerprints() {
    return seen.size();
  }

  /** Apps that are wanted while their resource is being deleted: a later round makes it anew. */
  int held() {
    return held;
  }

  /** Resources that nobody wants; only after the last page. */
  List<App> excess() {
    var excess = new ArrayList<App>();
    for (var app : apps.values()) {
      if (!app.deleting() && !seen.contains(app.processGuid())) {
        excess.add(app);
      }
    }
    return excess;
  }

  /** Those of these guids, which have no resource, that nobody wants; only after the last page. */
  List<String> unwanted(List<String> withoutResource) {
    return withoutResource.stream().filter(guid -> !seen.contains(guid)).toList();
  }

  /** The resources that are as Cloud Controller wants them: process guid and etag. */
  void forEachFresh(BiConsumer<String, String> fresh) {
    for (var app : apps.values()) {
      var guid = app.processGuid();
      if (!app.deleting() && seen.contains(guid) && !stale.contains(guid)) {
        fresh.accept(guid, app.etag());
      }
    }
  }
}
