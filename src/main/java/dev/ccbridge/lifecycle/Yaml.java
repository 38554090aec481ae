package dev.ccbridge.lifecycle;

import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.DumperOptions;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import org.yaml.snakeyaml.error.YAMLException;
import org.yaml.snakeyaml.nodes.Tag;
import org.yaml.snakeyaml.representer.Representer;
import org.yaml.snakeyaml.resolver.Resolver;

/** The little YAML that buildpacks and Procfiles hold: maps of text. */
final class Yaml {
  private Yaml() {}

  /**
   * Reads a map. Every scalar is text ({@code web: yes} is the command "yes", not true); an absent
   * value is the empty text; an empty document is the empty map.
   *
   * @throws IOException if {@code text} is not YAML or its top is not a map; the message does not
   *     repeat the content
   */
  static Map<String, Object> map(String text) throws IOException {
    Object loaded;
    try {
      loaded = loader().load(text);
    } catch (YAMLException e) {
      throw new IOException("invalid YAML", e);
    }
    return loaded == null ? Map.of() : texts(loaded);
  }

  /** The value of {@code key} as text, empty if absent; an {@link IOException} if it is a map. */
  static String text(Map<String, Object> map, String key) throws IOException {
    var value = map.getOrDefault(key, "");
    if (value instanceof String text) {
      return text;
    }
    throw new IOException("invalid YAML: " + key + " must be text");
  }

  /** The map under {@code key}, empty if absent. */
  static Map<String, Object> map(Map<String, Object> map, String key) throws IOException {
    var value = map.getOrDefault(key, "");
    return "".equals(value) ? Map.of() : texts(value);
  }

  private static Map<String, Object> texts(Object loaded) throws IOException {
    if (!(loaded instanceof Map<?, ?> map)) {
      throw new IOException("invalid YAML: must be a map");
    }
    var texts = new LinkedHashMap<String, Object>();
    map.forEach((key, value) -> texts.put(String.valueOf(key), orEmpty(value)));
    return texts;
  }

  private static Object orEmpty(@Nullable Object value) {
    return value == null ? "" : value;
  }

  private static org.yaml.snakeyaml.Yaml loader() {
    var reading = new LoaderOptions();
    var writing = new DumperOptions();
    return new org.yaml.snakeyaml.Yaml(
        new SafeConstructor(reading), new Representer(writing), writing, reading, new TextOnly());
  }

  private static final class TextOnly extends Resolver {
    @Override
    protected void addImplicitResolvers() {
      addImplicitResolver(Tag.NULL, NULL, "~nN\0");
      addImplicitResolver(Tag.NULL, EMPTY, null);
    }
  }
}
