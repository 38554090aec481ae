package dev.ccbridge.nsync;

/**
 * Something about a resource that the user has to know, beside how its instances fare.
 *
 * @param stalled whether nothing more happens until a person acts
 * @param reason one of {@link dev.ccbridge.api.LRPReasons}
 * @param message what to do, where there is something to do
 */
record Notice(boolean stalled, String reason, String message) {

  static Notice waiting(String reason, String message) {
    return new Notice(false, reason, message);
  }

  static Notice stalled(String reason, String message) {
    return new Notice(true, reason, message);
  }
}
