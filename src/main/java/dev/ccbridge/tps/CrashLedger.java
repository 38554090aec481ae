package dev.ccbridge.tps;

import java.util.Map;
import java.util.Set;

/**
 * Remembers which crashes CC was told of, longer than a process lives. Thread-safe; all methods may
 * throw {@link RuntimeException} when the memory cannot be reached, and are then called again
 * later.
 */
public interface CrashLedger {

  /** What was told last of the instances of a process, by index. */
  Map<Integer, CrashTold> find(String processGuid);

  /** Takes the place of what was told of this instance before. */
  void record(CrashKey key, CrashTold told);

  /** Others than these have gone from the Receptor: what is kept of them only in memory may go. */
  void keepOnly(Set<CrashKey> present);
}
