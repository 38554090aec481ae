package dev.ccbridge.cloudcontroller.fake;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import dev.ccbridge.cloudcontroller.model.CloudControllerJson;
import dev.ccbridge.web.Request;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * What the bridge asked, in the order answered: method, path, query, status, {@code at}, length
 * and, of JSON, the body. No headers, since they hold credentials. The newest {@value #MAX_CALLS}.
 * Thread-safe.
 */
final class Recording {
  static final int MAX_CALLS = 10_000;
  private static final int MAX_BODY_BYTES = 64 * 1024;

  private final Deque<ObjectNode> calls = new ArrayDeque<>();

  /**
   * @param body empty when it was streamed
   */
  void add(Request request, byte[] body, int status) {
    var call = JsonNodeFactory.instance.objectNode();
    call.put("method", request.method()).put("path", request.rawPath());
    call.put("query", request.uri().getRawQuery() == null ? "" : request.uri().getRawQuery());
    call.put("status", status).put("at", Instant.now().toString());
    call.put("content_length", request.header("Content-Length").orElse(""));
    if (body.length > 0) {
      call.set("body", shown(body));
    }
    synchronized (this) {
      calls.add(call);
      if (calls.size() > MAX_CALLS) {
        calls.remove();
      }
    }
  }

  private static JsonNode shown(byte[] body) {
    if (body.length > MAX_BODY_BYTES) {
      return TextNode.valueOf("too long to be kept");
    }
    var text = new String(body, StandardCharsets.UTF_8);
    try {
      return CloudControllerJson.mapper().readTree(text);
    } catch (JsonProcessingException notJson) {
      return TextNode.valueOf(text);
    }
  }

  synchronized ArrayNode json() {
    var all = JsonNodeFactory.instance.arrayNode();
    calls.forEach(all::add);
    return all;
  }

  synchronized void clear() {
    calls.clear();
  }
}
