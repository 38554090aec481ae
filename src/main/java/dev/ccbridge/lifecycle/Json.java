package dev.ccbridge.lifecycle;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * JSON as Go's encoding/json reads and writes it, over the streaming parser only: data binding
 * would double the start-up time of a launcher.
 *
 * <p>Values are {@code Map<String, …>}, {@code List<…>}, {@code String}, {@code Number} (for
 * writing), {@link Literal} (numbers, true and false exactly as they were read) and {@code null}.
 */
final class Json {
  private static final String HEX = "0123456789abcdef";

  private Json() {}

  /** A number, {@code true} or {@code false}, kept as written so that no digit is lost. */
  record Literal(String text) {}

  /**
   * Reads one value and refuses anything after it.
   *
   * @throws IOException if {@code text} is not JSON; the message names the place, not the content
   */
  static @Nullable Object parse(String text) throws IOException {
    try (var parser = new JsonFactory().createParser(text)) {
      if (parser.nextToken() == null) {
        throw new IOException("unexpected end of JSON input");
      }
      var value = value(parser);
      if (parser.nextToken() != null) {
        throw new IOException("invalid character after top-level value");
      }
      return value;
    } catch (com.fasterxml.jackson.core.JacksonException e) {
      var place = e.getLocation() == null ? 0 : e.getLocation().getCharOffset();
      throw new IOException("not JSON at character " + place, e);
    }
  }

  /** Reads an object; its keys come back sorted. Null if {@code text} is JSON but not an object. */
  @SuppressWarnings("unchecked")
  static @Nullable Map<String, @Nullable Object> parseObject(String text) throws IOException {
    return parse(text) instanceof Map<?, ?> map ? (Map<String, @Nullable Object>) map : null;
  }

  private static @Nullable Object value(JsonParser parser) throws IOException {
    return switch (parser.currentToken()) {
      case START_OBJECT -> object(parser);
      case START_ARRAY -> array(parser);
      case VALUE_STRING -> parser.getText();
      case VALUE_NULL -> null;
      default -> new Literal(parser.getText());
    };
  }

  private static Map<String, @Nullable Object> object(JsonParser parser) throws IOException {
    var object = new TreeMap<String, @Nullable Object>();
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      var name = parser.currentName();
      parser.nextToken();
      object.put(name, value(parser));
    }
    return object;
  }

  private static List<@Nullable Object> array(JsonParser parser) throws IOException {
    var array = new ArrayList<@Nullable Object>();
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      array.add(value(parser));
    }
    return array;
  }

  /** Writes {@code value} without spaces; maps in their own order. */
  static String write(@Nullable Object value) {
    var out = new StringBuilder();
    append(out, value);
    return out.toString();
  }

  private static void append(StringBuilder out, @Nullable Object value) {
    switch (value) {
      case null -> out.append("null");
      case String text -> appendString(out, text);
      case Literal literal -> out.append(literal.text());
      case Number number -> out.append(number);
      case Map<?, ?> map -> appendMap(out, map);
      case Collection<?> list -> appendList(out, list.iterator());
      default -> throw new IllegalArgumentException("no JSON for " + value.getClass());
    }
  }

  private static void appendMap(StringBuilder out, Map<?, ?> map) {
    out.append('{');
    var separator = "";
    for (var entry : map.entrySet()) {
      out.append(separator);
      appendString(out, String.valueOf(entry.getKey()));
      out.append(':');
      append(out, entry.getValue());
      separator = ",";
    }
    out.append('}');
  }

  private static void appendList(StringBuilder out, Iterator<?> values) {
    out.append('[');
    while (values.hasNext()) {
      append(out, values.next());
      out.append(values.hasNext() ? "," : "");
    }
    out.append(']');
  }

  private static void appendString(StringBuilder out, String text) {
    out.append('"');
    for (int i = 0; i < text.length(); i++) {
      var c = text.charAt(i);
      switch (c) {
        case '"', '\\' -> out.append('\\').append(c);
        case '\n' -> out.append("\\n");
        case '\r' -> out.append("\\r");
        // Go makes these harmless inside HTML and JavaScript.
        case '<', '>', '&', '\u2028', '\u2029' -> appendEscaped(out, c);
        default -> {
          if (c < ' ') {
            appendEscaped(out, c);
          } else {
            out.append(c);
          }
        }
      }
    }
    out.append('"');
  }

  private static void appendEscaped(StringBuilder out, char c) {
    out.append("\\u");
    for (int shift = 12; shift >= 0; shift -= 4) {
      out.append(HEX.charAt((c >> shift) & 0xf));
    }
  }
}
