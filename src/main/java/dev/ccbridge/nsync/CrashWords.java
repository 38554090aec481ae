package dev.ccbridge.nsync;

import dev.ccbridge.receptor.model.LogLine;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Puts a crash in words for a person: Diego's reason without the nesting of its aggregates, or that
 * the health check never passed, and of the output what the app itself printed. Pure. What others
 * than a person read stays in Diego's words.
 */
final class CrashWords {
  /** The heading of an aggregate. Source: hashicorp/go-multierror format.go. */
  private static final Pattern AGGREGATE = Pattern.compile("\\d+ error\\(s\\) occurred:");

  /** What the parts of an aggregate say that are a consequence and no cause. */
  private static final List<String> CONSEQUENCES = List.of("cancelled", "Codependent step exited");

  /** What the cell says of an instance. Source: executor depot/steps/monitor_step.go. */
  private static final Pattern NEVER_HEALTHY =
      Pattern.compile("Timed out after (.+): health check never passed\\.");

  private static final Pattern EXIT_STATUS = Pattern.compile("Exit status -?\\d+");
  private static final String HEALTH = "HEALTH";

  private CrashWords() {}

  /**
   * Why.
   *
   * @param lines that the instance left, of its last life only
   */
  static String reason(String crashReason, List<LogLine> lines) {
    if (crashReason.isEmpty()) {
      return "the process ended by itself";
    }
    return lines.stream()
        .map(line -> NEVER_HEALTHY.matcher(line.text()))
        .filter(matcher -> matcher.matches())
        .findFirst()
        .map(
            matcher ->
                "the health check never passed within "
                    + matcher.group(1)
                    + " (spec.healthCheck): the app has to listen on the port that PORT names")
        .orElseGet(() -> causes(crashReason));
  }

  /** The innermost errors; the whole text when it is no aggregate, or holds no cause. */
  private static String causes(String crashReason) {
    if (!AGGREGATE.matcher(crashReason).find()) {
      return crashReason;
    }
    var causes =
        crashReason
            .lines()
            .map(line -> line.replaceFirst("^\\* ", "").strip())
            .filter(line -> !line.isEmpty() && !AGGREGATE.matcher(line).matches())
            .filter(line -> !CONSEQUENCES.contains(line))
            .distinct()
            .collect(Collectors.joining(", "));
    return causes.isEmpty() ? crashReason : causes;
  }

  /** The last {@code max} lines that help: not those of the health check, and no exit statuses. */
  static Optional<String> output(List<LogLine> lines, int max) {
    var helpful =
        lines.stream()
            .filter(line -> !line.source().equals(HEALTH))
            .map(LogLine::text)
            .filter(text -> !EXIT_STATUS.matcher(text).matches())
            .filter(text -> !NEVER_HEALTHY.matcher(text).matches())
            .toList();
    var last =
        String.join("\n", helpful.subList(Math.max(0, helpful.size() - max), helpful.size()));
    return last.isBlank() ? Optional.empty() : Optional.of(last);
  }
}
