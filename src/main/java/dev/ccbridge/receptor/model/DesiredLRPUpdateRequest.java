package dev.ccbridge.receptor.model;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonInclude.Include;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * All that can change in a desired LRP. Null: unchanged. {@code routes} replaces the whole map, an
 * empty one clears it. Source: receptor/resources.go, bbs/models DesiredLRPUpdate.
 */
public record DesiredLRPUpdateRequest(
    @JsonProperty("instances") @JsonInclude(Include.NON_NULL) @Nullable Integer instances,
    @JsonProperty("routes") @JsonInclude(Include.NON_NULL) @Nullable Map<String, RouteValue> routes,
    @JsonProperty("annotation") @JsonInclude(Include.NON_NULL) @Nullable String annotation) {
  public DesiredLRPUpdateRequest {
    routes = routes == null ? null : Wire.map(routes);
  }
}
