package dev.ccbridge.receptor.model;

import com.fasterxml.jackson.annotation.JsonProperty;
import org.jspecify.annotations.Nullable;

/** Of a {@link DesiredLRPResponse} what tells which version of which LRP it is. */
public record DesiredLRPSummary(
    @JsonProperty("process_guid") String processGuid,
    @JsonProperty("domain") String domain,
    @JsonProperty("annotation") String annotation) {
  public DesiredLRPSummary(
      @Nullable String processGuid, @Nullable String domain, @Nullable String annotation) {
    this.processGuid = Wire.text(processGuid);
    this.domain = Wire.text(domain);
    this.annotation = Wire.text(annotation);
  }

  /** The summary of {@code lrp}. */
  public static DesiredLRPSummary of(DesiredLRPResponse lrp) {
    return new DesiredLRPSummary(lrp.processGuid(), lrp.domain(), lrp.annotation());
  }
}
