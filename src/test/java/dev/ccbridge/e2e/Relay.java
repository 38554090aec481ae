package dev.ccbridge.e2e;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.ccbridge.e2e.CallSites.Moment;
import dev.ccbridge.web.HttpService;
import dev.ccbridge.web.Request;
import dev.ccbridge.web.Response;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Supplier;
import javax.net.ssl.SSLContext;

/**
 * Stands in front of one neighbour, or of the program itself, tells of each call, and lets go wrong
 * what is to go wrong.
 */
final class Relay implements AutoCloseable {
  /** Longer than any caller waits. */
  private static final Duration HANG = Duration.ofSeconds(60);

  /** What belongs to one connection, not to the call. */
  private static final Set<String> HOP_BY_HOP =
      Set.of(
          "connection",
          "content-length",
          "expect",
          "host",
          "http2-settings",
          "transfer-encoding",
          "upgrade");

  /** A call that the neighbour has carried out. */
  record Answered(String method, String path, String body, int status) {}

  /**
   * One that the neighbour got besides a call.
   *
   * @param kind forged, doubled or late
   */
  record Imitation(String kind, int status) {}

  /** Told of answers before the caller is. */
  @FunctionalInterface
  interface Witness {
    void saw(Answered answered);
  }

  private final String name;
  private final Supplier<URI> target;
  private final CallSites sites;
  private final Witness witness;
  private final HttpClient client;
  private final HttpService service;
  private final List<Imitation> imitations = new CopyOnWriteArrayList<>();
  private final Set<InputStream> streams = ConcurrentHashMap.newKeySet();

