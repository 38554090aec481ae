package dev.ccbridge.cloudcontroller.fake;

import com.fasterxml.jackson.databind.JsonNode;
import dev.ccbridge.cloudcontroller.model.CloudControllerJson;
import dev.ccbridge.web.HttpService;
import dev.ccbridge.web.Request;
import dev.ccbridge.web.Response;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * Stager, nsync and tps in one: 202 for all that changes something, no instances, unless told
 * otherwise. Thread-safe.
 */
final class ScriptedBridge implements AutoCloseable {
  record Call(String line, JsonNode body) {}

  private final List<Call> calls = new CopyOnWriteArrayList<>();
  private final Queue<Response> script = new ConcurrentLinkedQueue<>();
  private final HttpService http =
      HttpService.start(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), this::answer);

  URI uri() {
    return http.uri();
  }

  void answers(int status, String body) {
    script.add(Response.json(status, body.getBytes(StandardCharsets.UTF_8)));
  }

  /** Method and path of all calls so far. */
  List<String> lines() {
    return calls.stream().map(Call::line).toList();
  }

  Call last() {
    return calls.getLast();
  }

  private Response answer(Request request) throws Exception {
    var body = request.body(1 << 20);
    calls.add(
        new Call(
            request.method() + " " + request.rawPath(),
            CloudControllerJson.mapper()
                .readTree(body.length == 0 ? "null".getBytes(StandardCharsets.UTF_8) : body)));
    var next = script.poll();
    if (next != null) {
      return next;
    }
    return request.method().equals("GET")
        ? Response.json(200, "[]".getBytes(StandardCharsets.UTF_8))
        : Response.empty(202);
  }

  @Override
  public void close() {
    http.close();
  }
}
