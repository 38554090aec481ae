package dev.ccbridge.tps;

import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Outlives watchers, and may be out of reach. Thread-safe. */
final class MemoryLedger implements CrashLedger {
  private final Map<CrashKey, CrashTold> told = new ConcurrentHashMap<>();
  private volatile boolean reachable = true;

  void setReachable(boolean reachable) {
    this.reachable = reachable;
  }

  Map<CrashKey, CrashTold> told() {
    return Map.copyOf(told);
  }

  @Override
  public Map<Integer, CrashTold> find(String processGuid) {
    check();
    var found = new HashMap<Integer, CrashTold>();
    told.forEach(
        (key, value) -> {
          if (key.processGuid().equals(processGuid)) {
            found.put(key.index(), value);
          }
        });
    return found;
  }

  @Override
  public void record(CrashKey key, CrashTold crash) {
    check();
    told.put(key, crash);
  }

  @Override
  public void keepOnly(Set<CrashKey> present) {}

  private void check() {
    if (!reachable) {
      throw new IllegalStateException("the ledger cannot be reached");
    }
  }
}
