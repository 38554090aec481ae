package dev.ccbridge.receptor.server;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import dev.ccbridge.receptor.model.ReceptorErrorName;
import dev.ccbridge.receptor.model.ReceptorException;
import dev.ccbridge.receptor.model.ReceptorJson;
import dev.ccbridge.web.Response;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Bodies as the original reads and writes them. */
final class Json {
  private static final int MOST_IN_MEMORY = 1_000;
  private static final int ESCAPE = "\\uXXXX".length();

  private Json() {}

  static Response answer(int status, @Nullable Object value) {
    try {
      if (value instanceof Collection<?> many && many.size() > MOST_IN_MEMORY) {
        return streamed(status, many);
      }
      return Response.json(status, ReceptorJson.mapper().writeValueAsBytes(value));
    } catch (JsonProcessingException failure) {
      throw new ReceptorException(
          ReceptorErrorName.UnknownError, "the answer cannot be encoded", failure);
    }
  }

  /**
   * Encoded twice, for its length and for its reader, and never held as a whole: 100,000 records
   * are more than the heap. Nothing may change in them meanwhile.
   */
  private static Response streamed(int status, Collection<?> many) throws JsonProcessingException {
    var length = new Length();
    try {
      ReceptorJson.mapper().writeValue(length, many);
    } catch (JsonProcessingException failure) {
      throw failure;
    } catch (IOException impossible) {
      throw new IllegalStateException("counting bytes", impossible);
    }
    return new Response(
        status,
        Map.of("Content-Type", List.of("application/json")),
        length.bytes,
        out -> ReceptorJson.mapper().writeValue(new OpenEnded(out), many));
  }

  private static final class Length extends OutputStream {
    private long bytes;

    @Override
    public void write(int one) {
      bytes++;
    }

    @Override
    public void write(byte[] some, int offset, int length) {
      bytes += length;
    }
  }

  /** The encoder closes what it has written; an answer is closed by who has opened it. */
  private static final class OpenEnded extends FilterOutputStream {
    OpenEnded(OutputStream out) {
      super(out);
    }

    @Override
    public void write(byte[] some, int offset, int length) throws IOException {
      out.write(some, offset, length);
    }

    @Override
    public void close() throws IOException {
      flush();
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
            .createParser(
                // An array, in which the parser can say where a route's value stands.
                withoutHalves(new String(body, StandardCharsets.UTF_8)).toCharArray())) {
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
