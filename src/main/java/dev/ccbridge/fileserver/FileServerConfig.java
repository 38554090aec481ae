package dev.ccbridge.fileserver;

import dev.ccbridge.CcBridgeException;
import dev.ccbridge.ErrorKind;
import java.nio.file.Path;
import java.util.List;

/**
 * What the file server needs to know.
 *
 * @param staticDirectories served under {@code /v1/static/}; at least one, the first that has a
 *     file wins. They must exist when serving starts
 * @param dataDirectory holds the blobs and the key that signs their URLs; made when absent, used by
 *     one process at a time
 * @param maxBlobBytes the largest blob taken, &gt; 0
 * @param minFreeBytes of disk space that blobs leave to others, &gt;= 0
 */
public record FileServerConfig(
    List<Path> staticDirectories, Path dataDirectory, long maxBlobBytes, long minFreeBytes) {
  public static final long DEFAULT_MAX_BLOB_BYTES = 4L << 30;
  public static final long DEFAULT_MIN_FREE_BYTES = 256L << 20;

  /**
   * @throws CcBridgeException INVALID_REQUEST when a value is out of its range
   */
  public FileServerConfig {
    staticDirectories = staticDirectories.stream().map(Path::toAbsolutePath).toList();
    dataDirectory = dataDirectory.toAbsolutePath();
    if (staticDirectories.isEmpty()) {
      throw invalid("staticDirectories: none given, wanted at least one directory");
    }
    if (maxBlobBytes <= 0) {
      throw invalid("maxBlobBytes: was " + maxBlobBytes + ", wanted > 0");
    }
    if (minFreeBytes < 0) {
      throw invalid("minFreeBytes: was " + minFreeBytes + ", wanted >= 0");
    }
  }

  /** With the default limits. */
  public FileServerConfig(List<Path> staticDirectories, Path dataDirectory) {
    this(staticDirectories, dataDirectory, DEFAULT_MAX_BLOB_BYTES, DEFAULT_MIN_FREE_BYTES);
  }

  private static CcBridgeException invalid(String message) {
    return new CcBridgeException(ErrorKind.INVALID_REQUEST, message);
  }
}
