package dev.ccbridge.receptor.server;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.JsonMappingException.Reference;
import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Says what is wrong with a body: the member by its path, what is wanted and what was found. Never
 * a text that was found: it may be a secret.
 */
final class JsonProblem {
  private JsonProblem() {}

  /**
   * @param parser still where it stopped
   */
  static String describe(JsonProcessingException broken, JsonParser parser) {
    return switch (broken) {
      case MismatchedInputException mismatch -> mismatch(mismatch, parser);
      case JsonMappingException inside ->
          place(inside.getPath()) + ": " + inside.getOriginalMessage();
      default -> "not JSON: " + broken.getOriginalMessage() + position(broken);
    };
  }

  private static String mismatch(MismatchedInputException mismatch, JsonParser parser) {
    if (parser.currentToken() == null) {
      return "not JSON: the body is empty, want an object";
    }
    return place(mismatch.getPath())
        + ": want "
        + wanted(mismatch.getTargetType())
        + ", got "
        + found(parser);
  }

  private static String wanted(@Nullable Class<?> type) {
    if (type == String.class) {
      return "a string";
    }
    if (type == Boolean.class || type == boolean.class) {
      return "true or false";
    }
    if (type != null && (type.isPrimitive() || Number.class.isAssignableFrom(type))) {
      return "an integer that fits";
    }
    return type != null && List.class.isAssignableFrom(type) ? "an array" : "an object";
  }

  private static String found(JsonParser parser) {
    var token = parser.currentToken();
    return switch (token) {
      case VALUE_STRING -> "a string";
      case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> "the number " + number(parser);
      case VALUE_TRUE, VALUE_FALSE -> token.asString();
      case START_ARRAY -> "an array";
      case VALUE_NULL -> "null";
      default -> token == JsonToken.START_OBJECT ? "an object" : token.asString();
    };
  }

  private static String number(JsonParser parser) {
    try {
      return parser.getText();
    } catch (IOException impossible) {
      throw new IllegalStateException("reading from memory", impossible);
    }
  }

  private static String place(List<Reference> path) {
    var place = new StringBuilder();
    for (var step : path) {
      if (step.getFieldName() == null) {
        place.append('[').append(step.getIndex()).append(']');
      } else {
        place.append(place.isEmpty() ? "" : ".").append(step.getFieldName());
      }
    }
    return place.isEmpty() ? "the body" : place.toString();
  }

  private static String position(JsonProcessingException broken) {
    var at = broken.getLocation();
    return at == null ? "" : " at line " + at.getLineNr() + ", column " + at.getColumnNr();
  }
}
