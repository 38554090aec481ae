package dev.ccbridge.devserver;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import dev.ccbridge.devserver.ResourceType.Column;
import dev.ccbridge.devserver.schema.Json;
import dev.ccbridge.devserver.schema.JsonPath;
import java.time.Clock;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;

/** Objects as the rows that {@code kubectl get} prints. Thread-safe. */
final class Tables {
  private static final String NAME_TEXT =
      ResourceTypes.objectMeta().at("/properties/name/description").asText();
  private static final String AGE_TEXT =
      ResourceTypes.objectMeta().at("/properties/creationTimestamp/description").asText();

  private final Clock clock;

  Tables(Clock clock) {
    this.clock = clock;
  }

  /** A column of a built-in resource. */
  private record BuiltInColumn(
      String name,
      String type,
      String format,
      String description,
      int priority,
      Function<ObjectNode, JsonNode> cell) {}

  /**
   * @param include {@code None}, {@code Metadata} or {@code Object}: what each row carries besides
   */
  ObjectNode table(ResourceType type, List<ObjectNode> objects, String revision, String include) {
    var table = Json.object();
    table.put("kind", "Table").put("apiVersion", "meta.k8s.io/v1");
    table.putObject("metadata").put("resourceVersion", revision);
    var columns = columns(type);
    var definitions = table.putArray("columnDefinitions");
    for (var column : columns) {
      definitions
          .addObject()
          .put("name", column.name)
          .put("type", column.type)
          .put("format", column.format)
          .put("description", column.description)
          .put("priority", (long) column.priority);
    }
    var rows = table.putArray("rows");
    for (var object : objects) {
      var row = rows.addObject();
      var cells = row.putArray("cells");
      columns.forEach(column -> cells.add(column.cell.apply(object)));
      switch (include) {
        case "None" -> {}
        case "Object" -> row.set("object", object);
        default -> row.set("object", metadataOnly(object));
      }
    }
    return table;
  }

  static ObjectNode metadataOnly(ObjectNode object) {
    var partial = Json.object();
    partial.put("kind", "PartialObjectMetadata").put("apiVersion", "meta.k8s.io/v1");
    partial.set("metadata", object.path("metadata"));
    return partial;
  }

  static ObjectNode metadataList(List<ObjectNode> objects, String revision) {
    var list = Json.object();
    list.put("kind", "PartialObjectMetadataList").put("apiVersion", "meta.k8s.io/v1");
    list.putObject("metadata").put("resourceVersion", revision);
    ArrayNode items = list.putArray("items");
    objects.forEach(object -> items.add(metadataOnly(object)));
    return list;
  }

  private List<BuiltInColumn> columns(ResourceType type) {
    if (!type.builtIn()) {
      return customColumns(type);
    }
    return switch (type.kind()) {
      case "Namespace" ->
          List.of(name(), text("Status", "The status of the namespace", ".status.phase"), age());
      case "Secret" ->
          List.of(
              name(),
              text("Type", "Used to facilitate programmatic handling of secret data.", ".type"),
              count("Data", "Data contains the secret data.", "data"),
              age());
      case "ConfigMap" ->
          List.of(name(), count("Data", "Data contains the configuration data.", "data"), age());
      case "Lease" ->
          List.of(
              name(),
              text(
                  "Holder",
                  "holderIdentity contains the identity of the holder of a current lease.",
                  ".spec.holderIdentity"),
              age());
      case "Event" -> eventColumns();
      case "CustomResourceDefinition" ->
          List.of(
              name(),
              new BuiltInColumn(
                  "Created At",
                  "date",
                  "",
                  AGE_TEXT,
                  0,
                  object -> object.at("/metadata/creationTimestamp")));
      default -> List.of(name(), age());
    };
  }

  private List<BuiltInColumn> customColumns(ResourceType type) {
    var columns = new ArrayList<BuiltInColumn>();
    columns.add(name());
    for (var column : type.columns()) {
      columns.add(
          new BuiltInColumn(
              column.name(),
              column.type(),
              column.format(),
              column.description(),
              column.priority(),
              object -> cell(object, column)));
    }
    if (type.columns().isEmpty()) {
      columns.add(age());
    }
    return columns;
  }

  private JsonNode cell(ObjectNode object, Column column) {
    var found = column.path().find(object);
    if (found.isEmpty() || found.getFirst().isNull()) {
      return NullNode.getInstance();
    }
    var value = found.getFirst();
    return switch (column.type()) {
      case "string" -> value.isTextual() ? value : TextNode.valueOf(value.toString());
      case "date" -> TextNode.valueOf(age(value.asText()));
      case "integer" -> value.isNumber() ? Json.number(value.asLong()) : NullNode.getInstance();
      case "number" -> value.isNumber() ? value : NullNode.getInstance();
      case "boolean" -> value.isBoolean() ? value : NullNode.getInstance();
      default -> NullNode.getInstance();
    };
  }

  private static BuiltInColumn name() {
    return new BuiltInColumn(
        "Name", "string", "name", NAME_TEXT, 0, object -> object.at("/metadata/name"));
  }

