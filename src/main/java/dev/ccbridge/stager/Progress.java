package dev.ccbridge.stager;

import dev.ccbridge.api.StagingRequest;
import java.time.Duration;

/** What a step came to. */
sealed interface Progress {

  /** Done and stored; decide anew, on {@code request}. */
  record GoOn(StagingRequest request) implements Progress {}

  /** Nothing to be done until something happens. */
  record WaitForEvent() implements Progress {}

  /** Nothing to be done until something happens, or the time is over. */
  record WaitFor(Duration pause) implements Progress {}
}
