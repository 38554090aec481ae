package dev.ccbridge.nsync.bulk;

/**
 * What a round did.
 *
 * @param extent how far it came
 * @param fingerprints apps that Cloud Controller wants, as far as it told
 * @param created resources of apps that had none
 * @param updated resources with another etag
 * @param deleted resources, and LRPs without one, that are not wanted
 * @param failed apps that could not be fetched or written
 * @param held apps whose former resource is still being deleted
 */
public record Outcome(
    Extent extent, int fingerprints, int created, int updated, int deleted, int failed, int held) {

  /** How far a round came. */
  public enum Extent {
    /** What there is was not known; Cloud Controller was not asked. */
    GIVEN_UP,
    /** Cloud Controller did not tell all; nothing was deleted. */
    PARTIAL,
    /** Cloud Controller told all. */
    WHOLE
  }

  static Outcome givenUp() {
    return new Outcome(Extent.GIVEN_UP, 0, 0, 0, 0, 0, 0);
  }

  /** Whether every wanted app has a resource that is as wanted. */
  public boolean isComplete() {
    return extent == Extent.WHOLE && failed == 0 && held == 0;
  }
}
