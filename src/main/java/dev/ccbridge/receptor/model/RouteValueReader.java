package dev.ccbridge.receptor.model;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.JsonDeserializer;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * Reads a value as the text that stands there. The parser tells where that is in what it reads: an
 * array, a text, or a {@link RecentBytes}. Of anything else (a stream that forgets, a tree) the
 * value is spelled anew from its tokens, so that only escapes of letters are lost.
 */
final class RouteValueReader extends JsonDeserializer<RouteValue> {
  private static final JsonParser.Feature SOURCE = JsonParser.Feature.INCLUDE_SOURCE_IN_LOCATION;

  @Override
  public RouteValue getNullValue(DeserializationContext context) {
    return RouteValue.NULL;
  }

  @Override
  public RouteValue deserialize(JsonParser in, DeserializationContext context) throws IOException {
    var start = startWithSource(in);
    var anew = new StringWriter();
    int depth;
    try (var out = ReceptorJson.mapper().getFactory().createGenerator(anew)) {
      depth = copy(in, out);
    }
    in.finishToken();
    return new RouteValue(source(start, in.currentLocation()).orElseGet(anew::toString), depth);
  }

  /** Only here with the source: it would be quoted in the messages of errors. */
  private static JsonLocation startWithSource(JsonParser in) {
    var before = in.isEnabled(SOURCE);
    in.configure(SOURCE, true);
    var start = in.currentTokenLocation();
    in.configure(SOURCE, before);
    return start;
  }

  private static int copy(JsonParser in, JsonGenerator out) throws IOException {
    var deepest = 0;
    var depth = 0;
    for (var token = in.currentToken(); ; token = in.nextToken()) {
      switch (token) {
        case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> out.writeNumber(in.getText());
        case START_OBJECT, START_ARRAY -> {
          deepest = Math.max(deepest, ++depth);
          out.copyCurrentEvent(in);
        }
        case END_OBJECT, END_ARRAY -> {
          depth--;
          out.copyCurrentEvent(in);
        }
        case FIELD_NAME, VALUE_STRING, VALUE_TRUE, VALUE_FALSE, VALUE_NULL, VALUE_EMBEDDED_OBJECT ->
            out.copyCurrentEvent(in);
        case NOT_AVAILABLE -> throw new IllegalStateException("a parser that does not wait");
      }
      if (depth == 0) {
        return deepest;
      }
    }
  }

  private static Optional<String> source(JsonLocation start, JsonLocation end) {
    var content = start.contentReference();
    var offset = Math.max(0, content.contentOffset());
    return switch (content.getRawContent()) {
      case byte[] bytes ->
          slice(start.getByteOffset(), end.getByteOffset(), bytes.length - offset)
              .map(
                  range ->
                      new String(
                          bytes, offset + range.from(), range.length(), StandardCharsets.UTF_8));
      case RecentBytes recent -> recent.text(start.getByteOffset(), end.getByteOffset());
      case char[] chars ->
          slice(start.getCharOffset(), end.getCharOffset(), chars.length - offset)
              .map(range -> new String(chars, offset + range.from(), range.length()));
      case String text ->
          slice(start.getCharOffset(), end.getCharOffset(), text.length())
              .map(range -> text.substring(range.from(), range.from() + range.length()));
      case null, default -> Optional.empty();
    };
  }

  private record Range(int from, int length) {}

  private static Optional<Range> slice(long from, long to, int length) {
    return from >= 0 && from < to && to <= length
        ? Optional.of(new Range((int) from, (int) (to - from)))
        : Optional.empty();
  }
}
