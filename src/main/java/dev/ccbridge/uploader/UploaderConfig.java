package dev.ccbridge.uploader;

import dev.ccbridge.CcBridgeException;
import dev.ccbridge.ErrorKind;
import java.time.Duration;

/**
 * How uploads are passed on. There is no address of CC: each request names its target.
 *
 * @param skipCertVerify take any certificate of CC; only for trying
 * @param jobPollingInterval pause before each look at CC's job, &gt; 0
 * @param communicationTimeout of one look at CC's job, &gt; 0; the upload itself is bounded by the
 *     request's {@code timeout} alone
 * @param maxConcurrentUploads how many may be under way, &gt; 0; one more is refused with 503
 */
public record UploaderConfig(
    boolean skipCertVerify,
    Duration jobPollingInterval,
    Duration communicationTimeout,
    int maxConcurrentUploads) {
  public static final Duration DEFAULT_JOB_POLLING_INTERVAL = Duration.ofSeconds(1);
  public static final Duration DEFAULT_COMMUNICATION_TIMEOUT = Duration.ofSeconds(30);
  public static final int DEFAULT_MAX_CONCURRENT_UPLOADS = 100;

  /** The original's defaults. */
  public static final UploaderConfig DEFAULT =
      new UploaderConfig(
          false,
          DEFAULT_JOB_POLLING_INTERVAL,
          DEFAULT_COMMUNICATION_TIMEOUT,
          DEFAULT_MAX_CONCURRENT_UPLOADS);

  /**
   * @throws CcBridgeException INVALID_REQUEST when a value is out of its range
   */
  public UploaderConfig {
    requirePositive("jobPollingInterval", jobPollingInterval);
    requirePositive("communicationTimeout", communicationTimeout);
    if (maxConcurrentUploads <= 0) {
      throw invalid("maxConcurrentUploads: was " + maxConcurrentUploads + ", wanted > 0");
    }
  }

  private static void requirePositive(String name, Duration value) {
    if (!value.isPositive()) {
      throw invalid(name + ": was " + value + ", wanted more than 0");
    }
  }

  private static CcBridgeException invalid(String message) {
    return new CcBridgeException(ErrorKind.INVALID_REQUEST, message);
  }
}
