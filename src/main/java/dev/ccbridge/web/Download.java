package dev.ccbridge.web;

import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.time.Instant;
import java.util.Arrays;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One version of a file, opened and described; answers GET and HEAD with ranges and conditions.
 * Opened first and described then, so that the headers belong to the bytes even when the file is
 * replaced meanwhile.
 *
 * <p>Differs from Go's file server: several ranges in one request are answered with the whole file
 * (200) and not as multipart/byteranges, and a range on HEAD is ignored; RFC 9110 allows the first
 * and wants the second.
 *
 * @param content closed by {@link #answer} or with the answer
 * @param size bytes from the channel's start that make up the file; the channel may hold more
 * @param lastModified sent as Last-Modified, in whole seconds
 * @param etag without quotes; null: none is sent
 */
public record Download(
    FileChannel content,
    long size,
    String contentType,
    Instant lastModified,
    @Nullable String etag) {
  private static final int BUFFER_BYTES = 64 * 1024;

  /** 200, 206, 304 or 416, with the body for GET. Takes over the channel. */
  public Response answer(Request request) throws IOException {
    if (isUnchanged(request)) {
      return withoutContent(304, 0);
    }
    if (request.method().equals("HEAD")) {
      return withoutContent(200, size)
          .header("Content-Type", contentType)
          .header("Accept-Ranges", "bytes");
    }
    return switch (range(request)) {
      case ByteRange.Whole() -> part(200, 0, size);
      case ByteRange.Part(var start, var length) ->
          part(206, start, length)
              .header("Content-Range", "bytes " + start + "-" + (start + length - 1) + "/" + size);
      case ByteRange.Unsatisfiable() ->
          withoutContent(416, 0).header("Content-Range", "bytes */" + size);
    };
  }

  private boolean isUnchanged(Request request) {
    var tags = request.headerValues("If-None-Match");
    if (!tags.isEmpty()) {
      // Where there are tags the date does not count (RFC 9110, 13.1.3).
      return tags.stream()
          .flatMap(line -> Arrays.stream(line.split(",")))
          .map(String::strip)
          .anyMatch(
              tag -> tag.equals("*") || isOurs(tag.startsWith("W/") ? tag.substring(2) : tag));
    }
    return request
        .header("If-Modified-Since")
        .flatMap(HttpDate::parse)
        .filter(since -> !HttpDate.wholeSeconds(lastModified).isAfter(since))
        .isPresent();
  }

  private ByteRange range(Request request) {
    var condition = request.header("If-Range");
    if (condition.isPresent() && !isCurrent(condition.get())) {
      return new ByteRange.Whole();
    }
    return request
        .header("Range")
        .map(header -> ByteRange.parse(header, size))
        .orElseGet(ByteRange.Whole::new);
  }

  private boolean isCurrent(String tagOrDate) {
    var date = HttpDate.parse(tagOrDate);
    return date.isPresent()
        ? date.get().equals(HttpDate.wholeSeconds(lastModified))
        : isOurs(tagOrDate.strip());
  }

  private boolean isOurs(String quotedTag) {
    return etag != null && quotedTag.equals('"' + etag + '"');
  }

  private Response withoutContent(int status, long length) throws IOException {
    content.close();
    return described(new Response(status, Map.of(), length, out -> {}));
  }

  private Response part(int status, long start, long length) {
    var body = new Part(content, start, length);
    return described(new Response(status, Map.of(), length, body))
        .header("Content-Type", contentType)
        .header("Accept-Ranges", "bytes");
  }

  private Response described(Response response) {
    var dated = response.header("Last-Modified", HttpDate.format(lastModified));
    return etag == null ? dated : dated.header("ETag", '"' + etag + '"');
  }

  /** Streams a part of a file; the channel lives as long as the answer. */
  private record Part(FileChannel content, long start, long length) implements Response.BodyWriter {
    @Override
    public void writeTo(OutputStream out) throws IOException {
      var buffer = ByteBuffer.allocate((int) Math.min(BUFFER_BYTES, length));
      for (var sent = 0L; sent < length; ) {
        buffer.clear().limit((int) Math.min(buffer.capacity(), length - sent));
        var read = content.read(buffer, start + sent);
        if (read < 0) {
          throw new EOFException("the file became shorter than " + (start + length) + " bytes");
        }
        out.write(buffer.array(), 0, read);
        sent += read;
      }
    }

    @Override
    public void close() throws IOException {
      content.close();
    }
  }
}
