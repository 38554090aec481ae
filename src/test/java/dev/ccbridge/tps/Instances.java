package dev.ccbridge.tps;

import dev.ccbridge.receptor.model.ActualLRPResponse;
import dev.ccbridge.receptor.model.ActualLRPState;
import dev.ccbridge.receptor.model.ModificationTag;
import java.util.List;

/** Records of one instance, {@code web} 0, at times in seconds. */
final class Instances {
  static final CrashKey KEY = new CrashKey("web", 0);

  private Instances() {}

  static ActualLRPResponse at(long seconds, ActualLRPState state, int crashCount, long tag) {
    return record(seconds, state, crashCount, new ModificationTag("epoch-1", tag), "cf-apps");
  }

  static ActualLRPResponse record(
      long seconds, ActualLRPState state, int crashCount, ModificationTag tag, String domain) {
    var onCell = state == ActualLRPState.CLAIMED || state == ActualLRPState.RUNNING;
    return new ActualLRPResponse(
        KEY.processGuid(),
        onCell ? "i-" + crashCount : "",
        onCell ? "cell-1" : "",
        domain,
        KEY.index(),
        "",
        List.of(),
        state,
        crashCount,
        crashCount == 0 ? "" : "Exited with status 4",
        "",
        seconds * 1_000_000_000L,
        false,
        tag);
  }

  static CrashTold told(long seconds, int crashCount) {
    return new CrashTold(crashCount, seconds * 1_000_000_000L, "epoch-1");
  }
}
