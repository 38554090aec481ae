package dev.ccbridge.cloudcontroller.model;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonInclude.Include;
import com.fasterxml.jackson.annotation.JsonProperty;

/**
 * Tells of a crash. {@code instance}: guid of the instance that crashed, "" when it is not known;
 * {@code exitStatus}: 0 when it is not known, as it never is here; {@code exitDescription}: as the
 * cell reported it; {@code crashTimestamp}: nanoseconds since the epoch. Source:
 * cc_messages/app_crashed.go.
 */
public record AppCrashedRequest(
    @JsonProperty("instance") String instance,
    @JsonProperty("index") int index,
    @JsonProperty("reason") String reason,
    @JsonProperty("exit_status") @JsonInclude(Include.NON_DEFAULT) int exitStatus,
    @JsonProperty("exit_description") @JsonInclude(Include.NON_EMPTY) String exitDescription,
    @JsonProperty("crash_count") int crashCount,
    @JsonProperty("crash_timestamp") long crashTimestamp) {
  public static final String CRASHED = "CRASHED";
}
