package dev.ccbridge.chart;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The files of the chart agree with each other and with the program. Needs no helm. */
class ChartTest {
  private static final Path CHART = Path.of("helm/cc-bridge");
  private static final Path VALUES_DOC = Path.of("docs/values.md");
  private static final Pattern SETTING =
      Pattern.compile(
          "^\\| `--[a-z-]+` \\| `(CC_BRIDGE_[A-Z_]+)` \\| (?:`(\\w+)`|–) ", Pattern.MULTILINE);
  private static final Pattern VARIABLE = Pattern.compile("CC_BRIDGE_[A-Z_]+");
  private static final String DESCRIPTION = "# -- ";

  /** Of the launcher, not of the program. */
  private static final String JAVA_OPTS = "CC_BRIDGE_JAVA_OPTS";

  @Test
  void theCRDsOfTheChartAreThoseOfTheProject() throws Exception {
    for (var file : files(Path.of("crds"))) {
      var copy = CHART.resolve("files/crds").resolve(file.getFileName());
      if (Boolean.getBoolean("crds.update")) {
        Files.writeString(copy, Files.readString(file));
      }
      assertThat(copy).as("run with -Dcrds.update=true").hasSameTextualContentAs(file);
    }
    assertThat(files(CHART.resolve("files/crds"))).hasSameSizeAs(files(Path.of("crds")));
  }

  @Test
  void theSchemaKnowsEachValueAndNoOther() throws Exception {
    var values = new TreeSet<String>();
    leaves(new YAMLMapper().readTree(CHART.resolve("values.yaml").toFile()), schema(), "", values);
    assertThat(values).isEmpty();
  }

  @Test
  void theSchemaKnowsEachSettingOfTheFile() throws Exception {
    var allowed = new ArrayList<String>();
    schema().at("/properties/config/propertyNames/enum").forEach(key -> allowed.add(key.asText()));
    assertThat(allowed).containsExactlyElementsOf(settings(2));
  }

  @Test
  void eachVariableThatIsSetIsKnownToTheProgram() throws Exception {
    var known = new TreeSet<>(settings(1));
    known.add(JAVA_OPTS);
    for (var file : List.of(CHART.resolve("templates/statefulset.yaml"), Path.of("pom.xml"))) {
      assertThat(VARIABLE.matcher(Files.readString(file)).results().map(m -> m.group()))
          .as("%s", file)
          .isNotEmpty()
          .allSatisfy(variable -> assertThat(known).contains(variable));
    }
  }

  @Test
  void theReferenceSaysWhatTheCommentsSay() throws Exception {
    var made = document();
    if (Boolean.getBoolean("values.update")) {
      Files.writeString(VALUES_DOC, made);
    }
    assertThat(VALUES_DOC).as("run with -Dvalues.update=true").content().isEqualTo(made);
  }

  private static JsonNode schema() throws IOException {
    return new ObjectMapper().readTree(CHART.resolve("values.schema.json").toFile());
  }

  /** Names what either side has and the other has not. */
  private static void leaves(JsonNode value, JsonNode schema, String path, TreeSet<String> wrong) {
    var described = schema.path("properties");
    if (!value.isObject() || described.isMissingNode()) {
      return;
    }
    assertThat(schema.path("additionalProperties").asBoolean(true))
        .as("%s is closed", path)
        .isFalse();
    value
        .fieldNames()
        .forEachRemaining(
            name -> {
              if (!described.has(name)) {
                wrong.add(path + name + " is not in the schema");
              }
              leaves(value.path(name), described.path(name), path + name + ".", wrong);
            });
    described
        .fieldNames()
        .forEachRemaining(
            name -> {
              // Helm itself adds this one.
              if (!value.has(name) && !(path + name).equals("global")) {
                wrong.add(path + name + " is not in values.yaml");
              }
            });
  }

  /** A column of docs/settings.md, which is made from the program's own table. */
  private static List<String> settings(int group) throws IOException {
    return SETTING
        .matcher(Files.readString(Path.of("docs/settings.md")))
        .results()
        .map(found -> found.group(group))
        .filter(name -> name != null)
        .toList();
  }

  private static List<Path> files(Path directory) throws IOException {
    try (var all = Files.list(directory)) {
      return all.sorted().toList();
    }
  }

  private static String document() throws IOException {
    var text =
        new StringBuilder(
            """
            # Values of the chart

            Made from the comments in `helm/cc-bridge/values.yaml`; change those, then run
            `mvn test -Dtest=ChartTest -Dvalues.update=true`. `helm/cc-bridge/values.schema.json` holds what each may be.

            | value | default | meaning |
            |---|---|---|
            """);
    var path = new ArrayList<String>();
    var meaning = "";
    var lines = Files.readAllLines(CHART.resolve("values.yaml"));
    for (int at = 0; at < lines.size(); at++) {
      var line = lines.get(at);
      var bare = line.strip();
      if (bare.startsWith(DESCRIPTION)) {
        meaning = bare.substring(DESCRIPTION.length());
        continue;
      }
      if (bare.isEmpty() || bare.startsWith("#")) {
        continue;
      }
      var depth = (line.length() - line.stripLeading().length()) / 2;
      var name = bare.substring(0, bare.indexOf(':'));
      while (path.size() > depth) {
        path.removeLast();
      }
      path.add(name);
      if (!meaning.isEmpty()) {
        text.append(row(String.join(".", path), value(lines, at, depth), meaning));
        meaning = "";
      }
    }
    return text.toString();
  }

  /** What stands after the colon, or the lines below it as one. */
  private static String value(List<String> lines, int at, int depth) {
    var own = lines.get(at).strip();
    var after = own.substring(own.indexOf(':') + 1).strip();
    if (!after.isEmpty()) {
      return after;
    }
    var parts = new ArrayList<String>();
    for (int next = at + 1; next < lines.size(); next++) {
      var line = lines.get(next);
      if (line.isBlank() || (line.length() - line.stripLeading().length()) / 2 <= depth) {
        break;
      }
      parts.add(line.strip());
    }
    return "{" + String.join(", ", parts) + "}";
  }

  private static String row(String name, String value, String meaning) {
    return "| `%s` | `%s` | %s |\n".formatted(name, value, meaning.replace("|", "\\|"));
  }
}
