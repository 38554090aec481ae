package dev.ccbridge.api;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import java.io.IOException;
import java.lang.reflect.Modifier;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * The tables of docs/resources.md are made from the CRDs; {@code -Dresources.update=true} rewrites
 * them. What stands between them is written by hand, and names every reason there is.
 */
class ResourcesDocTest {
  private static final Path FILE = Path.of("docs/resources.md");
  private static final ObjectMapper YAML = new ObjectMapper(new YAMLFactory());
  private static final Pattern TABLE =
      Pattern.compile("(?s)(<!-- fields of (\\S+) -->\n).*?(<!-- end -->)");

  @Test
  void theFieldsAreThoseOfTheDefinitions() throws Exception {
    var text = Files.readString(FILE);
    var made =
        TABLE
            .matcher(text)
            .replaceAll(
                found ->
                    java.util.regex.Matcher.quoteReplacement(
                        found.group(1) + table(found.group(2)) + found.group(3)));
    assertThat(TABLE.matcher(text).results()).hasSize(2);
    if (Boolean.getBoolean("resources.update")) {
      Files.writeString(FILE, made);
    }
    assertThat(FILE).as("run with -Dresources.update=true").content().isEqualTo(made);
  }

  @Test
  void everyFieldIsDescribed() {
    for (var kind : List.of("stagingrequests", "desiredlrps")) {
      var fields = new ArrayList<Field>();
      fields(schema(kind), "", fields);
      assertThat(fields).hasSizeGreaterThan(50);
      assertThat(fields)
          .filteredOn(field -> !field.path().matches("status\\.conditions\\[]\\..*"))
          .allSatisfy(field -> assertThat(field.description()).as(field.path()).isNotBlank());
    }
  }

  @Test
  void everyReasonIsExplained() throws Exception {
    var explained = new TreeSet<String>();
    Pattern.compile("(?m)^\\| `(\\w+)` \\| `\\w+`")
        .matcher(Files.readString(FILE))
        .results()
        .forEach(row -> explained.add(row.group(1)));
    var reasons = new TreeSet<String>();
    for (var type : List.of(StagingReasons.class, LRPReasons.class)) {
      for (var field : type.getDeclaredFields()) {
        if (Modifier.isPublic(field.getModifiers()) && !field.getName().startsWith("EVENT_")) {
          reasons.add((String) field.get(null));
        }
      }
    }
    assertThat(explained).containsAll(reasons);
    reasons.addAll(errorIds());
    assertThat(reasons).containsAll(explained);
  }

  /** As the schema lists them. */
  private static Set<String> errorIds() {
    var description =
        schema("stagingrequests")
            .at("/properties/status/properties/failure/properties/id/description")
            .asText();
    var ids = new TreeSet<>(List.of(description.replaceAll("^.*: |\\.$", "").split(", ")));
    assertThat(ids).contains("StagingError");
    return ids;
  }

  /**
   * One row of the table.
   *
   * @param path {@code spec.routes[].hostname}
   */
  private record Field(String path, String type, String value, String description) {}

  private static String table(String kind) {
    var fields = new ArrayList<Field>();
    fields(schema(kind), "", fields);
    var text = new StringBuilder("| field | type | default | meaning |\n|---|---|---|---|\n");
    for (var field : fields) {
      if (!field.path().matches("status\\.conditions\\[]\\..*")) {
        text.append(
            "| `%s` | %s | %s | %s |\n"
                .formatted(
                    field.path(),
                    field.type(),
                    field.value().isEmpty() ? "" : "`" + field.value() + "`",
                    field.description().replace("|", "\\|")));
      }
    }
    return text.toString();
  }

  private static void fields(JsonNode schema, String path, List<Field> into) {
    var required = new TreeSet<String>();
    schema.path("required").forEach(name -> required.add(name.asText()));
    schema
        .path("properties")
        .properties()
        .forEach(
            property -> {
              if (path.isEmpty() && !Set.of("spec", "status").contains(property.getKey())) {
                return;
              }
              var own = path.isEmpty() ? property.getKey() : path + "." + property.getKey();
              if (!path.isEmpty()) {
                into.add(field(own, property.getValue(), required.contains(property.getKey())));
              }
              fields(property.getValue(), own, into);
              fields(property.getValue().path("items"), own + "[]", into);
            });
  }

  private static Field field(String path, JsonNode schema, boolean required) {
    var values =
        Stream.of(schema.path("enum"))
            .flatMap(node -> node.valueStream())
            .map(JsonNode::asText)
            .toList();
    var type =
        schema.path("x-kubernetes-int-or-string").asBoolean()
            ? "any"
            : schema.path("type").asText();
    return new Field(
        path,
        (values.isEmpty() ? type : String.join(", ", values)) + (required ? ", required" : ""),
        schema.path("default").isMissingNode()
            ? ""
            : schema.path("default").toString().replace("\"", ""),
        schema.path("description").asText());
  }

  private static JsonNode schema(String kind) {
    try {
      return YAML.readTree(Files.readString(Path.of("crds", kind + ".ccbridge.dev-v1.yml")))
          .at("/spec/versions/0/schema/openAPIV3Schema");
    } catch (IOException missing) {
      throw new AssertionError(kind, missing);
    }
  }
}
