package dev.ccbridge.e2e;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.WireFormat;
import dev.ccbridge.web.HttpService;
import dev.ccbridge.web.Request;
import dev.ccbridge.web.Response;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.zip.GZIPInputStream;

/**
 * An OpenTelemetry collector that only keeps what it gets. Source: opentelemetry-proto
 * collector/trace/v1/trace_service.proto, trace/v1/trace.proto.
 */
final class Collector implements AutoCloseable {
  private static final int MOST = 4 << 20;

  /** Ids in hexadecimal digits; no parent is the empty text. */
  record Span(
      String trace,
      String id,
      String parent,
      String name,
      long begun,
      long ended,
      Map<String, String> attributes) {}

  private final List<Span> spans = new CopyOnWriteArrayList<>();
  private final List<String> bodies = new CopyOnWriteArrayList<>();
  private final HttpService http =
      HttpService.start(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), this::take);

  URI uri() {
    return http.uri();
  }

  List<Span> spans() {
    return List.copyOf(spans);
  }

  /** All that came, as text in which words can be looked for. */
  String everything() {
    return String.join("\n", bodies);
  }

  private Response take(Request request) throws IOException {
    if (!request.rawPath().equals("/v1/traces")) {
      return Response.empty(404);
    }
    var body = request.body(MOST);
    if (request.header("Content-Encoding").orElse("").equals("gzip")) {
      body = new GZIPInputStream(new ByteArrayInputStream(body)).readAllBytes();
    }
    bodies.add(new String(body, StandardCharsets.ISO_8859_1));
    for (var resource : messages(body, 1)) {
      for (var scope : messages(resource, 2)) {
        for (var span : messages(scope, 2)) {
          spans.add(span(span));
        }
      }
    }
    return new Response(
        200, Map.of("Content-Type", List.of("application/x-protobuf")), 0, out -> {});
  }

  private static Span span(byte[] message) throws IOException {
    var attributes = new HashMap<String, String>();
    for (var pair : messages(message, 9)) {
      attributes.put(text(pair, 1), text(messages(pair, 2).getFirst(), 1));
    }
    return new Span(
        hex(message, 1),
        hex(message, 2),
        hex(message, 4),
        text(message, 5),
        fixed(message, 7),
        fixed(message, 8),
        attributes);
  }

  private static String hex(byte[] message, int field) throws IOException {
    var found = messages(message, field);
    return found.isEmpty() ? "" : HexFormat.of().formatHex(found.getFirst());
  }

  private static String text(byte[] message, int field) throws IOException {
    return new String(messages(message, field).getFirst(), StandardCharsets.UTF_8);
  }

  /** What stands in fields that have a length. */
  private static List<byte[]> messages(byte[] message, int field) throws IOException {
    var found = new ArrayList<byte[]>();
    var in = CodedInputStream.newInstance(message);
    for (var tag = in.readTag(); tag != 0; tag = in.readTag()) {
      if (WireFormat.getTagFieldNumber(tag) == field
          && WireFormat.getTagWireType(tag) == WireFormat.WIRETYPE_LENGTH_DELIMITED) {
        ByteString bytes = in.readBytes();
        found.add(bytes.toByteArray());
      } else {
        in.skipField(tag);
      }
    }
    return found;
  }

  private static long fixed(byte[] message, int field) throws IOException {
    var in = CodedInputStream.newInstance(message);
    for (var tag = in.readTag(); tag != 0; tag = in.readTag()) {
      if (WireFormat.getTagFieldNumber(tag) == field
          && WireFormat.getTagWireType(tag) == WireFormat.WIRETYPE_FIXED64) {
        return in.readFixed64();
      }
      in.skipField(tag);
    }
    return 0;
  }

  @Override
  public void close() {
    http.close();
  }
}
