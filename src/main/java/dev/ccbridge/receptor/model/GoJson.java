package dev.ccbridge.receptor.model;

import com.fasterxml.jackson.core.JsonParseException;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.Locale;

/**
 * Messages as Go's encoding/json takes them apart before it gives them types: of several members
 * with one name the last counts, but null takes back only a list or an object. Bound to a record
 * directly, a member that comes twice is an error.
 */
public final class GoJson {
  private static final ObjectReader READER = ReceptorJson.mapper().reader();

  /** What becomes of the members' names. */
  public enum Names {
    /** In lower case: for messages in which no name is of the sender's choice. */
    FOLDED,
    AS_THEY_ARE
  }

  private GoJson() {}

  /**
   * The first value, whatever follows it, as a Decoder reads it.
   *
   * @return missing: there is none
   */
  public static JsonNode first(String text, Names names) throws JsonProcessingException {
    return read(text, names, false);
  }

  /**
   * The only value, as Unmarshal reads it.
   *
   * @return missing: there is none
   * @throws JsonProcessingException also when something follows it
   */
  public static JsonNode only(String text, Names names) throws JsonProcessingException {
    return read(text, names, true);
  }

  private static JsonNode read(String text, Names names, boolean alone)
      throws JsonProcessingException {
    try (var in = READER.createParser(text)) {
      if (in.nextToken() == null) {
        return MissingNode.getInstance();
      }
      var value = value(in, names);
      if (alone && in.nextToken() != null) {
        throw new JsonParseException(in, "something follows the value");
      }
      return value;
    } catch (JsonProcessingException broken) {
      throw broken;
    } catch (IOException impossible) {
      throw new IllegalStateException("reading from memory", impossible);
    }
  }

  private static JsonNode value(JsonParser in, Names names) throws IOException {
    return switch (in.currentToken()) {
      case START_OBJECT -> {
        var all = JsonNodeFactory.instance.objectNode();
        while (in.nextToken() != JsonToken.END_OBJECT) {
          var name = in.currentName();
          in.nextToken();
          put(all, names == Names.FOLDED ? name.toLowerCase(Locale.ROOT) : name, value(in, names));
        }
        yield all;
      }
      case START_ARRAY -> {
        var all = JsonNodeFactory.instance.arrayNode();
        while (in.nextToken() != JsonToken.END_ARRAY) {
          all.add(value(in, names));
        }
        yield all;
      }
      default -> READER.readTree(in);
    };
  }

  private static void put(ObjectNode all, String name, JsonNode value) {
    var before = all.path(name);
    if (!value.isNull() || before.isMissingNode() || before.isContainerNode()) {
      all.set(name, value);
    }
  }
}
