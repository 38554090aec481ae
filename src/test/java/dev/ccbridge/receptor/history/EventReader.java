package dev.ccbridge.receptor.history;

import com.fasterxml.jackson.databind.JsonNode;
import dev.ccbridge.receptor.history.Lives.Life;
import dev.ccbridge.receptor.model.ReceptorJson;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * Follows the events of each life. What an event tells has happened by then, and for one record
 * events come in the order of its changes.
 */
final class EventReader {

  /**
   * @param process guid of the LRP
   * @param lrp as it was from then on
   */
  record Written(String process, LRPModel.State lrp, long at) {}

  private final HttpClient http;
  private final Queue<Written> written = new ConcurrentLinkedQueue<>();
  private final Queue<String> faults = new ConcurrentLinkedQueue<>();

  EventReader(HttpClient http) {
    this.http = http;
  }

  Queue<Written> written() {
    return written;
  }

  Queue<String> faults() {
    return faults;
  }

  /** Returns when the subscription is active; reads on a thread of its own until the life ends. */
  void follow(Life life) throws Exception {
    var request = HttpRequest.newBuilder(URI.create(life.url() + "/v1/events")).build();
    var stream = http.send(request, BodyHandlers.ofInputStream()).body();
    Thread.startVirtualThread(
        () -> {
          try (var lines =
              new BufferedReader(new InputStreamReader(stream, StandardCharsets.UTF_8))) {
            read(lines);
          } catch (IOException | UncheckedIOException killed) {
            // The end of a life.
          }
        });
  }

  private void read(BufferedReader lines) throws IOException {
    var last = new HashMap<String, JsonNode>();
    var event = "";
    for (var line = lines.readLine(); line != null; line = lines.readLine()) {
      if (line.startsWith("event:")) {
        event = line.substring("event:".length()).strip();
      } else if (line.startsWith("data:")) {
        take(event, ReceptorJson.mapper().readTree(line.substring("data:".length())), last);
      }
    }
  }

  private void take(String event, JsonNode data, Map<String, JsonNode> last) {
    var desired = event.startsWith("desired");
    var kind = desired ? "desired_lrp" : "actual_lrp";
    var before = event.endsWith("changed") ? data.path(kind + "_before") : null;
    var after = before == null ? data.path(kind) : data.path(kind + "_after");
    var key = kind + "/" + after.path("process_guid").asText() + "/" + after.path("index").asInt();
    if (event.endsWith("created")) {
      expect(last.put(key, after) == null, event + " of what is there", List.of(after));
    } else if (event.endsWith("changed")) {
      var known = last.put(key, after);
      expect(known == null || known.equals(before), event + " skips a change", List.of(data));
      expect(tag(after) == tag(before) + 1, event + " leaves the tag", List.of(data));
    } else {
      var known = last.remove(key);
      expect(known == null || known.equals(after), event + " of another value", List.of(after));
      return;
    }
    if (desired) {
      written.add(
          new Written(after.path("process_guid").asText(), Observed.lrp(after), System.nanoTime()));
    }
  }

  private void expect(boolean holds, String fault, List<JsonNode> evidence) {
    if (!holds) {
      faults.add(fault + ": " + evidence);
    }
  }

  private static int tag(JsonNode record) {
    return record.path("modification_tag").path("index").asInt();
  }
}
