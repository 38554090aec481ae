package dev.ccbridge.operator;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.ILoggerFactory;
import org.slf4j.Logger;
import org.slf4j.Marker;
import org.slf4j.event.Level;
import org.slf4j.helpers.LegacyAbstractLogger;
import org.slf4j.helpers.MessageFormatter;

/**
 * All loggers of the process: lines of time, thread, level, class and message, or lager's. Which
 * resource a thread works on is said in each, and no credential of a URL in any. Thread-safe.
 */
final class LogLines implements ILoggerFactory {
  static final LogLines INSTANCE = new LogLines();

  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSSXXX");

  /** Above all levels that SLF4J has: nothing is written. */
  private static final int FATAL = Integer.MAX_VALUE;

  private static final List<Level> COUNTED = List.of(Level.INFO, Level.WARN, Level.ERROR);

  /** By the ordinal of the level. */
  private final AtomicLongArray lines = new AtomicLongArray(Level.values().length);

  /** User info of a URL, and what stands for it in a query. */
  private static final Pattern CREDENTIALS =
      Pattern.compile(
          "(?<=://)[^/?#@\\s\"]*@|(?<=[?&](?:token|signature|password)=)[^&#\\s\",}\\]]+");

  private final Map<String, Logger> loggers = new ConcurrentHashMap<>();
  private final AtomicInteger sessions = new AtomicInteger();
  private final LogContext context = new LogContext();
  private volatile int threshold = Level.INFO.toInt();
  private volatile PrintStream out = System.err;

  /** The component that lager's lines are of; null: lines for people. */
  private volatile @Nullable String component;

  private LogLines() {}

  /**
   * @param level debug, info, warn, error or fatal; the last one silences all, since nothing that
   *     is logged ends the process
   */
  void level(String level) {
    threshold =
        switch (level) {
          case "debug" -> Level.DEBUG.toInt();
          case "info" -> Level.INFO.toInt();
          case "warn" -> Level.WARN.toInt();
          case "error" -> Level.ERROR.toInt();
          case "fatal" -> FATAL;
          default -> throw new IllegalArgumentException("no log level: " + level);
        };
  }

  /** From now on lager's lines, of this component. */
  void asLager(String source) {
    component = source;
  }

  LogContext context() {
    return context;
  }

  /** The same without user info and tokens of the URLs in it. */
  static String withoutCredentials(String line) {
    return line.contains("://") ? CREDENTIALS.matcher(line).replaceAll("") : line;
  }

  void toStandardOutput() {
    out = System.out;
  }

  void to(Path file) throws IOException {
    out =
        new PrintStream(
            Files.newOutputStream(file, StandardOpenOption.CREATE, StandardOpenOption.APPEND),
            true,
            StandardCharsets.UTF_8);
  }

  /** Shows how many lines there were, those of debug aside. */
  void bindTo(MeterRegistry registry) {
    for (var level : COUNTED) {
      FunctionCounter.builder("ccbridge.log.lines", lines, counts -> counts.get(level.ordinal()))
          .description("log lines by level")
          .tag("level", level.toString().toLowerCase(Locale.ROOT))
          .register(registry);
    }
  }

  @Override
  public Logger getLogger(String name) {
    return loggers.computeIfAbsent(name, Line::new);
  }

  private static final class Line extends LegacyAbstractLogger {
    private static final long serialVersionUID = 1L;
    private final String shortName;
    private final int session;

    private Line(String name) {
      this.name = name;
      this.shortName = name.substring(name.lastIndexOf('.') + 1);
      this.session = INSTANCE.sessions.incrementAndGet();
    }

    private static boolean isEnabled(Level level) {
      return level.toInt() >= INSTANCE.threshold;
    }

    @Override
    protected void handleNormalizedLoggingCall(
        Level level,
        @Nullable Marker marker,
        @Nullable String pattern,
        Object @Nullable [] arguments,
        @Nullable Throwable failure) {
      INSTANCE.lines.incrementAndGet(level.ordinal());
      var source = INSTANCE.component;
      var context = INSTANCE.context.ofLine();
      var words = pattern == null ? "null" : pattern;
      var line =
          source == null
              ? forPeople(level, words, arguments, failure, context)
              : LagerLine.of(
                  Instant.now(),
                  source,
                  shortName,
                  session,
                  level,
                  words,
                  arguments == null ? new Object[0] : arguments,
                  failure,
                  context);
      var stream = INSTANCE.out;
      // At once, so that lines of two threads do not mix.
      stream.print(withoutCredentials(line) + "\n");
      stream.flush();
    }

    private String forPeople(
        Level level,
        String pattern,
        Object @Nullable [] arguments,
        @Nullable Throwable failure,
        Map<String, String> context) {
      var line = new StringWriter();
      line.append(TIME.format(OffsetDateTime.now()))
          .append(" [")
          .append(Thread.currentThread().getName())
          .append("] ")
          .append(level.toString())
          .append(' ')
          .append(shortName)
          .append(" - ")
          .append(MessageFormatter.basicArrayFormat(pattern, arguments));
      context.forEach(
          (key, value) -> {
            var named = " " + LogContext.inWords(key) + "=";
            if (!line.toString().contains(named)) {
              line.append(named).append(value);
            }
          });
      if (failure != null) {
        line.append('\n');
        failure.printStackTrace(new PrintWriter(line, true));
      }
      return line.toString().stripTrailing();
    }

    @Override
    protected @Nullable String getFullyQualifiedCallerName() {
      return null;
    }

    @Override
    public boolean isTraceEnabled() {
      return isEnabled(Level.TRACE);
    }

    @Override
    public boolean isDebugEnabled() {
      return isEnabled(Level.DEBUG);
    }

    @Override
    public boolean isInfoEnabled() {
      return isEnabled(Level.INFO);
    }

    @Override
    public boolean isWarnEnabled() {
      return isEnabled(Level.WARN);
    }

    @Override
    public boolean isErrorEnabled() {
      return isEnabled(Level.ERROR);
    }
  }
}
