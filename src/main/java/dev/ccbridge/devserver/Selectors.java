package dev.ccbridge.devserver;

import com.fasterxml.jackson.databind.JsonNode;
import dev.ccbridge.devserver.schema.Json;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;

/** Label and field selectors as in {@code labelSelector} and {@code fieldSelector}. */
final class Selectors {
  private static final Set<String> EVENT_FIELDS =
      Set.of(
          "involvedObject.kind",
          "involvedObject.namespace",
          "involvedObject.name",
          "involvedObject.uid",
          "involvedObject.apiVersion",
          "involvedObject.resourceVersion",
          "involvedObject.fieldPath",
          "reason",
          "reportingComponent",
          "source",
          "type");

  private Selectors() {}

  /**
   * @throws StatusException 400 when the text is no selector
   */
  static Predicate<JsonNode> labels(String text) {
    if (text.isBlank()) {
      return object -> true;
    }
    var parser = new LabelParser(text);
    var requirements = parser.parse();
    return object -> {
      var labels = object.path("metadata").path("labels");
      return requirements.stream().allMatch(each -> each.test(labels));
    };
  }

  /**
   * @throws StatusException 400 when the text is no selector, or names a field that {@code type}
   *     cannot be selected by
   */
  static Predicate<JsonNode> fields(String text, ResourceType type) {
    Predicate<JsonNode> all = object -> true;
    for (var term : text.split(",")) {
      if (!term.isBlank()) {
        all = all.and(fieldTerm(term.strip(), text, type));
      }
    }
    return all;
  }

  private static Predicate<JsonNode> fieldTerm(String term, String text, ResourceType type) {
    for (var operator : List.of("!=", "==", "=")) {
      var at = term.indexOf(operator);
      if (at > 0) {
        var field = term.substring(0, at);
        var value = term.substring(at + operator.length());
        if (!isSelectable(field, type)) {
          throw StatusException.badRequest("field label not supported: " + field);
        }
        return object -> fieldValue(object, field).equals(value) != operator.equals("!=");
      }
    }
    throw StatusException.badRequest(
        "invalid selector: '" + text + "'; can't understand '" + term + "'");
  }

  private static boolean isSelectable(String field, ResourceType type) {
    if (field.equals("metadata.name")) {
      return true;
    }
    if (field.equals("metadata.namespace")) {
      return type.namespaced() || !type.builtIn();
    }
    return switch (type.storageKey()) {
      case "/events" -> EVENT_FIELDS.contains(field);
      case "/secrets" -> field.equals("type");
      case "/namespaces" -> field.equals("status.phase");
      default -> type.selectableFields().contains(field);
    };
  }

  private static String fieldValue(JsonNode object, String field) {
    var found = field.equals("source") ? object.path("source").path("component") : object;
    if (!field.equals("source")) {
      for (var name : field.split("\\.")) {
        found = found.path(name);
      }
    }
    return found.asText("");
  }

  /** The name that a field selector asks for, empty when it does not ask for one name. */
  static String requiredName(String text) {
    for (var term : text.split(",")) {
      var stripped = term.strip().replace("==", "=");
      if (stripped.startsWith("metadata.name=")) {
        return stripped.substring("metadata.name=".length());
      }
    }
    return "";
  }

  /** A recursive-descent parser with the error texts of apimachinery's labels package. */
  private static final class LabelParser {
    private final List<String> tokens = new ArrayList<>();
    private int at;

    LabelParser(String text) {
      var word = new StringBuilder();
      for (var i = 0; i < text.length(); i++) {
        var c = text.charAt(i);
        if (Character.isWhitespace(c) || "=!(),<>".indexOf(c) >= 0) {
          flush(word);
          if (!Character.isWhitespace(c)) {
            var two = i + 1 < text.length() ? text.substring(i, i + 2) : "";
            if (two.equals("==") || two.equals("!=")) {
              tokens.add(two);
              i++;
            } else {
              tokens.add(String.valueOf(c));
            }
          }
        } else {
          word.append(c);
        }
      }
      flush(word);
      tokens.add("");
    }

