package dev.ccbridge.uploader;

import dev.ccbridge.web.Request;
import java.time.Duration;

/**
 * What a caller wants: which target, within which time, how many bytes. {@code contentMd5}: base64,
 * empty when the caller gave none.
 */
record UploadOrder(CcUrl target, Duration timeout, String contentMd5, long length) {
  static final Duration DEFAULT_TIMEOUT = Duration.ofMinutes(5);

  /** What can be uploaded, and what differs. */
  enum Kind {
    /** CC answers with a job, which is waited for. */
    DROPLET("cc-droplet-upload-uri", "droplet.tgz", 201),
    /** Done when CC has taken it. */
    BUILD_ARTIFACTS("cc-build-artifacts-upload-uri", "buildpack_cache.tgz", 200);

    private final String targetParameter;
    private final String fileName;
    private final int successStatus;

    Kind(String targetParameter, String fileName, int successStatus) {
      this.targetParameter = targetParameter;
      this.fileName = fileName;
      this.successStatus = successStatus;
    }

    String fileName() {
      return fileName;
    }

    int successStatus() {
      return successStatus;
    }
  }

  /**
   * @throws UploadFailedException 400 or 411, of the first of target, timeout and length that will
   *     not do
   */
  static UploadOrder from(Kind kind, Request request) throws UploadFailedException {
    var target = target(kind, request);
    var timeout = timeout(request);
    return new UploadOrder(
        target, timeout, request.header("Content-MD5").orElse(""), length(request));
  }

  private static CcUrl target(Kind kind, Request request) throws UploadFailedException {
    var name = kind.targetParameter;
    var text = request.query(name).orElse("");
    if (text.isEmpty()) {
      throw new UploadFailedException(400, "missing " + name + " parameter");
    }
    try {
      var url = CcUrl.parse(text);
      return kind == Kind.DROPLET ? url.async() : url;
    } catch (IllegalArgumentException unparsable) {
      throw new UploadFailedException(
          400, name + ": " + unparsable.getMessage() + ", wanted an http or https URL", unparsable);
    }
  }

  private static Duration timeout(Request request) throws UploadFailedException {
    var text = request.query("timeout").orElse("");
    if (text.isEmpty()) {
      return DEFAULT_TIMEOUT;
    }
    try {
      return Duration.ofSeconds(Long.parseLong(text));
    } catch (NumberFormatException notANumber) {
      throw new UploadFailedException(
          400, "timeout: was \"" + text + "\", wanted a whole number of seconds", notANumber);
    }
  }

  /** A body sent in chunks has no length, whatever else its headers say. */
  private static long length(Request request) throws UploadFailedException {
    var chunked = request.header("Transfer-Encoding").isPresent();
    try {
      var length = chunked ? 0 : Long.parseLong(request.header("Content-Length").orElse("0"));
      if (length > 0) {
        return length;
      }
    } catch (NumberFormatException notANumber) {
      throw new UploadFailedException(411, "Missing Content Length", notANumber);
    }
    throw new UploadFailedException(411, "Missing Content Length");
  }
}
