package dev.ccbridge.receptor.model;

import com.fasterxml.jackson.annotation.JsonEnumDefaultValue;

/** The life of one instance. Source: bbs/models/actual_lrp.go. */
public enum ActualLRPState {
  /** What an unknown state decodes to; never stored. */
  @JsonEnumDefaultValue
  INVALID,
  /** Wanted, on no cell. */
  UNCLAIMED,
  /** On a cell, not healthy yet. */
  CLAIMED,
  /** Healthy, or without a monitor and started. */
  RUNNING,
  /** Waiting for its next start, or given up. */
  CRASHED
}
