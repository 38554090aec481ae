package dev.ccbridge.receptor.store;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonInclude.Include;
import com.fasterxml.jackson.annotation.JsonProperty;
import dev.ccbridge.receptor.model.ActualLRPResponse;
import dev.ccbridge.receptor.model.ActualLRPState;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What is known of one index: its instance, and a copy that is being moved away and stays reachable
 * until a replacement runs. Source: bbs/models/actual_lrp.go, receptor/serialization.
 */
record ActualLRPGroup(
    @JsonProperty("instance") @JsonInclude(Include.NON_NULL) @Nullable ActualLRPResponse instance,
    @JsonProperty("evacuating") @JsonInclude(Include.NON_NULL)
        @Nullable ActualLRPResponse evacuating) {

  static final ActualLRPGroup NONE = new ActualLRPGroup(null, null);

  /** With this record in the place of the other of its kind. */
  ActualLRPGroup with(ActualLRPResponse record) {
    return record.evacuating()
        ? new ActualLRPGroup(instance, record)
        : new ActualLRPGroup(record, evacuating);
  }

  /** Without the record of this kind. */
  ActualLRPGroup without(ActualLRPResponse record) {
    return record.evacuating()
        ? new ActualLRPGroup(instance, null)
        : new ActualLRPGroup(null, evacuating);
  }

  /** The one of the two that is told of. */
  Optional<ActualLRPResponse> resolve() {
    if (instance == null || evacuating == null) {
      return Optional.ofNullable(instance == null ? evacuating : instance);
    }
    var settled =
        instance.state() == ActualLRPState.RUNNING || instance.state() == ActualLRPState.CRASHED;
    return Optional.of(settled ? instance : evacuating);
  }
}
