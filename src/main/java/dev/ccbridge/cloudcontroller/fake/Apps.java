package dev.ccbridge.cloudcontroller.fake;

import dev.ccbridge.cloudcontroller.fake.App.Snapshot;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicLong;

/** All apps, by row id as a database would number them, and by guid. Thread-safe. */
final class Apps {
  private final AtomicLong lastId = new AtomicLong();
  private final ConcurrentSkipListMap<Long, App> byId = new ConcurrentSkipListMap<>();
  private final Map<String, App> byGuid = new ConcurrentHashMap<>();

  App create(AppSettings settings) {
    var app = new App(lastId.incrementAndGet(), settings);
    byGuid.put(app.guid(), app);
    byId.put(app.id(), app);
    return app;
  }

  /**
   * @throws CcError 404 when there is none
   */
  App get(String guid) {
    var app = byGuid.get(guid);
    if (app == null) {
      throw CcError.appNotFound(guid);
    }
    return app;
  }

  Collection<App> all() {
    return byId.values();
  }

  void remove(App app) {
    byId.remove(app.id());
    byGuid.remove(app.guid());
  }

  /** Up to {@code count} that shall run and can, with row ids above {@code id}, in their order. */
  List<Snapshot> runningAfter(long id, int count) {
    return byId.tailMap(id, false).values().stream()
        .map(App::snapshot)
        .filter(Snapshot::runs)
        .limit(count)
        .toList();
  }
}
