package dev.ccbridge.uploader;

import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;

/**
 * multipart/form-data with one part named {@code file}, of known length, made around a body that is
 * never held in memory. Source: ccclient/multipart_request.go over Go's mime/multipart.
 */
final class MultipartFile {
  private static final SecureRandom RANDOM = new SecureRandom();
  private static final int BOUNDARY_BYTES = 30;

  private final String boundary;
  private final byte[] head;
  private final byte[] tail;
  private final CallerBody content;

  /**
   * @param fileName one of ours: it is not escaped
   */
  MultipartFile(String fileName, CallerBody content) {
    var random = new byte[BOUNDARY_BYTES];
    RANDOM.nextBytes(random);
    this.boundary = HexFormat.of().formatHex(random);
    this.content = content;
    this.head =
        ascii(
            "--%s\r\nContent-Disposition: form-data; name=\"file\"; filename=\"%s\"\r\n"
                    .formatted(boundary, fileName)
                + "Content-Type: application/octet-stream\r\n\r\n");
    this.tail = ascii("\r\n--" + boundary + "--\r\n");
  }

  String contentType() {
    return "multipart/form-data; boundary=" + boundary;
  }

  /** For one attempt. The content is not touched before the connection stands. */
  BodyPublisher publisher() {
    return BodyPublishers.fromPublisher(
        BodyPublishers.ofInputStream(this::stream), head.length + content.length() + tail.length);
  }

  /** Whether an attempt has begun to send the content, so that there can be no other. */
  boolean isTouched() {
    return content.isTouched();
  }

  private InputStream stream() {
    return new SequenceInputStream(
        Collections.enumeration(
            List.of(new ByteArrayInputStream(head), content, new ByteArrayInputStream(tail))));
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
