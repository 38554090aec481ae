package dev.ccbridge.e2e;

import com.sun.net.httpserver.HttpServer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.compressors.gzip.GzipCompressorOutputStream;

/**
 * Serves archives of executable files on loopback, and counts the calls of {@code /mark} and what
 * is below it.
 */
final class ArchiveServer implements AutoCloseable {
  private final HttpServer server;

  /** By path. */
  private final Map<String, AtomicInteger> marks = new ConcurrentHashMap<>();

  private ArchiveServer(HttpServer server) {
    this.server = server;
    server.createContext(
        "/mark",
        exchange -> {
          try (exchange) {
            marks
                .computeIfAbsent(exchange.getRequestURI().getPath(), any -> new AtomicInteger())
                .incrementAndGet();
            exchange.sendResponseHeaders(204, -1);
          }
        });
  }

  /** On a free port, serving nothing yet. */
  static ArchiveServer start() throws IOException {
    var server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.start();
    return new ArchiveServer(server);
  }

  /** A gzip tar of executable files. */
  void serve(String name, Map<String, String> files) throws IOException {
    serve(name, pack(files));
  }

  /** These bytes, whatever they are. */
  void serve(String name, byte[] archive) {
    server.createContext(
        "/" + name,
        exchange -> {
          try (exchange) {
            exchange.sendResponseHeaders(200, archive.length);
            exchange.getResponseBody().write(archive);
          }
        });
  }

  int port() {
    return server.getAddress().getPort();
  }

  String uri(String name) {
    return "http://127.0.0.1:" + port() + "/" + name;
  }

  /** How often {@code /mark} was called. */
  int marks() {
    return marks("");
  }

  /** How often {@code /mark} with this after it was called. */
  int marks(String what) {
    var count = marks.get("/mark" + what);
    return count == null ? 0 : count.get();
  }

  static byte[] pack(Map<String, String> files) throws IOException {
    var bytes = new ByteArrayOutputStream();
    try (var tar = new TarArchiveOutputStream(new GzipCompressorOutputStream(bytes))) {
      for (var file : files.entrySet()) {
        var content = file.getValue().getBytes(StandardCharsets.UTF_8);
        var entry = new TarArchiveEntry(file.getKey());
        entry.setMode(0100755);
        entry.setSize(content.length);
        tar.putArchiveEntry(entry);
        tar.write(content);
        tar.closeArchiveEntry();
      }
    }
    return bytes.toByteArray();
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
