package dev.ccbridge.executor;

import org.jspecify.annotations.Nullable;

/**
 * How an action ended.
 *
 * @param failure null: it succeeded
 * @param endedAt nanoseconds since the epoch
 */
public record Outcome(@Nullable Failure failure, long endedAt) {

  /** What an action that was told to stop fails with. */
  public static final String CANCELLED = "cancelled";

  /**
   * Why an action failed.
   *
   * @param text the failure in the words of the protocol
   * @param forUsers whether surrounding actions repeat the text to users (Diego's EmittableError)
   * @param detail what a user may want to know besides, empty when nothing; holds no secret
   */
  public record Failure(String text, boolean forUsers, String detail) {

    /** Text and detail in one line. */
    public String explained() {
      return detail.isEmpty() ? text : text + ": " + detail;
    }
  }

  public static Outcome succeeded(long endedAt) {
    return new Outcome(null, endedAt);
  }

  /** A failure that users are told of. */
  public static Outcome failed(String text, String detail, long endedAt) {
    return new Outcome(new Failure(text, true, detail), endedAt);
  }

  /** A failure whose text surrounding actions keep to themselves. */
  public static Outcome failedInternally(String text, long endedAt) {
    return new Outcome(new Failure(text, false, ""), endedAt);
  }

  public static Outcome cancelled(long endedAt) {
    return failedInternally(CANCELLED, endedAt);
  }

  public boolean isFailed() {
    return failure != null;
  }

  /** The failure in the words of the protocol; empty after success. */
  public String reason() {
    return failure == null ? "" : failure.text();
  }
}
