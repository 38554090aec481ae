package dev.ccbridge.receptor.server;

import dev.ccbridge.receptor.LogSource;
import dev.ccbridge.receptor.model.LogLine;
import dev.ccbridge.receptor.model.LogRange;
import dev.ccbridge.receptor.model.ReceptorErrorName;
import dev.ccbridge.receptor.model.ReceptorException;
import dev.ccbridge.web.Request;
import dev.ccbridge.web.Response;
import java.util.List;
import java.util.function.Function;

/**
 * What the two routes of logs have in common: {@code lines} and {@code after}, and that a reader
 * follows the log with {@code follow=true} or {@code Accept: text/event-stream}. Ours; Diego's logs
 * come from Doppler.
 */
final class LogRoutes {
  private static final int DEFAULT_LINES = 100;
  private static final int MAX_LINES = 10_000;

  private final SseStreams streams;

  LogRoutes(SseStreams streams) {
    this.streams = streams;
  }

  Response answer(
      Request request,
      Function<LogRange, List<LogLine>> list,
      Function<LogRange, LogSource> follow) {
    var range = range(request);
    if (!follows(request)) {
      return Json.answer(200, list.apply(range));
    }
    if (request.method().equals("HEAD")) {
      return streams.headers();
    }
    return streams.answer(new LogFrames(follow.apply(range)));
  }

  private static boolean follows(Request request) {
    var asked = request.query("follow").orElse("");
    if (!asked.isEmpty() && !asked.equals("true") && !asked.equals("false")) {
      throw invalid("follow must be true or false, was " + asked);
    }
    return asked.isEmpty()
        ? request.header("Accept").filter(a -> a.contains("text/event-stream")).isPresent()
        : asked.equals("true");
  }

  /** A reader that was cut says itself where it was. */
  private static LogRange range(Request request) {
    var lines =
        Math.min(number("lines", request.query("lines").orElse("" + DEFAULT_LINES)), MAX_LINES);
    var cutAt = request.header("Last-Event-ID").filter(id -> !id.isEmpty());
    var after = cutAt.or(() -> request.query("after").filter(a -> !a.isEmpty()));
    return after
        .map(
            a ->
                LogRange.after(
                    number(cutAt.isPresent() ? "Last-Event-ID" : "after", a), (int) lines))
        .orElseGet(() -> LogRange.last((int) lines));
  }

  private static long number(String name, String text) {
    try {
      if (text.matches("\\d{1,19}")) {
        return Long.parseLong(text);
      }
    } catch (NumberFormatException tooLarge) {
      throw invalid(name + " must be a number from 0 to " + Long.MAX_VALUE + ", was " + text);
    }
    throw invalid(name + " must be a number from 0, was " + text);
  }

  private static ReceptorException invalid(String message) {
    return new ReceptorException(ReceptorErrorName.InvalidRequest, message);
  }
}
