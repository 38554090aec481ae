package dev.ccbridge.fileserver;

import dev.ccbridge.CcBridgeException;
import dev.ccbridge.ErrorKind;
import dev.ccbridge.fileserver.SignedUrls.Access;
import dev.ccbridge.web.BodyTooLargeException;
import dev.ccbridge.web.Download;
import dev.ccbridge.web.RefusedException;
import dev.ccbridge.web.Request;
import dev.ccbridge.web.Response;
import java.io.IOException;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Optional;
import java.util.OptionalLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Blobs over HTTP. The permission comes before everything, so that nobody learns what exists. */
final class BlobRoutes {
  private static final Logger LOG = LoggerFactory.getLogger(BlobRoutes.class);
  private static final int MD5_BYTES = 16;

  private final BlobStore blobs;
  private final SignedUrls urls;
  private final long maxBlobBytes;

  BlobRoutes(BlobStore blobs, SignedUrls urls, long maxBlobBytes) {
    this.blobs = blobs;
    this.urls = urls;
    this.maxBlobBytes = maxBlobBytes;
  }

  /** The ETag is the MD5, which an executor takes as the checksum of what it downloads. */
  Response get(Request request) throws IOException {
    var key = permitted(request, Access.READ);
    var blob = blobs.open(key).orElseThrow(() -> noBlob(key));
    var info = blob.info();
    return new Download(
            blob.channel(),
            info.size(),
            "application/octet-stream",
            info.lastModified(),
            info.md5())
        .answer(request);
  }

  /** PUT, and POST as executors upload. */
  Response put(Request request) {
    var key = permitted(request, Access.WRITE);
    var expected = new Expected(OptionalLong.of(contentLength(request)), contentMd5(request));
    var stored = blobs.put(key, request.bodyStream(), expected);
    return Response.empty(201).header("ETag", '"' + stored.md5() + '"');
  }

  Response delete(Request request) {
    var key = permitted(request, Access.DELETE);
    if (!blobs.delete(key)) {
      throw noBlob(key);
    }
    return Response.empty(204);
  }

  /** The blob key. One answer for every reason: it must not help to find a token. */
  private String permitted(Request request, Access access) {
    var key = request.param("key");
    if (urls.permits(request, access, key)) {
      return key;
    }
    LOG.info("blob refused method={} uri={}", request.method(), request.rawPath());
    throw new RefusedException(
        403,
        "Forbidden",
        "the URL does not permit this: its token is missing or wrong, has expired, or is for"
            + " another blob or method");
  }

  private long contentLength(Request request) {
    var length = request.header("Content-Length");
    if (length.isEmpty() || request.header("Transfer-Encoding").isPresent()) {
      throw new RefusedException(
          411, "LengthRequired", "Content-Length: missing, wanted the number of bytes of the blob");
    }
    try {
      var bytes = Long.parseLong(length.get());
      if (bytes > maxBlobBytes) {
        throw new BodyTooLargeException(maxBlobBytes);
      }
      return bytes;
    } catch (NumberFormatException notANumber) {
      throw invalid("Content-Length: was '" + length.get() + "', wanted a number");
    }
  }

  /** In hex. Sent empty by some when they have none. */
  private static Optional<String> contentMd5(Request request) {
    var header = request.header("Content-MD5").map(String::strip).orElse("");
    if (header.isEmpty()) {
      return Optional.empty();
    }
    try {
      var md5 = Base64.getDecoder().decode(header);
      if (md5.length == MD5_BYTES) {
        return Optional.of(HexFormat.of().formatHex(md5));
      }
    } catch (IllegalArgumentException notBase64) {
      throw invalidMd5(header);
    }
    throw invalidMd5(header);
  }

  private static CcBridgeException invalidMd5(String header) {
    return invalid("Content-MD5: was '" + header + "', wanted the base64 of 16 bytes");
  }

  private static CcBridgeException invalid(String message) {
    return new CcBridgeException(ErrorKind.INVALID_REQUEST, message);
  }

  private static CcBridgeException noBlob(String key) {
    return new CcBridgeException(ErrorKind.NOT_FOUND, "there is no blob " + key);
  }
}
