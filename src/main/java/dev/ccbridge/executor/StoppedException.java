package dev.ccbridge.executor;

/** A transfer ends because its action was cancelled. */
final class StoppedException extends Exception {
  private static final long serialVersionUID = 1L;
}
