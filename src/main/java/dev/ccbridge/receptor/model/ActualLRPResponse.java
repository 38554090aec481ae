package dev.ccbridge.receptor.model;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonInclude.Include;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One instance of a desired LRP. {@code instanceGuid} and {@code cellId} are set while CLAIMED or
 * RUNNING, {@code address} and {@code ports} while RUNNING; no ports are null, as the original's
 * event suite compares against nil. {@code since}: nanoseconds since the epoch of the last change
 * of state. Source: receptor/resources.go.
 */
public record ActualLRPResponse(
    @JsonProperty("process_guid") String processGuid,
    @JsonProperty("instance_guid") String instanceGuid,
    @JsonProperty("cell_id") String cellId,
    @JsonProperty("domain") String domain,
    @JsonProperty("index") int index,
    @JsonProperty("address") String address,
    @JsonProperty("ports") @Nullable List<PortMapping> ports,
    @JsonProperty("state") @Nullable ActualLRPState state,
    @JsonProperty("crash_count") int crashCount,
    @JsonProperty("crash_reason") @JsonInclude(Include.NON_EMPTY) String crashReason,
    @JsonProperty("placement_error") @JsonInclude(Include.NON_EMPTY) String placementError,
    @JsonProperty("since") long since,
    @JsonProperty("evacuating") boolean evacuating,
    @JsonProperty("modification_tag") ModificationTag modificationTag) {
  public ActualLRPResponse {
    processGuid = Wire.text(processGuid);
    instanceGuid = Wire.text(instanceGuid);
    cellId = Wire.text(cellId);
    domain = Wire.text(domain);
    address = Wire.text(address);
    ports = ports == null || ports.isEmpty() ? null : Wire.list(ports);
    crashReason = Wire.text(crashReason);
    placementError = Wire.text(placementError);
    modificationTag = ModificationTag.orNone(modificationTag);
  }
}
