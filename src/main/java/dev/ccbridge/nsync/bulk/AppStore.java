package dev.ccbridge.nsync.bulk;

import dev.ccbridge.api.DesiredLRP;
import io.fabric8.kubernetes.client.informers.cache.ItemStore;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What an informer keeps, by name and by process guid: of every resource only what is in {@link
 * App}. Resources without a process guid were made by hand and are not kept.
 *
 * <p>Thread-safe.
 */
final class AppStore implements ItemStore<DesiredLRP> {
  private final String namespace;
  private final Map<String, App> byName = new HashMap<>();
  private final Map<String, App> byGuid = new HashMap<>();

  AppStore(String namespace) {
    this.namespace = namespace;
  }

  synchronized Optional<App> find(String processGuid) {
    return Optional.ofNullable(byGuid.get(processGuid));
  }

  /** All of now, by process guid. */
  synchronized Map<String, App> snapshot() {
    return new HashMap<>(byGuid);
  }

  @Override
  public String getKey(DesiredLRP lrp) {
    return lrp.getMetadata().getName();
  }

  @Override
  public synchronized @Nullable DesiredLRP put(String name, DesiredLRP lrp) {
    var guid = lrp.getSpec() == null ? null : lrp.getSpec().processGuid();
    if (guid == null) {
      return remove(name);
    }
    var app = App.of(lrp, guid);
    var before = byName.put(name, app);
    byGuid.put(guid, app);
    return before == null ? null : before.resource(namespace);
  }

  @Override
  public synchronized @Nullable DesiredLRP remove(String name) {
    var before = byName.remove(name);
    if (before == null) {
      return null;
    }
    // Not where a namesake by guid, under another name, has taken its place.
    byGuid.remove(before.processGuid(), before);
    return before.resource(namespace);
  }

  @Override
  public synchronized Stream<String> keySet() {
    return byName.keySet().stream().toList().stream();
  }

  @Override
  public synchronized Stream<DesiredLRP> values() {
    return byName.values().stream().toList().stream().map(app -> app.resource(namespace));
  }

  @Override
  public synchronized int size() {
    return byName.size();
  }

  @Override
  public synchronized @Nullable DesiredLRP get(String name) {
    var app = byName.get(name);
    return app == null ? null : app.resource(namespace);
  }

  /** What is handed out is not the whole resource. */
  @Override
  public boolean isFullState() {
    return false;
  }
}
