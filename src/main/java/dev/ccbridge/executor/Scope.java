package dev.ccbridge.executor;

/**
 * Where an action takes place.
 *
 * @param logSource the effective source of its output lines
 */
public record Scope(
    Sandbox sandbox,
    LogSink log,
    Journal journal,
    StepRecorder steps,
    String logSource,
    Cancellation cancellation) {

  /** The same place with another log source; an empty one changes nothing. */
  Scope withSource(String source) {
    return source.isEmpty() ? this : new Scope(sandbox, log, journal, steps, source, cancellation);
  }

  Scope within(Cancellation inner) {
    return new Scope(sandbox, log, journal, steps, logSource, inner);
  }
}
