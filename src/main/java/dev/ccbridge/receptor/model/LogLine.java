package dev.ccbridge.receptor.model;

import com.fasterxml.jackson.annotation.JsonProperty;

/**
 * One line that a container printed, or that was printed about it. {@code timestamp}: nanoseconds
 * since the epoch; {@code source}: the effective log source; {@code index}: the instance, 0 for a
 * task; {@code text}: without its line end.
 */
public record LogLine(
    @JsonProperty("timestamp") long timestamp,
    @JsonProperty("source") String source,
    @JsonProperty("index") int index,
    @JsonProperty("stderr") boolean stderr,
    @JsonProperty("text") String text) {
  public LogLine {
    source = Wire.text(source);
    text = Wire.text(text);
  }
}
