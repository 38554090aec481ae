package dev.ccbridge.operator;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Instant;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.event.Level;
import org.slf4j.helpers.MessageFormatter;

/**
 * One log line as lager writes it, to the byte: an object with timestamp, source, message,
 * log_level and data, as Go's encoding/json makes it. Source: lager models.go, logger.go, as of
 * August 2015.
 *
 * <p>Our messages are words, followed by {@code key={}} for what varies. The words become the
 * action, {@code component.class.the-words}; the pairs become data. Lager knows no warnings: ours
 * are errors there, since what is tried again is one in the originals.
 */
final class LagerLine {
  private static final int NANOS = 9;

  /** A key with its value: a placeholder, a quoted text, or words up to the next key. */
  private static final Pattern PAIR =
      Pattern.compile(
          "(?<=^|[ ,])([A-Za-z][\\w-]*)=(\\{\\}|\"[^\"]*\"|[^{=]*?(?=$|,? [A-Za-z][\\w-]*=))");

  private static final Pattern DOTTED = Pattern.compile("[a-z][a-z-]*\\.[A-Za-z].*");
  private static final Pattern NO_WORD = Pattern.compile("[^A-Za-z0-9._]+");
  private static final Pattern CAPITAL = Pattern.compile("(?<=[a-z0-9])(?=[A-Z])");
  private static final String PLACEHOLDER = "{}";
  private static final String ERROR = "error";

  private final TreeMap<String, Object> data = new TreeMap<>();
  private final String pattern;
  private final @Nullable Object[] arguments;
  private int used;
  private boolean hasLooseValues;

  private LagerLine(String pattern, @Nullable Object[] arguments) {
    this.pattern = pattern;
    this.arguments = arguments;
  }

  /**
   * Without a line feed.
   *
   * @param source the component
   * @param logger short name of the class that tells
   * @param session of the logger, as lager counts them
   * @param context what is known of the work of this thread; yields to what the message says
   */
  static String of(
      Instant time,
      String source,
      String logger,
      int session,
      Level level,
      String pattern,
      @Nullable Object[] arguments,
      @Nullable Throwable failure,
      Map<String, String> context) {
    var line = new LagerLine(pattern, arguments);
    var action = line.read();
    line.complete(level, failure, context, session);
    return line.write(time, source, message(source, logger, action), level);
  }

  /** Sorts the message into action and data; gives the action. */
  private String read() {
    var pairs = PAIR.matcher(pattern);
    var end = 0;
    var action = "";
    var rest = new StringBuilder();
    while (pairs.find()) {
      var between = fill(pattern.substring(end, pairs.start()));
      if (end == 0) {
        action = between;
      } else {
        rest.append(between);
      }
      put(pairs.group(1), pairs.group(2));
      end = pairs.end();
    }
    var last = fill(pattern.substring(end));
    if (end == 0) {
      action = last;
    } else {
      rest.append(last);
    }
    if (!rest.toString().isBlank()) {
      data.put("note", rest.toString().replaceFirst("^[, ;]+", "").strip());
    }
    if (hasLooseValues) {
      data.put("text", MessageFormatter.basicArrayFormat(pattern, arguments));
    }
    return action.strip();
  }

  /**
   * Only a name at the very beginning varies in an action; what varies elsewhere is in the text.
   */
  private String fill(String words) {
    var filled = new StringBuilder();
    var from = 0;
    for (var at = words.indexOf(PLACEHOLDER); at >= 0; at = words.indexOf(PLACEHOLDER, from)) {
      filled.append(words, from, at);
      var value = next();
      if (used == 1 && filled.isEmpty()) {
        filled.append(value);
      } else {
        hasLooseValues = true;
      }
      from = at + PLACEHOLDER.length();
    }
    return filled.append(words.substring(from)).toString();
  }

  private @Nullable Object next() {
    return used < arguments.length ? arguments[used++] : null;
  }