  private Relay(
      String name, Supplier<URI> target, CallSites sites, SSLContext tls, Witness witness) {
    this.name = name;
    this.target = target;
    this.sites = sites;
    this.witness = witness;
    var builder = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1);
    this.client = (tls == null ? builder : builder.sslContext(tls)).build();
    this.service = HttpService.start(new InetSocketAddress("127.0.0.1", 0), this::relay);
  }

  /**
   * @param name of who is behind it
   * @param tls to reach the target; null: as the JDK has it
   */
  static Relay start(
      String name, Supplier<URI> target, CallSites sites, SSLContext tls, Witness witness) {
    return new Relay(name, target, sites, tls, witness);
  }

  URI uri() {
    return service.uri();
  }

  /** For a client of the Kubernetes API behind it. */
  void writeKubeconfig(Path file, String namespace, String token) throws IOException {
    Files.writeString(
        file,
        """
        apiVersion: v1
        kind: Config
        current-context: relay
        contexts: [{name: relay, context: {cluster: relay, user: relay, namespace: "%s"}}]
        clusters: [{name: relay, cluster: {server: "%s"}}]
        users: [{name: relay, user: {token: "%s"}}]
        """
            .formatted(namespace, uri(), token));
  }

  /** Ends all watches and event streams; who wants them asks again. */
  void cutStreams() {
    streams.forEach(Relay::close);
  }

  private Response relay(Request request) throws IOException, InterruptedException {
    if (request.header("Upgrade").orElse("").equalsIgnoreCase("websocket")) {
      // No WebSocket here: the client asks again without.
      return Response.empty(200);
    }
    var body = request.bodyStream().readAllBytes();
    var call = sites.arrived(name, request.method(), request.rawPath() + watching(request));
    var before = sites.strike(call, Moment.BEFORE);
    if (before.isPresent() && before.get() instanceof Fault.Imitated(var late)) {
      imitate(request, body, late);
    } else if (before.isPresent()) {
      return instead(before.get());
    }
    var answer = client.send(forward(request, body), BodyHandlers.ofInputStream());
    witness.saw(
        new Answered(
            request.method(),
            request.rawPath(),
            new String(body, StandardCharsets.UTF_8),
            answer.statusCode()));
    var after = sites.strike(call, Moment.AFTER);
    return after.isPresent()
        ? instead(after.get(), answer, request.query("watch").isPresent())
        : passedOn(answer);
  }

  /** All but the call itself, which is passed on next and is the second of two. */
  private void imitate(Request request, byte[] body, Duration late)
      throws IOException, InterruptedException {
    var real = URI.create(target.get() + pathAndQuery(request));
    var forged = forged(body);
    for (var query :
        List.of("", "?token=", "?token=" + UUID.randomUUID() + ".x", "?" + altered(real))) {
      var address = URI.create(target.get() + request.rawPath() + query);
      imitations.add(new Imitation("forged", again(address, request, forged)));
    }
    imitations.add(new Imitation("doubled", again(real, request, body)));
    Thread.ofVirtual()
        .start(
            () -> {
              try {
                Thread.sleep(late);
                imitations.add(new Imitation("late", again(real, request, body)));
              } catch (IOException | InterruptedException over) {
                // The run is over.
              }
            });
  }

  /** Its token with another signature. */
  private static String altered(URI real) {
    var query = real.getRawQuery();
    var last = query.charAt(query.length() - 2);
    return query.substring(0, query.length() - 2)
        + (last == 'A' ? 'B' : 'A')
        + query.substring(query.length() - 1);
  }

  private static byte[] forged(byte[] body) throws IOException {
    var json = new ObjectMapper();
    var task = (ObjectNode) json.readTree(body);
    task.put("failed", true).put("failure_reason", "forged 222").put("result", "");
    return json.writeValueAsBytes(task);
  }

  private int again(URI address, Request request, byte[] body)
      throws IOException, InterruptedException {
    var builder = HttpRequest.newBuilder(address);
    kept(request.headers())
        .forEach((header, values) -> values.forEach(value -> builder.header(header, value)));
    var call = builder.method(request.method(), BodyPublishers.ofByteArray(body)).build();
    return client.send(call, BodyHandlers.discarding()).statusCode();
  }

  /** What came of imitated calls. */
  List<Imitation> imitations() {
    return List.copyOf(imitations);
  }

  /** Of a call that the neighbour never hears of. */
  private Response instead(Fault fault) throws IOException, InterruptedException {
    switch (fault) {
      case Fault.Death(var signal) -> signal.run();
      case Fault.Status(var status, var retryAfter) -> {
        return error(status, retryAfter);
      }
      case Fault.Hang hang -> Thread.sleep(HANG);
      case Fault.Reset reset -> {}
      case Fault.Imitated imitated -> throw onlyAfter(fault);
      case Fault.HalfBody half -> throw onlyAfter(fault);
      case Fault.Late late -> throw onlyAfter(fault);
      case Fault.Repeated repeated -> throw onlyAfter(fault);
      case Fault.CutBeforeEvent cut -> throw onlyAfter(fault);
      case Fault.CutInEvent cut -> throw onlyAfter(fault);
      case Fault.GoneEvent gone -> throw onlyAfter(fault);
      case Fault.Silence silence -> throw onlyAfter(fault);
    }
    throw new IOException(fault.toString());
  }

  private static IllegalStateException onlyAfter(Fault fault) {
    return new IllegalStateException(fault + " needs an answer");
  }

  /** Of a call that the neighbour has carried out. */
  private Response instead(Fault fault, HttpResponse<InputStream> answer, boolean isWatch)
      throws IOException, InterruptedException {
    return switch (fault) {
      case Fault.Death death -> insteadOf(answer, fault);
      case Fault.Status status -> insteadOf(answer, fault);
      case Fault.Hang hang -> insteadOf(answer, fault);
      case Fault.Reset reset -> insteadOf(answer, fault);
      case Fault.Imitated imitated -> throw new IllegalStateException("too late to forge it");
      case Fault.HalfBody half -> halfOf(answer);
      case Fault.Late(var delay) -> disturbed(answer, isWatch, s -> s.passOn(delay, 1));
      case Fault.Repeated twice -> disturbed(answer, isWatch, s -> s.passOn(Duration.ZERO, 2));
      case Fault.CutBeforeEvent cut -> disturbed(answer, isWatch, s -> s.cut(0));
      case Fault.CutInEvent cut -> disturbed(answer, isWatch, s -> s.cut(0.5));
      case Fault.GoneEvent gone -> disturbed(answer, isWatch, RelayedStream::sayGone);
      case Fault.Silence silence -> disturbed(answer, isWatch, RelayedStream::swallow);
    };
  }

  private Response insteadOf(HttpResponse<InputStream> answer, Fault fault)
      throws IOException, InterruptedException {
    answer.body().close();
    return instead(fault);
  }

  /** As the neighbour words its errors; Cloud Controller's are close enough to the Receptor's. */
  private Response error(int status, OptionalInt retryAfterSeconds) {
    var body =
        name.equals("kubernetes")
            ? """
            {"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"injected","code":%d}
            """
                .formatted(status)
            : """
            {"name":"UnknownError","message":"injected","description":"injected"}
            """;
    var response = Response.json(status, body.getBytes(StandardCharsets.UTF_8));
    return retryAfterSeconds.isPresent()
        ? response.header("Retry-After", String.valueOf(retryAfterSeconds.getAsInt()))
        : response;
  }

  /** Of an answer without a body nothing. */
  private Response halfOf(HttpResponse<InputStream> answer) throws IOException {
    byte[] body;
    try (var whole = answer.body()) {
      body = whole.readAllBytes();
    }
    if (body.length == 0) {
      throw new IOException("no body to halve");
    }
    return new Response(
        answer.statusCode(),
        kept(answer.headers().map()),
        body.length,
        out -> {
          out.write(Arrays.copyOf(body, body.length / 2));
          out.flush();
          throw new IOException("half a body");
        });
  }

  private interface Disturbance {
    void apply(RelayedStream stream) throws IOException, InterruptedException;
  }

  private Response disturbed(
      HttpResponse<InputStream> answer, boolean isWatch, Disturbance disturbance) {
    return streamed(answer, (in, out) -> disturbance.apply(new RelayedStream(in, out, isWatch)));
  }

  private Response passedOn(HttpResponse<InputStream> answer) {
    return streamed(
        answer,
        (in, out) -> {
          var buffer = new byte[16 * 1024];
          for (var n = in.read(buffer); n >= 0; n = in.read(buffer)) {
            out.write(buffer, 0, n);
            out.flush();
          }
        });
  }

  private interface Passing {
    void pass(InputStream in, java.io.OutputStream out) throws IOException, InterruptedException;
  }

  private Response streamed(HttpResponse<InputStream> answer, Passing passing) {
    return new Response(
        answer.statusCode(),
        kept(answer.headers().map()),
        answer.headers().firstValueAsLong("Content-Length").orElse(Response.UNKNOWN_LENGTH),
        out -> {
          try (var body = answer.body()) {
            streams.add(body);
            passing.pass(body, out);
          } finally {
            streams.remove(answer.body());
          }
        });
  }

  /** A watch and a list have the same path. */
  private static String watching(Request request) {
    return request.query("watch").isPresent() ? "?watch" : "";
  }

  private HttpRequest forward(Request request, byte[] body) {
    var builder = HttpRequest.newBuilder(URI.create(target.get() + pathAndQuery(request)));
    kept(request.headers())
        .forEach((header, values) -> values.forEach(value -> builder.header(header, value)));
    return builder.method(request.method(), BodyPublishers.ofByteArray(body)).build();
  }

  private static String pathAndQuery(Request request) {
    var query = request.uri().getRawQuery();
    return request.rawPath() + (query == null ? "" : "?" + query);
  }

  private static Map<String, List<String>> kept(Map<String, List<String>> headers) {
    var kept = new TreeMap<String, List<String>>(String.CASE_INSENSITIVE_ORDER);
    headers.forEach(
        (header, values) -> {
          if (!HOP_BY_HOP.contains(header.toLowerCase(java.util.Locale.ROOT))
              && !header.startsWith(":")) {
            kept.put(header, values);
          }
        });
    return kept;
  }

  private static void close(InputStream stream) {
    try {
      stream.close();
    } catch (IOException closedAlready) {
      // It has ended.
    }
  }

  @Override
  public void close() {
    service.close();
    client.shutdownNow();
  }
}
