package dev.ccbridge.receptor.backend.pod.cell;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import dev.ccbridge.receptor.model.ReceptorJson;
import dev.ccbridge.receptor.model.TaskProgress.Step;
import java.util.List;
import java.util.regex.Pattern;

/**
 * A line of a container's log. {@code kubectl logs} shows it as {@code [STG OUT] text}; what it
 * says besides, between this program and the operator, is {@code [cell STEPS] …} and the like,
 * which no program can print, as what programs print always has their own source before it.
 */
public sealed interface CellLine {

  /**
   * A line of text.
   *
   * @param printed by a program, not about one
   */
  record Text(String source, boolean stderr, boolean printed, String text) implements CellLine {}

  /** How far a task's steps have come; the last line of this kind counts. */
  record Steps(List<Step> steps) implements CellLine {}

  /** A task's result, where it is too long for the termination message. */
  record Result(String content) implements CellLine {}

  Pattern FORM = Pattern.compile("\\[([^ \\]]*) (OUT|ERR|MSG|ERRMSG|STEPS|RESULT)\\] ?(.*)");

  default String format() {
    return switch (this) {
      case Text line -> "[" + escaped(line.source()) + " " + tag(line) + "] " + line.text();
      case Steps line -> "[cell STEPS] " + json(line.steps());
      case Result line -> "[cell RESULT] " + json(line.content());
    };
  }

  private static String tag(Text line) {
    if (line.printed()) {
      return line.stderr() ? "ERR" : "OUT";
    }
    return line.stderr() ? "ERRMSG" : "MSG";
  }

  private static String json(Object value) {
    try {
      return ReceptorJson.mapper().writeValueAsString(value);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }

  /** A line of the log, as it stands there; one of another form is text of no known source. */
  static CellLine parse(String line) {
    var match = FORM.matcher(line);
    if (!match.matches()) {
      return new Text("", false, true, line);
    }
    var source = unescaped(match.group(1));
    var rest = match.group(3);
    try {
      return switch (match.group(2)) {
        case "OUT" -> new Text(source, false, true, rest);
        case "ERR" -> new Text(source, true, true, rest);
        case "MSG" -> new Text(source, false, false, rest);
        case "ERRMSG" -> new Text(source, true, false, rest);
        case "STEPS" ->
            new Steps(ReceptorJson.mapper().readValue(rest, new TypeReference<List<Step>>() {}));
        default -> new Result(ReceptorJson.mapper().readValue(rest, String.class));
      };
    } catch (JsonProcessingException cutOff) {
      return new Text("", false, true, line);
    }
  }

  private static String escaped(String source) {
    return source
        .replace("%", "%25")
        .replace(" ", "%20")
        .replace("]", "%5D")
        .replace("\n", "%0A")
        .replace("\r", "%0D");
  }

  private static String unescaped(String source) {
    return source
        .replace("%0D", "\r")
        .replace("%0A", "\n")
        .replace("%5D", "]")
        .replace("%20", " ")
        .replace("%25", "%");
  }
}
