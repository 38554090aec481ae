package dev.ccbridge.tps;

import dev.ccbridge.receptor.model.ActualLRPResponse;

/**
 * A crash that CC has been told of, by what tells it from others of the same instance.
 *
 * @param crashCount in short succession; begins anew with 1 after five minutes of health
 * @param atNanos the instance's {@code since} when the crash was seen, nanoseconds since the epoch:
 *     the time of the crash, or of a later change of state when the crash itself was missed
 * @param epoch of the instance's record; another record begins anew; "": not known
 */
public record CrashTold(int crashCount, long atNanos, String epoch) {
  static CrashTold of(ActualLRPResponse lrp) {
    return new CrashTold(lrp.crashCount(), lrp.since(), lrp.modificationTag().epoch());
  }
}
