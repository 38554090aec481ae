package dev.ccbridge.stager;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import dev.ccbridge.CcBridgeException;
import dev.ccbridge.ErrorKind;
import dev.ccbridge.cloudcontroller.model.CloudControllerJson;
import dev.ccbridge.cloudcontroller.model.StagingRequestFromCC;
import dev.ccbridge.receptor.model.GoJson;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Collectors;

/**
 * CC's requests for a staging, read by the rules of Go's json.Unmarshal: one value and nothing
 * after it, member names in any case, of several with one name the last. Source: stager
 * handlers/staging_handler.go @1847376. Pure.
 */
final class StagingMessages {
  private StagingMessages() {}

  /**
   * @throws CcBridgeException INVALID_REQUEST naming the member, but not its value; UNAVAILABLE for
   *     a number that fits the original's 64 bits, and not the resource's 32
   */
  static StagingRequestFromCC read(byte[] body) {
    try {
      // What is no UTF-8 is replaced; a mark of the byte order is no JSON.
      var tree = GoJson.only(new String(body, StandardCharsets.UTF_8), GoJson.Names.FOLDED);
      if (tree.isMissingNode()) {
        throw invalid("body: was empty, wanted a staging request as JSON");
      }
      // Null leaves every member as it is: without a value.
      var message = tree.isNull() ? CloudControllerJson.mapper().createObjectNode() : tree;
      checkSize(message);
      return CloudControllerJson.mapper().treeToValue(message, StagingRequestFromCC.class);
    } catch (MismatchedInputException wrongType) {
      throw invalid(path(wrongType) + ": wanted " + wanted(wrongType));
    } catch (JsonMappingException wrongValue) {
      throw invalid(path(wrongValue) + ": has a value that does not fit");
    } catch (JsonProcessingException unreadable) {
      throw invalid("body: wanted a staging request as JSON, but it is not well-formed");
    }
  }

  private static void checkSize(JsonNode message) {
    for (var member : List.of("memory_mb", "disk_mb")) {
      var number = message.path(member);
      if (number.isIntegralNumber() && !number.canConvertToInt() && number.canConvertToLong()) {
        throw new CcBridgeException(
            ErrorKind.UNAVAILABLE,
            member + ": was " + number.asLong() + ", wanted at most " + Integer.MAX_VALUE);
      }
    }
  }

  private static String path(JsonMappingException problem) {
    var path =
        problem.getPath().stream()
            .map(r -> r.getFieldName() == null ? "[" + r.getIndex() + "]" : r.getFieldName())
            .collect(Collectors.joining("."));
    return path.isEmpty() ? "body" : path;
  }

  private static String wanted(MismatchedInputException wrongType) {
    var type = wrongType.getTargetType();
    if (type == null) {
      return "another type";
    }
    if (type == int.class || type == long.class || type == Integer.class || type == Long.class) {
      return "an integer";
    }
    if (type == String.class) {
      return "a text";
    }
    return type == boolean.class ? "true or false" : "an object or a list";
  }

  private static CcBridgeException invalid(String message) {
    return new CcBridgeException(ErrorKind.INVALID_REQUEST, message);
  }
}