  private void put(String key, String value) {
    var told = value.equals(PLACEHOLDER) ? next() : value.replace("\"", "").strip();
    data.put(
        CAPITAL.matcher(key).replaceAll("_").toLowerCase(Locale.ROOT),
        told instanceof Number || told instanceof Boolean ? told : String.valueOf(told));
  }

  private void complete(
      Level level, @Nullable Throwable failure, Map<String, String> context, int session) {
    context.forEach((key, value) -> data.putIfAbsent(key, value));
    data.put("session", String.valueOf(session));
    if (failure != null) {
      data.putIfAbsent(ERROR, failure.toString());
      var trace = new StringWriter();
      failure.printStackTrace(new PrintWriter(trace, true));
      data.put("trace", trace.toString());
    } else if (level.toInt() >= Level.WARN.toInt()) {
      var cause = data.getOrDefault("cause", data.get("reason"));
      data.putIfAbsent(
          ERROR, cause == null ? MessageFormatter.basicArrayFormat(pattern, arguments) : cause);
    }
  }

  private static String message(String source, String logger, String action) {
    if (action.startsWith(source + ".")) {
      return action;
    }
    if (DOTTED.matcher(action).matches()) {
      return source + "." + action;
    }
    var session = CAPITAL.matcher(logger).replaceAll("-").toLowerCase(Locale.ROOT);
    var words = NO_WORD.matcher(action).replaceAll("-").replaceAll("^-+|-+$", "");
    return source + "." + session + "." + words;
  }

  private String write(Instant time, String source, String message, Level level) {
    var json = new StringBuilder();
    json.append("{\"timestamp\":");
    text(json, timestamp(time));
    json.append(",\"source\":");
    text(json, source);
    json.append(",\"message\":");
    text(json, message);
    json.append(",\"log_level\":").append(number(level)).append(",\"data\":{");
    var separator = "";
    for (var entry : data.entrySet()) {
      json.append(separator);
      text(json, entry.getKey());
      json.append(':');
      if (entry.getValue() instanceof String words) {
        text(json, LogLines.withoutCredentials(words));
      } else {
        json.append(entry.getValue());
      }
      separator = ",";
    }
    return json.append("}}").toString();
  }

  /** Seconds with nine decimals, of which a double keeps about seven. */
  private static String timestamp(Instant time) {
    var nanos = time.getEpochSecond() * 1_000_000_000L + time.getNano();
    return new BigDecimal((double) nanos / 1e9)
        .setScale(NANOS, RoundingMode.HALF_EVEN)
        .toPlainString();
  }

  private static int number(Level level) {
    return switch (level) {
      case TRACE, DEBUG -> 0;
      case INFO -> 1;
      case WARN, ERROR -> 2;
    };
  }

  /** As Go does: also what could end a script in a page is escaped. */
  private static void text(StringBuilder json, String text) {
    json.append('"');
    for (var i = 0; i < text.length(); i++) {
      var c = text.charAt(i);
      switch (c) {
        case '"', '\\' -> json.append('\\').append(c);
        case '\n' -> json.append("\\n");
        case '\r' -> json.append("\\r");
        case '\t' -> json.append("\\t");
        default -> {
          if (c < ' ' || c == '<' || c == '>' || c == '&' || c == '\u2028' || c == '\u2029') {
            json.append("\\u%04x".formatted((int) c));
          } else if (isAlone(text, i)) {
            json.append("\\ufffd");
          } else {
            json.append(c);
          }
        }
      }
    }
    json.append('"');
  }

  /** Half of a character, which UTF-8 cannot say. */
  private static boolean isAlone(String text, int i) {
    var c = text.charAt(i);
    if (Character.isHighSurrogate(c)) {
      return i + 1 == text.length() || !Character.isLowSurrogate(text.charAt(i + 1));
    }
    return Character.isLowSurrogate(c)
        && (i == 0 || !Character.isHighSurrogate(text.charAt(i - 1)));
  }
}
