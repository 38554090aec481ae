package dev.ccbridge.nsync.bulk;

import java.time.Duration;

/**
 * Settings of this room.
 *
 * @param namespace where Cloud Controller's apps are resources; what has a process guid there and
 *     is not wanted by Cloud Controller is deleted
 * @param batchSize fingerprints per page
 * @param pollingInterval from the end of one round to the beginning of the next
 * @param domainTtl how long the Receptor takes {@code cf-apps} for complete after a round
 * @param workers apps that are written at a time
 * @param receptorPatience how long a round waits for the list of the Receptor's LRPs
 * @param compareInterval between two full lists of the Receptor's LRPs, which repair lost events
 * @param reconnectPause before the event stream is subscribed to anew, and between two lists
 */
public record BulkSyncConfig(
    String namespace,
    int batchSize,
    Duration pollingInterval,
    Duration domainTtl,
    int workers,
    Duration receptorPatience,
    Duration compareInterval,
    Duration reconnectPause) {
  private static final int BATCH_SIZE = 500;
  private static final Duration POLLING_INTERVAL = Duration.ofSeconds(30);
  private static final Duration DOMAIN_TTL = Duration.ofMinutes(2);
  private static final int WORKERS = 50;
  private static final Duration RECEPTOR_PATIENCE = Duration.ofSeconds(30);
  private static final Duration COMPARE_INTERVAL = Duration.ofMinutes(5);
  private static final Duration RECONNECT_PAUSE = Duration.ofSeconds(1);

  /**
   * @throws IllegalArgumentException for a number that is not positive
   */
  public BulkSyncConfig {
    if (batchSize < 1 || workers < 1) {
      throw new IllegalArgumentException(
          "batchSize and workers must be > 0, were " + batchSize + " and " + workers);
    }
  }

  /** The originals' numbers. */
  public static BulkSyncConfig of(String namespace) {
    return new BulkSyncConfig(
        namespace,
        BATCH_SIZE,
        POLLING_INTERVAL,
        DOMAIN_TTL,
        WORKERS,
        RECEPTOR_PATIENCE,
        COMPARE_INTERVAL,
        RECONNECT_PAUSE);
  }

  /** With another page size. */
  public BulkSyncConfig withBatchSize(int size) {
    return new BulkSyncConfig(
        namespace,
        size,
        pollingInterval,
        domainTtl,
        workers,
        receptorPatience,
        compareInterval,
        reconnectPause);
  }

  /** With other times. */
  public BulkSyncConfig withTimes(Duration interval, Duration ttl) {
    return new BulkSyncConfig(
        namespace,
        batchSize,
        interval,
        ttl,
        workers,
        receptorPatience,
        compareInterval,
        reconnectPause);
  }
}
