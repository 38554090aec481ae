package dev.ccbridge.receptor.model;

import com.fasterxml.jackson.annotation.JsonEnumDefaultValue;

/**
 * The life of a task. Source: bbs/models/task.go; a task runs at most once, so no state is entered
 * twice.
 */
public enum TaskState {
  /** What an unknown state decodes to; never stored. */
  @JsonEnumDefaultValue
  INVALID,
  /** Stored, on no cell yet. */
  PENDING,
  /** On a cell. */
  RUNNING,
  /** Finished, failed or cancelled; the outcome is stored and nobody was told yet. */
  COMPLETED,
  /** Somebody is being told; deleted next. */
  RESOLVING;

  /** Whether the outcome is known. */
  public boolean isFinished() {
    return this == COMPLETED || this == RESOLVING;
  }
}
