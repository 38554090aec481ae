package dev.ccbridge.web;

import java.io.Closeable;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * An answer. Immutable.
 *
 * @param headers one entry per header line
 * @param length bytes of the body; 0: no body at all; {@link #UNKNOWN_LENGTH}: sent in chunks until
 *     the writer returns
 */
public record Response(
    int status, Map<String, List<String>> headers, long length, BodyWriter writer) {
  public static final long UNKNOWN_LENGTH = -1;

  public Response {
    headers = Collections.unmodifiableMap(new LinkedHashMap<>(headers));
  }

  /**
   * Writes the body; not called for HEAD. An {@link IOException} while writing means that the
   * client is gone.
   */
  @FunctionalInterface
  public interface BodyWriter extends Closeable {
    void writeTo(OutputStream out) throws Exception;

    /**
     * Frees what the answer holds open. Called once after every answer, also after one to HEAD and
     * when the client was gone before the body began.
     */
    @Override
    default void close() throws IOException {}
  }

  /** Without body and content type. */
  public static Response empty(int status) {
    return new Response(status, Map.of(), 0, out -> {});
  }

  public static Response json(int status, byte[] body) {
    return bytes(status, "application/json", body);
  }

  public static Response text(int status, String body) {
    return bytes(status, "text/plain; charset=utf-8", body.getBytes(StandardCharsets.UTF_8));
  }

  public static Response bytes(int status, String contentType, byte[] body) {
    return new Response(
        status, Map.of("Content-Type", List.of(contentType)), body.length, out -> out.write(body));
  }

  /** A file, streamed. */
  public static Response file(int status, String contentType, Path file) throws IOException {
    return new Response(
        status,
        Map.of("Content-Type", List.of(contentType)),
        Files.size(file),
        out -> Files.copy(file, out));
  }

  /** A body that is written as it comes about; the writer flushes. */
  public static Response stream(int status, String contentType, BodyWriter writer) {
    return new Response(
        status, Map.of("Content-Type", List.of(contentType)), UNKNOWN_LENGTH, writer);
  }

  /** With one more header line. */
  public Response header(String name, String value) {
    var more = new LinkedHashMap<>(headers);
    var values = new ArrayList<>(more.getOrDefault(name, List.of()));
    values.add(value);
    more.put(name, List.copyOf(values));
    return new Response(status, more, length, writer);
  }
}
