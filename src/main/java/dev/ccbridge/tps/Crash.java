package dev.ccbridge.tps;

import dev.ccbridge.cloudcontroller.model.AppCrashedRequest;
import dev.ccbridge.receptor.model.ActualLRPResponse;

/** A crash that CC is to be told of. */
record Crash(CrashKey key, AppCrashedRequest report, CrashTold told) {

  /**
   * @param after the instance's record after the crash
   * @param instanceGuid of the life that crashed; "": not known
   */
  static Crash of(ActualLRPResponse after, String instanceGuid) {
    var report =
        new AppCrashedRequest(
            instanceGuid,
            after.index(),
            AppCrashedRequest.CRASHED,
            0,
            after.crashReason(),
            after.crashCount(),
            after.since());
    return new Crash(CrashKey.of(after), report, CrashTold.of(after));
  }
}
