package dev.ccbridge.cloudcontroller.model;

import com.fasterxml.jackson.annotation.JsonProperty;
import org.jspecify.annotations.Nullable;

/**
 * An app that shall run, and which version of it. {@code etag}: CC's {@code updated_at} as text,
 * only compared for equality. Source: cc_messages/bulk_messages.go @7565d97,
 * CCDesiredAppFingerprint.
 */
public record DesiredAppFingerprint(
    @JsonProperty("process_guid") String processGuid, @JsonProperty("etag") String etag) {
  public DesiredAppFingerprint(@Nullable String processGuid, @Nullable String etag) {
    this.processGuid = Absent.text(processGuid);
    this.etag = Absent.text(etag);
  }
}
