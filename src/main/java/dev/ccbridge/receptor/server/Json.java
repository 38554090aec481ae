package dev.ccbridge.receptor.server;

import com.fasterxml.jackson.core.JsonProcessingException;
import dev.ccbridge.receptor.model.ReceptorErrorName;
import dev.ccbridge.receptor.model.ReceptorException;
import dev.ccbridge.receptor.model.ReceptorJson;
import dev.ccbridge.web.Response;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** Bodies as the original reads and writes them. */
final class Json {
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
   * The first JSON value; {@code null} is a request with nothing in it.
   *
   * @throws ReceptorException InvalidJSON
   */
  static <T> T read(byte[] body, Class<T> type) {
    try {
      var value = ReceptorJson.mapper().readValue(body, type);
      return value == null ? ReceptorJson.mapper().readValue("{}", type) : value;
    } catch (JsonProcessingException broken) {
      throw new ReceptorException(ReceptorErrorName.InvalidJSON, broken.getOriginalMessage());
    } catch (IOException impossible) {
      throw new IllegalStateException("reading from memory", impossible);
    }
  }
}