  private BuiltInColumn age() {
    return new BuiltInColumn(
        "Age",
        "string",
        "",
        AGE_TEXT,
        0,
        object -> TextNode.valueOf(age(Json.text(object, "metadata", "creationTimestamp"))));
  }

  private static BuiltInColumn text(String name, String description, String path) {
    var parsed = JsonPath.of(path);
    return new BuiltInColumn(
        name,
        "string",
        "",
        description,
        0,
        object -> parsed.find(object).stream().findFirst().orElseGet(() -> TextNode.valueOf("")));
  }

  private static BuiltInColumn count(String name, String description, String field) {
    return new BuiltInColumn(
        name,
        "string",
        "",
        description,
        0,
        object ->
            TextNode.valueOf(
                String.valueOf(object.path(field).size() + object.path("binaryData").size())));
  }

  private List<BuiltInColumn> eventColumns() {
    return List.of(
        eventColumn("Last Seen", 0, event -> age(lastSeen(event))),
        eventColumn("Type", 0, event -> Json.text(event, "type")),
        eventColumn("Reason", 0, event -> Json.text(event, "reason")),
        eventColumn("Object", 0, Tables::eventObject),
        eventColumn(
            "Subobject", 1, event -> either(event, "involvedObject", "regarding", "fieldPath")),
        eventColumn("Source", 1, Tables::eventSource),
        eventColumn(
            "Message",
            0,
            event -> (Json.text(event, "message") + Json.text(event, "note")).strip()),
        eventColumn("First Seen", 1, event -> age(firstSeen(event))),
        eventColumn("Count", 1, Tables::eventCount),
        new BuiltInColumn(
            "Name", "string", "name", NAME_TEXT, 1, object -> object.at("/metadata/name")));
  }

  private static BuiltInColumn eventColumn(
      String name, int priority, Function<ObjectNode, String> cell) {
    return new BuiltInColumn(
        name,
        "string",
        "",
        name + " of the event.",
        priority,
        event -> TextNode.valueOf(cell.apply(event)));
  }

  private static String either(ObjectNode event, String core, String renamed, String field) {
    return Json.text(event, core, field) + Json.text(event, renamed, field);
  }

  private static String eventObject(ObjectNode event) {
    var kind = either(event, "involvedObject", "regarding", "kind").toLowerCase(Locale.ROOT);
    return kind + "/" + either(event, "involvedObject", "regarding", "name");
  }

  private static String eventSource(ObjectNode event) {
    var component = either(event, "source", "deprecatedSource", "component");
    var host = either(event, "source", "deprecatedSource", "host");
    if (component.isEmpty()) {
      component = Json.text(event, "reportingComponent") + Json.text(event, "reportingController");
      host = Json.text(event, "reportingInstance");
    }
    return host.isEmpty() ? component : component + ", " + host;
  }

  private static String eventCount(ObjectNode event) {
    if (event.path("series").has("count")) {
      return event.path("series").path("count").asText();
    }
    var count = event.path("count").asLong() + event.path("deprecatedCount").asLong();
    return String.valueOf(count == 0 ? 1 : count);
  }

  private static String firstSeen(ObjectNode event) {
    var first = Json.text(event, "firstTimestamp") + Json.text(event, "deprecatedFirstTimestamp");
    return first.isEmpty() ? Json.text(event, "eventTime") : first;
  }

  private static String lastSeen(ObjectNode event) {
    var series = Json.text(event, "series", "lastObservedTime");
    if (!series.isEmpty()) {
      return series;
    }
    var last = Json.text(event, "lastTimestamp") + Json.text(event, "deprecatedLastTimestamp");
    return last.isEmpty() ? firstSeen(event) : last;
  }

  /** How long ago a time was, as kubectl writes it: {@code 90s}, {@code 5m30s}, {@code 3d}. */
  private String age(String time) {
    if (time.isEmpty()) {
      return "<unknown>";
    }
    try {
      var then = OffsetDateTime.parse(time).toInstant();
      return humanDuration(Duration.between(then, clock.instant()));
    } catch (DateTimeException malformed) {
      return "<invalid>";
    }
  }

  /** Source: Kubernetes apimachinery, util/duration HumanDuration. */
  static String humanDuration(Duration duration) {
    var seconds = duration.toSeconds();
    if (seconds < -1) {
      return "<invalid>";
    }
    if (seconds < 0) {
      return "0s";
    }
    if (seconds < 120) {
      return seconds + "s";
    }
    var minutes = duration.toMinutes();
    if (minutes < 10) {
      return minutes + "m" + rest(seconds % 60, "s");
    }
    if (minutes < 180) {
      return minutes + "m";
    }
    var hours = duration.toHours();
    if (hours < 8) {
      return hours + "h" + rest(minutes % 60, "m");
    }
    if (hours < 48) {
      return hours + "h";
    }
    if (hours < 24 * 8) {
      return hours / 24 + "d" + rest(hours % 24, "h");
    }
    if (hours < 24 * 365 * 2) {
      return hours / 24 + "d";
    }
    var days = hours / 24;
    return days < 365 * 8 ? days / 365 + "y" + rest(days % 365, "d") : days / 365 + "y";
  }

  private static String rest(long value, String unit) {
    return value == 0 ? "" : value + unit;
  }
}
