package dev.ccbridge.e2e;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.HttpURLConnection;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** What one user asked of an API server since this was made; read from the server's audit log. */
final class AuditLog {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Path file;
  private final String user;
  private int read;

  /**
   * One call.
   *
   * @param resource with its subresource, as rules have it: {@code desiredlrps/status}
   * @param name empty: of none, or of one that the server names
   * @param allowed whether nothing of it was refused: applying what is not there takes the right to
   *     create it as well
   */
  record Call(
      String verb, String group, String resource, String namespace, String name, boolean allowed) {}

  AuditLog(Path file, String user) {
    this.file = file;
    this.user = user;
    next();
  }

  /** The calls since the last time. */
  List<Call> next() {
    try {
      var lines = Files.exists(file) ? Files.readAllLines(file) : List.<String>of();
      var fresh = lines.subList(read, lines.size());
      read = lines.size();
      return fresh.stream()
          .map(AuditLog::parsed)
          .filter(e -> e.at("/user/username").asText().equals(user))
          .filter(e -> !e.path("objectRef").isMissingNode())
          .map(AuditLog::call)
          .toList();
    } catch (IOException unreadable) {
      throw new UncheckedIOException(unreadable);
    }
  }

  private static Call call(JsonNode event) {
    var object = event.path("objectRef");
    var part = object.path("subresource").asText();
    return new Call(
        event.path("verb").asText(),
        object.path("apiGroup").asText(),
        object.path("resource").asText() + (part.isEmpty() ? "" : "/" + part),
        object.path("namespace").asText(),
        object.path("name").asText(),
        event.path("annotations").path("authorization.k8s.io/decision").asText().equals("allow")
            && event.at("/responseStatus/code").asInt() != HttpURLConnection.HTTP_FORBIDDEN);
  }

  private static JsonNode parsed(String line) {
    try {
      return JSON.readTree(line);
    } catch (JsonProcessingException half) {
      throw new AssertionError(line, half);
    }
  }
}
