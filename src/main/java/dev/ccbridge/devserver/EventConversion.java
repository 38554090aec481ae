package dev.ccbridge.devserver;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.ccbridge.devserver.schema.Json;
import java.util.Map;

/** Events of the core group and of events.k8s.io are the same objects with other field names. */
final class EventConversion {
  private static final Map<String, String> CORE_TO_NEW =
      Map.of(
          "involvedObject", "regarding",
          "message", "note",
          "source", "deprecatedSource",
          "firstTimestamp", "deprecatedFirstTimestamp",
          "lastTimestamp", "deprecatedLastTimestamp",
          "count", "deprecatedCount",
          "reportingComponent", "reportingController");

  private EventConversion() {}

  static void toEventsGroup(ObjectNode event) {
    CORE_TO_NEW.forEach((core, renamed) -> rename(event, core, renamed));
    for (var name : new String[] {"reportingController", "reportingInstance"}) {
      if (Json.text(event, name).isEmpty()) {
        event.remove(name);
      }
    }
  }

  static void toCore(ObjectNode event) {
    CORE_TO_NEW.forEach((core, renamed) -> rename(event, renamed, core));
    event.put("apiVersion", "v1");
    complete(event);
  }

  /** The fields that the API server always shows. */
  static void complete(ObjectNode event) {
    for (var name : new String[] {"reportingComponent", "reportingInstance"}) {
      if (!event.has(name)) {
        event.put(name, "");
      }
    }
    for (var name : new String[] {"eventTime", "firstTimestamp", "lastTimestamp"}) {
      if (!event.has(name)) {
        event.putNull(name);
      }
    }
    event.withObjectProperty("source");
  }

  private static void rename(ObjectNode object, String from, String to) {
    var value = object.remove(from);
    if (value != null) {
      object.set(to, value);
    }
  }
}
