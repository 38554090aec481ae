package dev.ccbridge.e2e;

import java.time.Duration;
import java.util.OptionalInt;

/** What goes wrong with one call. */
sealed interface Fault {
  /**
   * The program that makes the call, or is asked, dies or stands still, and the connection is gone.
   *
   * @param signal returns when it is dead, or stands still
   */
  record Death(Runnable signal) implements Fault {
    @Override
    public String toString() {
      return "death";
    }
  }

  /**
   * An answer that is an error, in the neighbour's own form.
   *
   * @param retryAfterSeconds what the answer says of when to come again
   */
  record Status(int status, OptionalInt retryAfterSeconds) implements Fault {
    static Status of(int status) {
      return new Status(status, OptionalInt.empty());
    }

    @Override
    public String toString() {
      return "status " + status + (retryAfterSeconds.isPresent() ? " with Retry-After" : "");
    }
  }

  /** The connection is closed without an answer. */
  record Reset() implements Fault {}

  /** No answer until the caller has lost patience. */
  record Hang() implements Fault {}

  /**
   * Of a call that ends a task: forged ones come before it, it comes twice, and once more {@code
   * late} later.
   */
  record Imitated(Duration late) implements Fault {}

  /** The head of the answer and half of its body; then the connection is closed. */
  record HalfBody() implements Fault {}

  /** Of a watch or an event stream: all comes {@code delay} later. */
  record Late(Duration delay) implements Fault {}

  /** Of a watch or an event stream: all comes twice. */
  record Repeated() implements Fault {}

  /** Of a watch or an event stream: it ends in the place of its first event. */
  record CutBeforeEvent() implements Fault {}

  /** Of a watch or an event stream: it ends in the middle of its first event. */
  record CutInEvent() implements Fault {}

  /** Of a watch: it begins, and then says that what it was to go on from is gone. */
  record GoneEvent() implements Fault {}

  /** Of an event stream: it begins, and nothing ever comes. */
  record Silence() implements Fault {}
}
