package dev.ccbridge.receptor.model;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.Objects;
import java.util.Optional;

/**
 * What the event stream tells. There are six types and never a seventh: the original client ends
 * its stream at an unknown name. Source: receptor/event.go.
 */
public sealed interface ReceptorEvent {

  record DesiredLRPCreated(
      @JsonProperty(required = true, value = "desired_lrp") DesiredLRPResponse desiredLRP)
      implements ReceptorEvent {
    public DesiredLRPCreated {
      Objects.requireNonNull(desiredLRP);
    }
  }

  record DesiredLRPChanged(
      @JsonProperty(required = true, value = "desired_lrp_before") DesiredLRPResponse before,
      @JsonProperty(required = true, value = "desired_lrp_after") DesiredLRPResponse after)
      implements ReceptorEvent {
    public DesiredLRPChanged {
      Objects.requireNonNull(before);
      Objects.requireNonNull(after);
    }
  }

  /** With the last value. */
  record DesiredLRPRemoved(
      @JsonProperty(required = true, value = "desired_lrp") DesiredLRPResponse desiredLRP)
      implements ReceptorEvent {
    public DesiredLRPRemoved {
      Objects.requireNonNull(desiredLRP);
    }
  }

  record ActualLRPCreated(
      @JsonProperty(required = true, value = "actual_lrp") ActualLRPResponse actualLRP)
      implements ReceptorEvent {
    public ActualLRPCreated {
      Objects.requireNonNull(actualLRP);
    }
  }

  record ActualLRPChanged(
      @JsonProperty(required = true, value = "actual_lrp_before") ActualLRPResponse before,
      @JsonProperty(required = true, value = "actual_lrp_after") ActualLRPResponse after)
      implements ReceptorEvent {
    public ActualLRPChanged {
      Objects.requireNonNull(before);
      Objects.requireNonNull(after);
    }
  }

  /** With the last value. */
  record ActualLRPRemoved(
      @JsonProperty(required = true, value = "actual_lrp") ActualLRPResponse actualLRP)
      implements ReceptorEvent {
    public ActualLRPRemoved {
      Objects.requireNonNull(actualLRP);
    }
  }

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

  /** The type that has this {@link #wireName()}; empty for one that is none of the six. */
  static Optional<Class<? extends ReceptorEvent>> typeOf(String wireName) {
    return switch (wireName) {
      case "desired_lrp_created" -> Optional.of(DesiredLRPCreated.class);
      case "desired_lrp_changed" -> Optional.of(DesiredLRPChanged.class);
      case "desired_lrp_removed" -> Optional.of(DesiredLRPRemoved.class);
      case "actual_lrp_created" -> Optional.of(ActualLRPCreated.class);
      case "actual_lrp_changed" -> Optional.of(ActualLRPChanged.class);
      case "actual_lrp_removed" -> Optional.of(ActualLRPRemoved.class);
      default -> Optional.empty();
    };
  }
}
