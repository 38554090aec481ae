package dev.ccbridge.receptor.model;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.JsonSerializer;
import com.fasterxml.jackson.databind.SerializerProvider;
import com.fasterxml.jackson.databind.annotation.JsonDeserialize;
import com.fasterxml.jackson.databind.annotation.JsonSerialize;
import com.fasterxml.jackson.databind.util.TokenBuffer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * What a desired LRP says to one router: any JSON, told as it was sent, to the spelling of its
 * numbers and texts and with members that come twice. Only the space between them goes, and the
 * letters that {@link ReceptorJson} never writes are escaped. Two are equal when they are spelled
 * alike. Source: receptor/resources.go RoutingInfo, a map of json.RawMessage.
 */
@JsonDeserialize(using = RouteValueReader.class)
@JsonSerialize(using = RouteValue.Writer.class)
public final class RouteValue {
  static final RouteValue NULL = new RouteValue("null", 0);

  private final String json;
  private final int sentBytes;
  private final int depth;

  /**
   * @param sent well-formed JSON
   * @param depth of the lists and objects in it, 0: a scalar
   */
  RouteValue(String sent, int depth) {
    this.json = compact(sent);
    this.sentBytes = sent.getBytes(StandardCharsets.UTF_8).length;
    this.depth = depth;
  }

  /** In the spelling of {@link ReceptorJson}. */
  public static RouteValue of(JsonNode value) {
    try {
      return ReceptorJson.mapper().treeToValue(value, RouteValue.class);
    } catch (JsonProcessingException impossible) {
      throw new IllegalStateException("a tree is well-formed", impossible);
    }
  }

  /** Compact. */
  public String json() {
    return json;
  }

  /** In UTF-8, with the space between the values. */
  int sentBytes() {
    return sentBytes;
  }

  int depth() {
    return depth;
  }

  boolean isNull() {
    return json.equals(NULL.json);
  }

  public JsonNode tree() {
    try {
      return ReceptorJson.mapper().readTree(json);
    } catch (JsonProcessingException impossible) {
      throw new IllegalStateException("it was well-formed when it was read", impossible);
    }
  }

  /** Whether both are the same value, however they are spelled. */
  public boolean means(RouteValue other) {
    return equals(other) || tree().equals(other.tree());
  }

  /** As json.Compact does it, with the escapes of json.Marshal. */
  private static String compact(String sent) {
    var compact = new StringBuilder(sent.length());
    var quoted = false;
    for (var i = 0; i < sent.length(); i++) {
      var letter = sent.charAt(i);
      switch (letter) {
        case ' ', '\t', '\r', '\n' -> {
          if (quoted) {
            compact.append(letter);
          }
        }
        case '<', '>', '&', '\u2028', '\u2029' ->
            compact.append(String.format("\\u%04x", (int) letter));
        case '\\' -> compact.append(letter).append(sent.charAt(++i));
        default -> {
          quoted ^= letter == '"';
          compact.append(letter);
        }
      }
    }
    return compact.toString();
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof RouteValue value && json.equals(value.json);
  }

  @Override
  public int hashCode() {
    return json.hashCode();
  }

  @Override
  public String toString() {
    return json;
  }

  static final class Writer extends JsonSerializer<RouteValue> {
    @Override
    public void serialize(RouteValue value, JsonGenerator out, SerializerProvider provider)
        throws IOException {
      if (out instanceof TokenBuffer) {
        out.writeTree(value.tree());
      } else {
        out.writeRawValue(value.json);
      }
    }
  }
}
