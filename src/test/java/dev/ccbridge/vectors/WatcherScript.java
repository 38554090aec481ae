package dev.ccbridge.vectors;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.ccbridge.receptor.model.ModificationTag;
import dev.ccbridge.receptor.model.ReceptorEvent;
import dev.ccbridge.receptor.model.ReceptorJson;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/** What the streams of one case tell, and what becomes of it here and at the original. */
final class WatcherScript {
  private static final ObjectMapper JSON =
      new ObjectMapper().enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS);
  private final JsonNode connections;
  private final boolean closes;
  private final Set<Integer> sent = ConcurrentHashMap.newKeySet();

  WatcherScript(JsonNode vector) {
    connections = vector.path("input").path("connections");
    closes = vector.path("input").path("connection_end").asText().equals("close");
  }

  /** Beyond the script: none. */
  List<JsonNode> events(int connection) {
    return list(connections.path(connection));
  }

  /** Whether the stream ends after its events. */
  boolean isClosed(int connection) {
    return closes && connection < connections.size() - 1;
  }

  static String data(JsonNode event) {
    return event.has("data_text") ? event.get("data_text").asText() : event.get("data").toString();
  }

  /** The events of a connection are on their way. */
  void sent(int connection) {
    sent.add(connection);
  }

  /**
   * What the Receptor has now, in its latest connection: what was told there must not be missing,
   * or it would count as gone. Other instances of this connection are left out, since a list alone
   * does not say whether their crashes are old.
   */
  List<JsonNode> instancesAt(int connection) {
    var told = earlier(connection);
    if (sent.contains(connection)) {
      readable(events(connection)).stream().filter(WatcherScript::isCrash).forEach(told::add);
    }
    return instances(told);
  }

  /** What the Receptor has when the connection begins. */
  private List<JsonNode> instancesAfter(int connection) {
    return instances(earlier(connection));
  }

  private List<JsonNode> earlier(int connection) {
    var events = new ArrayList<JsonNode>();
    for (var i = 0; i < Math.min(connection, connections.size()); i++) {
      // A Receptor has nothing that nobody can read.
      events(i).stream().filter(e -> isUnknown(e) || isReadable(e)).forEach(events::add);
    }
    return events;
  }

  private static List<JsonNode> instances(List<JsonNode> events) {
    var instances = new LinkedHashMap<String, JsonNode>();
    for (var event : events) {
      var data = event.path("data");
      switch (event.path("event").asText()) {
        case "actual_lrp_created" -> put(instances, data.path("actual_lrp"));
        case "actual_lrp_changed" -> put(instances, data.path("actual_lrp_after"));
        case "actual_lrp_removed" -> instances.remove(key(data.path("actual_lrp")));
        default -> {}
      }
    }
    return instances.values().stream().filter(WatcherScript::isApp).toList();
  }

  private static void put(Map<String, JsonNode> instances, JsonNode lrp) {
    if (lrp.isObject()) {
      instances.put(key(lrp), lrp);
    }
  }

  boolean hasUnknownEvent() {
    return Stream.iterate(0, i -> i < connections.size(), i -> i + 1)
        .flatMap(i -> events(i).stream())
        .anyMatch(WatcherScript::isUnknown);
  }

  /** Events that we get to read, over all connections that we make. */
  private List<JsonNode> read() {
    var read = new ArrayList<JsonNode>();
    for (var i = 0; i < made(); i++) {
      read.addAll(readable(events(i)));
    }
    return read;
  }

  /** How many of the connections we make: one is followed by another only when it ends. */
  private int made() {
    var made = 1;
    while (made < connections.size()
        && (isClosed(made - 1)
            || events(made - 1).stream().anyMatch(e -> !isUnknown(e) && !isReadable(e)))) {
      made++;
    }
    return made;
  }

  private static List<JsonNode> readable(List<JsonNode> events) {
    return events.stream()
        .takeWhile(event -> isUnknown(event) || isReadable(event))
        .filter(event -> !isUnknown(event))
        .toList();
  }

  /** With the crashes that only we read, and without those that only the original did. */
  void tellAsWeDo(ObjectNode expected, Comparator<JsonNode> order) {
    var requests = new ArrayList<>(list(expected.path("cc_requests")));
    var ours = new ArrayList<>(crashesRead().map(WatcherScript::requestOf).toList());
    for (var told : crashesReadByTheOriginal()) {
      if (!ours.remove(told)) {
        requests.remove(told);
      }
    }
    requests.addAll(ours);
    expected.putArray("cc_requests").addAll(requests);
    sort(expected, order);
  }

  /** An unknown event ends a stream as an unreadable one does. */
  private List<JsonNode> crashesReadByTheOriginal() {
    var told = new ArrayList<JsonNode>();
    for (var i = 0; i < connections.size(); i++) {
      var events = events(i);
      var read = events.stream().takeWhile(e -> !isUnknown(e) && isReadable(e)).toList();
      read.stream().filter(WatcherScript::isCrash).map(WatcherScript::requestOf).forEach(told::add);
      if (!isClosed(i) && read.size() == events.size()) {
        break;
      }
    }
    return told;
  }

  /** Of how many instances we have something to tell. */
  long instancesTold() {
    return Stream.concat(
            crashesRead().map(event -> event.path("data").path("actual_lrp_after")),
            missed().stream())
        .map(WatcherScript::key)
        .distinct()
        .count();
  }

  /** Without the later crashes that we read of an instance. */
  void keepFirstOfEachInstance(ObjectNode expected, Comparator<JsonNode> order) {
    var requests = new ArrayList<>(list(expected.path("cc_requests")));
    var first = new HashSet<String>();
    crashesRead()
        .filter(event -> !first.add(key(event.path("data").path("actual_lrp_after"))))
        .map(WatcherScript::requestOf)
        .forEach(requests::remove);
    expected.putArray("cc_requests").addAll(requests);
    sort(expected, order);
  }

  private Stream<JsonNode> crashesRead() {
    return read().stream().filter(WatcherScript::isCrash);
  }

  private static JsonNode requestOf(JsonNode event) {
    var data = event.path("data");
    return request(
        data.path("actual_lrp_after"),
        data.path("actual_lrp_before").path("instance_guid").asText());
  }

  /** What the lists show and no event that we read has told. */
  List<JsonNode> missed() {
    var told = new LinkedHashMap<String, JsonNode>();
    var missed = new LinkedHashMap<String, JsonNode>();
    for (var i = 0; i < made(); i++) {
      for (var lrp : instancesAfter(i)) {
        var before = told.get(key(lrp));
        if (lrp.path("crash_count").asInt() > 0
            && (before == null || !before.path("crash_count").equals(lrp.path("crash_count")))) {
          told.put(key(lrp), lrp);
          missed.put(key(lrp) + "#" + i, lrp);
        }
      }
      readable(events(i)).stream()
          .filter(WatcherScript::isCrash)
          .map(event -> event.path("data").path("actual_lrp_after"))
          .forEach(lrp -> told.put(key(lrp), lrp));
    }
    return List.copyOf(missed.values());
  }

  /** Crashes that are no newer than the event before of the same instance. */
  List<JsonNode> repetitions() {
    var seen = new HashMap<String, JsonNode>();
    var repetitions = new ArrayList<JsonNode>();
    for (var event : read()) {
      var after = event.path("data").path("actual_lrp_after");
      if (!isApp(after) || !event.path("event").asText().equals("actual_lrp_changed")) {
        continue;
      }
      var before = seen.get(key(after));
      if (before != null && isNoNewer(after, before)) {
        if (isCrash(event)) {
          repetitions.add(event);
        }
      } else if (after.path("crash_count").asInt() > 0) {
        seen.put(key(after), after);
      }
    }
    return repetitions;
  }

  private static boolean isNoNewer(JsonNode after, JsonNode before) {
    var same =
        Stream.of("crash_count", "since", "state")
            .allMatch(member -> after.path(member).equals(before.path(member)));
    return same || !tag(before).succeededBy(tag(after));
  }

  private static ModificationTag tag(JsonNode lrp) {
    var tag = lrp.path("modification_tag");
    return new ModificationTag(tag.path("epoch").asText(""), tag.path("index").asInt());
  }

  void removeRepetitions(ObjectNode expected, Comparator<JsonNode> order) {
    var requests = new ArrayList<>(list(expected.path("cc_requests")));
    for (var event : repetitions()) {
      if (!requests.remove(requestOf(event))) {
        throw new IllegalArgumentException("the original tells repetitions");
      }
    }
    expected.putArray("cc_requests").addAll(requests);
    sort(expected, order);
  }

  /** Crashes that we read and the original takes for none. */
  List<JsonNode> crashesAfterHealth() {
    return read().stream().filter(WatcherScript::isAfterHealth).toList();
  }

  private static boolean isAfterHealth(JsonNode event) {
    var before = event.path("data").path("actual_lrp_before");
    var after = event.path("data").path("actual_lrp_after");
    return event.path("event").asText().equals("actual_lrp_changed")
        && isApp(after)
        && !isCrash(event)
        && before.path("state").asText().equals("RUNNING")
        && after.path("state").asText().equals("UNCLAIMED")
        && after.path("crash_count").asInt() == 1
        && after.path("since").asLong() - before.path("since").asLong()
            > Duration.ofMinutes(5).toNanos();
  }

  void addAfterHealth(ObjectNode expected, Comparator<JsonNode> order) {
    var requests = (ArrayNode) expected.path("cc_requests");
    crashesAfterHealth().forEach(event -> requests.add(requestOf(event)));
    sort(expected, order);
  }

  void addMissed(ObjectNode expected, Comparator<JsonNode> order) {
    missed().forEach(lrp -> expected.withArray("cc_requests").add(request(lrp, "")));
    sort(expected, order);
  }

  static void sort(ObjectNode expected, Comparator<JsonNode> order) {
    if (expected.path("cc_requests") instanceof ArrayNode requests) {
      var sorted = list(requests).stream().sorted(order).toList();
      expected.putArray("cc_requests").addAll(sorted);
    }
  }

  private static ObjectNode request(JsonNode lrp, String instance) {
    var request = JSON.createObjectNode();
    var body = request.putObject("body");
    body.set("crash_count", lrp.path("crash_count"));
    body.set("crash_timestamp", lrp.path("since"));
    if (!lrp.path("crash_reason").asText().isEmpty()) {
      body.set("exit_description", lrp.path("crash_reason"));
    }
    body.set("index", lrp.path("index"));
    body.put("instance", instance).put("reason", "CRASHED");
    request
        .putObject("headers")
        .put("Authorization", "Basic dGhlLXVzZXI6dGhlLXBhc3N3b3Jk")
        .put("Content-Type", "application/json");
    return request
        .put("method", "POST")
        .put("path", "/internal/apps/" + lrp.path("process_guid").asText() + "/crashed");
  }

  /** An instance that has crashed once. */
  static ObjectNode crashed(String processGuid) {
    return JSON.createObjectNode()
        .put("process_guid", processGuid)
        .put("domain", "cf-apps")
        .put("index", 0)
        .put("state", "CRASHED")
        .put("crash_count", 1)
        .put("since", 1);
  }

  private static boolean isUnknown(JsonNode event) {
    return ReceptorEvent.typeOf(event.path("event").asText()).isEmpty();
  }

  private static boolean isReadable(JsonNode event) {
    try {
      var type = ReceptorEvent.typeOf(event.path("event").asText()).orElseThrow();
      ReceptorJson.mapper().readValue(data(event), type);
      return true;
    } catch (JsonProcessingException broken) {
      return false;
    }
  }

  private static boolean isCrash(JsonNode event) {
    var before = event.path("data").path("actual_lrp_before");
    var after = event.path("data").path("actual_lrp_after");
    return event.path("event").asText().equals("actual_lrp_changed")
        && isApp(after)
        && after.path("crash_count").asInt() > before.path("crash_count").asInt();
  }

  private static boolean isApp(JsonNode lrp) {
    return lrp.path("domain").asText().equals("cf-apps");
  }

  private static String key(JsonNode lrp) {
    return lrp.path("process_guid").asText() + "/" + lrp.path("index").asInt();
  }

  private static List<JsonNode> list(JsonNode array) {
    var list = new ArrayList<JsonNode>();
    array.forEach(list::add);
    return list;
  }
}
