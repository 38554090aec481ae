package dev.ccbridge.stager.recipe;

import dev.ccbridge.cloudcontroller.model.StagingRequestFromCC;
import java.util.concurrent.TimeUnit;

/** How long a staging may take: what the request says, or 15 minutes. */
record StagingTimeout(long seconds) {
  private static final long DEFAULT_SECONDS = 15 * 60;

  static StagingTimeout of(StagingRequestFromCC request) {
    return new StagingTimeout(
        request.timeoutSeconds() > 0 ? request.timeoutSeconds() : DEFAULT_SECONDS);
  }

  long nanos() {
    return TimeUnit.SECONDS.toNanos(seconds);
  }
}
