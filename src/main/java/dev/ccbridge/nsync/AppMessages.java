package dev.ccbridge.nsync;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.exc.InvalidFormatException;
import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.ccbridge.CcBridgeException;
import dev.ccbridge.ErrorKind;
import dev.ccbridge.cloudcontroller.model.CloudControllerJson;
import dev.ccbridge.cloudcontroller.model.DesireAppRequestFromCC;
import dev.ccbridge.receptor.model.GoJson;
import io.fabric8.kubernetes.api.model.StatusCause;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** What comes in from Cloud Controller, and what it is told when that cannot be carried out. */
final class AppMessages {
  private static final int MAX_EXPLANATION = 1000;
  private static final int UNPROCESSABLE = 422;

  /** Commands can hold credentials. */
  private static final List<String> UNQUOTED =
      List.of("spec.startCommand", "spec.executionMetadata");

  /** The parser's words for an integer that is none of 32 bits, or of 63. */
  private static final Pattern TOO_LARGE =
      Pattern.compile("Numeric value \\((-?\\d{1,20})\\) out of range of (int|long)\\b");

  private static final Pattern QUOTED_VALUE =
      Pattern.compile("Invalid value: \".*\": ", Pattern.DOTALL);

  private AppMessages() {}

  /**
   * Reads as the original's decoder: the first value counts, and whatever follows does not; bytes
   * that are no UTF-8 are replaced; {@code null} is a message without anything in it.
   *
   * @throws CcBridgeException INVALID_REQUEST for anything but an object of the right types;
   *     UNAVAILABLE for an integer that fits the original's 64 bits, and not our 32
   */
  static DesireAppRequestFromCC read(byte[] body) {
    try {
      var message = GoJson.first(new String(body, StandardCharsets.UTF_8), GoJson.Names.FOLDED);
      if (message.isMissingNode()) {
        throw new CcBridgeException(
            ErrorKind.INVALID_REQUEST, "body: was no JSON object, wanted an app as JSON");
      }
      return CloudControllerJson.mapper()
          .treeToValue(
              message.isNull() ? JsonNodeFactory.instance.objectNode() : message,
              DesireAppRequestFromCC.class);
    } catch (JsonProcessingException unreadable) {
      var kind = isTooLarge(unreadable) ? ErrorKind.UNAVAILABLE : ErrorKind.INVALID_REQUEST;
      throw new CcBridgeException(kind, explain(unreadable), unreadable);
    }
  }

  /** It fits the original's 64 bits: like all that only the schema has no room for. */
  private static boolean isTooLarge(JsonProcessingException unreadable) {
    return tooLarge(unreadable).isPresent();
  }

  private static Optional<BigInteger> tooLarge(JsonProcessingException unreadable) {
    var message = TOO_LARGE.matcher(String.valueOf(unreadable.getOriginalMessage()));
    if (!message.lookingAt()) {
      return Optional.empty();
    }
    var number = new BigInteger(message.group(1));
    // Only what the original takes without a sign has 64 bits here.
    var fits =
        message.group(2).equals("long")
            ? number.signum() > 0 && number.bitLength() <= Long.SIZE
            : number.bitLength() < Long.SIZE;
    return fits ? Optional.of(number) : Optional.empty();
  }

  /** Never a text of the message, which may hold credentials. */
  private static String explain(JsonProcessingException unreadable) {
    if (unreadable.getCause() instanceof IllegalArgumentException checked) {
      return String.valueOf(checked.getMessage());
    }
    var path =
        unreadable instanceof JsonMappingException mapping
            ? mapping.getPath().stream()
                .map(r -> r.getFieldName() == null ? "[" + r.getIndex() + "]" : r.getFieldName())
                .collect(Collectors.joining("."))
            : "";
    if (path.isEmpty()) {
      return "body: was no JSON object, wanted an app as JSON";
    }
    return tooLarge(unreadable)
        .map(number -> path + ": was " + number + ", which is too large")
        .orElseGet(() -> path + ": " + was(unreadable) + "wanted " + wanted(unreadable));
  }

  private static String was(JsonProcessingException unreadable) {
    return unreadable instanceof InvalidFormatException format
            && format.getTargetType() != String.class
            && format.getValue() != null
        ? "was " + Texts.atMost(String.valueOf(format.getValue()), 100) + ", "
        : "";
  }

  private static String wanted(JsonProcessingException unreadable) {
    var type = unreadable instanceof MismatchedInputException e ? e.getTargetType() : null;
    if (type == null) {
      return "another type";
    }
    if (type == String.class) {
      return "a text";
    }
    if (type == boolean.class) {
      return "true or false";
    }
    if (type.isPrimitive() || Number.class.isAssignableFrom(type)) {
      return "an integer that fits";
    }
    return List.class.isAssignableFrom(type) ? "a list" : "an object";
  }

  /** What the Kubernetes API said, with the fields that it refuses. */
  static String explain(KubernetesClientException failure) {
    if (failure.getCode() <= 0) {
      return "the Kubernetes API does not answer: try again";
    }
    var status = failure.getStatus();
    var details = status == null ? null : status.getDetails();
    var causes = details == null ? null : details.getCauses();
    if (failure.getCode() != UNPROCESSABLE || causes == null || causes.isEmpty()) {
      return "the Kubernetes API answered " + failure.getCode();
    }
    var text = causes.stream().map(AppMessages::cause).collect(Collectors.joining("; "));
    return Texts.atMost("the resource is refused: " + text, MAX_EXPLANATION);
  }

  private static String cause(StatusCause cause) {
    var field = Objects.requireNonNullElse(cause.getField(), "");
    var message = Objects.requireNonNullElse(cause.getMessage(), "");
    return field
        + ": "
        + (UNQUOTED.contains(field) ? QUOTED_VALUE.matcher(message).replaceAll("") : message);
  }
}
