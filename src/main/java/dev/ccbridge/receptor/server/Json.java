package dev.ccbridge.receptor.server;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import dev.ccbridge.receptor.model.ReceptorErrorName;
import dev.ccbridge.receptor.model.ReceptorException;
import dev.ccbridge.receptor.model.ReceptorJson;
import dev.ccbridge.web.Response;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** Bodies as the original reads and writes them. */
final class Json {
  private static final int ESCAPE = "\\uXXXX".length();

  private Json() {}

  static Response answer(int status, @Nullable Object value) {
    try {
      return Response.json(status, ReceptorJson.mapper().writeValueAsBytes(value));
    } catch (JsonProcessingException failure) {
      throw new ReceptorException(
          ReceptorErrorName.UnknownError, "the answer cannot be encoded", failure);
    }
  }

  /**
   * The first JSON value; {@code null} is a request with nothing in it. UTF-8 only, and what is
   * none becomes U+FFFD, as in Go.
   *
   * @throws ReceptorException InvalidJSON, with the place, what was wanted there and what was found
   */
  static <T> T read(byte[] body, Class<T> type) {
    try (var parser =
        ReceptorJson.mapper()
            .createParser(withoutHalves(new String(body, StandardCharsets.UTF_8)))) {
      return read(parser, type);
    } catch (IOException impossible) {
      throw new IllegalStateException("reading from memory", impossible);
    }
  }

  private static <T> T read(JsonParser parser, Class<T> type) throws IOException {
    try {
      var value = ReceptorJson.mapper().readValue(parser, type);
      return value == null ? ReceptorJson.mapper().readValue("{}", type) : value;
    } catch (JsonProcessingException broken) {
      throw new ReceptorException(
          ReceptorErrorName.InvalidJSON, JsonProblem.describe(broken, parser));
    }
  }

  /** Half of a surrogate pair, possible only as an escape, could not be sent back as UTF-8. */
  private static String withoutHalves(String json) {
    var repaired = new StringBuilder(json);
    var at = json.indexOf('\\');
    while (at >= 0) {
      var unit = unitAt(json, at);
      if (Character.isHighSurrogate(unit) && Character.isLowSurrogate(unitAt(json, at + ESCAPE))) {
        at += 2 * ESCAPE;
      } else if (Character.isSurrogate(unit)) {
        repaired.replace(at, at + ESCAPE, "\\ufffd");
        at += ESCAPE;
      } else {
        at += 2;
      }
      at = json.indexOf('\\', at);
    }
    return repaired.toString();
  }

  /** The UTF-16 unit that an escape at {@code at} stands for; 0 when there is none. */
  private static char unitAt(String json, int at) {
    if (!json.startsWith("\\u", at) || at + ESCAPE > json.length()) {
      return 0;
    }
    var unit = 0;
    for (var i = at + 2; i < at + ESCAPE; i++) {
      var digit = Character.digit(json.charAt(i), 16);
      if (digit < 0) {
        return 0;
      }
      unit = unit << 4 | digit;
    }
    return (char) unit;
  }
}
