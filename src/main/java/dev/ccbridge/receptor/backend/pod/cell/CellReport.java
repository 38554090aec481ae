package dev.ccbridge.receptor.backend.pod.cell;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonInclude.Include;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.core.JsonProcessingException;
import dev.ccbridge.receptor.model.ReceptorJson;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * How a container's actions ended: its termination message, of which a kubelet keeps 4096 bytes.
 *
 * @param reason the failure in the protocol's words; empty when not failed
 * @param result of a task that has not failed; null: it is too long, and the last {@link
 *     CellLine.Result} of the log
 * @param hasRun whether an instance came as far as running
 */
@JsonInclude(Include.NON_NULL)
public record CellReport(
    @JsonProperty(value = "failed", required = true) boolean failed,
    @JsonProperty("reason") String reason,
    @JsonProperty("result") @Nullable String result,
    @JsonProperty("has_run") boolean hasRun) {
  private static final int MAX_BYTES = 4096;
  private static final String CUT_OFF = " (cut off)";

  static CellReport succeeded(String result, boolean hasRun) {
    return new CellReport(false, "", result, hasRun);
  }

  static CellReport failed(String reason, boolean hasRun) {
    return new CellReport(true, reason, "", hasRun);
  }

  boolean fits() {
    return json().getBytes(StandardCharsets.UTF_8).length <= MAX_BYTES;
  }

  /** What fits: without a result that is too long, or with the beginning of the reason. */
  String toMessage() {
    if (fits()) {
      return json();
    }
    if (!failed) {
      return new CellReport(false, "", null, hasRun).json();
    }
    var shorter = this;
    for (int length = MAX_BYTES; !shorter.fits(); length /= 2) {
      var kept = reason.substring(0, Math.min(reason.length(), length));
      shorter = CellReport.failed(kept + CUT_OFF, hasRun);
    }
    return shorter.json();
  }

  private String json() {
    try {
      return ReceptorJson.mapper().writeValueAsString(this);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Empty when the message is nothing that this program wrote. */
  public static Optional<CellReport> parse(@Nullable String message) {
    if (message == null || !message.startsWith("{")) {
      return Optional.empty();
    }
    try {
      return Optional.of(ReceptorJson.mapper().readValue(message, CellReport.class));
    } catch (JsonProcessingException e) {
      return Optional.empty();
    }
  }
}
