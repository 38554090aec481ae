package dev.ccbridge.operator;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * A YAML file with settings: one map from keys to values. A value has the type of its setting: a
 * number, true or false, a list or one text; all else is text, which is never guessed from a number
 * ({@code ccPassword: 0123} would not mean what it says).
 */
final class SettingsFile {
  private static final Map<String, SettingName> KEYS =
      SettingName.all().stream()
          .filter(name -> name.setting() != Setting.CONFIG)
          .collect(
              Collectors.toMap(
                  SettingName::key, Function.identity(), (a, b) -> a, LinkedHashMap::new));

  private final Path file;

  private SettingsFile(Path file) {
    this.file = file;
  }

  /**
   * @param place where the file was named
   * @throws ConfigException for a file that cannot be read or is no YAML map, an unknown key, one
   *     that is there twice, or a value of a wrong type
   */
  static Map<SettingName, Said> read(Path file, String place) {
    return new SettingsFile(file).settings(place);
  }

  private Map<SettingName, Said> settings(String place) {
    var said = new LinkedHashMap<SettingName, Said>();
    for (var entry : parse(place).properties()) {
      var name = KEYS.get(entry.getKey());
      if (name == null) {
        throw new ConfigException(
            file
                + ": unknown key \""
                + entry.getKey()
                + "\"; known are "
                + String.join(", ", KEYS.keySet()));
      }
      if (!entry.getValue().isNull()) {
        said.put(name, value(name, entry.getValue()));
      }
    }
    return said;
  }

  private JsonNode parse(String place) {
    var yaml =
        new YAMLMapper(
            YAMLFactory.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build());
    try {
      var root = yaml.readTree(Files.readString(file));
      if (root.isMissingNode() || root.isNull()) {
        return yaml.createObjectNode();
      }
      if (!root.isObject()) {
        throw new ConfigException(file + " is no map; expected lines like \"logLevel: info\"");
      }
      return root;
    } catch (JsonProcessingException notYaml) {
      // Its text may quote a secret; the first line without the source says what and where.
      notYaml.clearLocation();
      throw new ConfigException(
          file
              + ": "
              + firstLine(notYaml.getOriginalMessage())
              + "; expected YAML with each key once");
    } catch (IOException unreadable) {
      throw new ConfigException(
          place + " is \"" + file + "\", which cannot be read; expected a YAML file");
    }
  }

  private static String firstLine(String text) {
    return text.lines().findFirst().orElse("");
  }

  private Said value(SettingName name, JsonNode value) {
    var place = file + ": " + name.key();
    var setting = name.setting();
    if (!name.ofFile() && setting.isList() && value.isArray()) {
      var items = new ArrayList<String>();
      for (var item : value) {
        if (!item.isTextual()) {
          throw wrong(name, value);
        }
        items.add(item.asText());
      }
      return Said.items(items, place);
    }
    var isRight =
        name.ofFile()
            ? value.isTextual()
            : switch (setting.form()) {
              case MB, NUMBER -> value.isIntegralNumber();
              case SWITCH -> value.isBoolean();
              case FILE,
                  DIR,
                  NAME,
                  NAMES,
                  LIFECYCLES,
                  IMAGE,
                  IMAGES,
                  BACKEND,
                  DELIVERY,
                  HOST,
                  ADDRESS,
                  URL,
                  WS_URL,
                  SECRET_URL,
                  SECRET,
                  DURATION,
                  LEVEL,
                  LOG_FORMAT ->
                  value.isTextual();
            };
    if (!isRight) {
      throw wrong(name, value);
    }
    return new Said(value.asText(), place);
  }

  private ConfigException wrong(SettingName name, JsonNode value) {
    return new ConfigException(
        "%s: %s is %s; expected %s: %s"
            .formatted(
                file,
                name.key(),
                name.setting().isSecret() ? "of the wrong type" : value,
                expectation(name),
                name.description()));
  }

  private static String expectation(SettingName name) {
    if (name.ofFile()) {
      return "a text in quotes, FILE";
    }
    return switch (name.setting().form()) {
      case MB, NUMBER -> "a number";
      case SWITCH -> "true or false";
      case NAMES, LIFECYCLES, IMAGES -> "a list of texts, or one text " + name.label();
      case FILE,
          DIR,
          NAME,
          IMAGE,
          BACKEND,
          DELIVERY,
          HOST,
          ADDRESS,
          URL,
          WS_URL,
          SECRET_URL,
          SECRET,
          DURATION,
          LEVEL,
          LOG_FORMAT ->
          "a text (in quotes where it looks like a number), " + name.label();
    };
  }

  /** All keys that a file may have. */
  static List<String> keys() {
    return List.copyOf(KEYS.keySet());
  }
}
