package dev.ccbridge.tracing;

import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Where in which trace something belongs: the value of the header {@code traceparent}. Source: W3C
 * Trace Context, version 00.
 *
 * @param traceId 32 hexadecimal digits
 * @param spanId 16 hexadecimal digits
 * @param sampled whether whoever began the trace wants it kept
 */
public record TraceContext(String traceId, String spanId, boolean sampled) {
  /** Name of the HTTP header. */
  public static final String HEADER = "traceparent";

  private static final Pattern FORM =
      Pattern.compile("00-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})");

  /** Empty for what is no context; it is not ours to complain of. */
  public static Optional<TraceContext> parse(@Nullable String header) {
    var parts = FORM.matcher(header == null ? "" : header);
    return parts.matches()
        ? Optional.of(
            new TraceContext(
                parts.group(1), parts.group(2), (Integer.parseInt(parts.group(3), 16) & 1) == 1))
        : Optional.empty();
  }

  /** As it stands in a header or an annotation. */
  public String traceparent() {
    return "00-" + traceId + "-" + spanId + "-" + (sampled ? "01" : "00");
  }
}
