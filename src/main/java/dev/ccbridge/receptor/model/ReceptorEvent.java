package dev.ccbridge.receptor.model;

import com.fasterxml.jackson.annotation.JsonProperty;

/**
 * What the event stream tells. There are six types and never a seventh: the original client ends
 * its stream at an unknown name. Source: receptor/event.go.
 */
public sealed interface ReceptorEvent {

  record DesiredLRPCreated(@JsonProperty("desired_lrp") DesiredLRPResponse desiredLRP)
      implements ReceptorEvent {}

  record DesiredLRPChanged(
      @JsonProperty("desired_lrp_before") DesiredLRPResponse before,
      @JsonProperty("desired_lrp_after") DesiredLRPResponse after)
      implements ReceptorEvent {}

  /** With the last value. */
  record DesiredLRPRemoved(@JsonProperty("desired_lrp") DesiredLRPResponse desiredLRP)
      implements ReceptorEvent {}

  record ActualLRPCreated(@JsonProperty("actual_lrp") ActualLRPResponse actualLRP)
      implements ReceptorEvent {}

  record ActualLRPChanged(
      @JsonProperty("actual_lrp_before") ActualLRPResponse before,
      @JsonProperty("actual_lrp_after") ActualLRPResponse after)
      implements ReceptorEvent {}

  /** With the last value. */
  record ActualLRPRemoved(@JsonProperty("actual_lrp") ActualLRPResponse actualLRP)
      implements ReceptorEvent {}

  /** The {@code event:} line of the stream. */
  default String wireName() {
    return switch (this) {
      case DesiredLRPCreated e -> "desired_lrp_created";
      case DesiredLRPChanged e -> "desired_lrp_changed";
      case DesiredLRPRemoved e -> "desired_lrp_removed";
      case ActualLRPCreated e -> "actual_lrp_created";
      case ActualLRPChanged e -> "actual_lrp_changed";
      case ActualLRPRemoved e -> "actual_lrp_removed";
    };
  }
}
