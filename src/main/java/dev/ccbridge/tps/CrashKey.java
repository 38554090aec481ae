package dev.ccbridge.tps;

import dev.ccbridge.receptor.model.ActualLRPResponse;

/** Which instance. */
public record CrashKey(String processGuid, int index) {
  static CrashKey of(ActualLRPResponse lrp) {
    return new CrashKey(lrp.processGuid(), lrp.index());
  }
}