    private void flush(StringBuilder word) {
      if (!word.isEmpty()) {
        tokens.add(word.toString());
        word.setLength(0);
      }
    }

    private String next() {
      return tokens.get(Math.min(at++, tokens.size() - 1));
    }

    private String peek() {
      return tokens.get(Math.min(at, tokens.size() - 1));
    }

    private static boolean isWord(String token) {
      return !token.isEmpty() && "=!(),<>".indexOf(token.charAt(0)) < 0;
    }

    List<Predicate<JsonNode>> parse() {
      var requirements = new ArrayList<Predicate<JsonNode>>();
      while (true) {
        var token = peek();
        if (!isWord(token) && !token.equals("!")) {
          throw error("found '" + token + "', expected: !, identifier, or 'end of string'");
        }
        requirements.add(requirement());
        var separator = next();
        if (separator.isEmpty()) {
          return requirements;
        }
        if (!separator.equals(",")) {
          throw error("found '" + separator + "', expected: ',' or 'end of string'");
        }
        if (!isWord(peek()) && !peek().equals("!")) {
          throw error("found '" + peek() + "', expected: identifier after ','");
        }
      }
    }

    private Predicate<JsonNode> requirement() {
      if (peek().equals("!")) {
        next();
        var key = key();
        return labels -> !labels.has(key);
      }
      var key = key();
      if (peek().isEmpty() || peek().equals(",")) {
        return labels -> labels.has(key);
      }
      var operator = next();
      return switch (operator) {
        case "=", "==" -> {
          var value = value();
          yield labels -> labels.has(key) && Json.text(labels, key).equals(value);
        }
        case "!=" -> {
          var value = value();
          yield labels -> !labels.has(key) || !Json.text(labels, key).equals(value);
        }
        case "in" -> {
          var values = values();
          yield labels -> labels.has(key) && values.contains(Json.text(labels, key));
        }
        case "notin" -> {
          var values = values();
          yield labels -> !labels.has(key) || !values.contains(Json.text(labels, key));
        }
        case "<", ">" -> comparison(key, operator);
        default ->
            throw error(
                "unable to parse requirement: found '"
                    + operator
                    + "', expected: in, notin, =, ==, !=, gt, lt");
      };
    }

    private String key() {
      var key = next();
      if (!isWord(key)) {
        throw error("unable to parse requirement: found '" + key + "', expected: identifier");
      }
      return key;
    }

    private String value() {
      return isWord(peek()) ? next() : "";
    }

    private Predicate<JsonNode> comparison(String key, String operator) {
      var limit = number(next());
      return labels -> {
        if (!labels.has(key)) {
          return false;
        }
        try {
          var value = Long.parseLong(Json.text(labels, key));
          return operator.equals(">") ? value > limit : value < limit;
        } catch (NumberFormatException notANumber) {
          return false;
        }
      };
    }

    private static long number(String text) {
      try {
        return Long.parseLong(text);
      } catch (NumberFormatException notANumber) {
        throw error(
            "unable to parse requirement: values[0][]: Invalid value: \""
                + text
                + "\": for 'Gt', 'Lt' operators, the value must be an integer");
      }
    }

    private Set<String> values() {
      if (!peek().equals("(")) {
        throw error("unable to parse requirement: found '" + peek() + "' expected: '('");
      }
      next();
      var values = new TreeSet<String>();
      values.add(value());
      while (peek().equals(",")) {
        next();
        values.add(value());
      }
      if (!peek().equals(")")) {
        throw error("unable to parse requirement: found '" + peek() + "', expected: ',' or ')'");
      }
      next();
      return values;
    }

    private static StatusException error(String message) {
      return StatusException.badRequest(message);
    }
  }
}
