package dev.ccbridge.receptor.model;

import com.fasterxml.jackson.annotation.JsonEnumDefaultValue;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonInclude.Include;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How far a task has come: its downloads, runs and uploads in the order of the action tree, and the
 * last lines it printed.
 *
 * <p>Differs from Diego: an extension, on the wire only when asked for with {@code ?progress=true}.
 */
public record TaskProgress(
    @JsonProperty("steps") List<Step> steps,
    @JsonProperty("last_output") @JsonInclude(Include.NON_EMPTY) String lastOutput) {
  public TaskProgress {
    steps = Wire.list(steps);
    lastOutput = Wire.text(lastOutput);
  }

  /** Nothing has begun. */
  public static final TaskProgress NONE = new TaskProgress(List.of(), "");

  /**
   * One leaf of the action tree. {@code name} says what it does ({@code download app package},
   * {@code run builder}); {@code startedAt} and {@code finishedAt} in nanoseconds since the epoch,
   * 0: not yet; {@code message}: why it failed.
   */
  public record Step(
      @JsonProperty("name") String name,
      @JsonProperty("state") StepState state,
      @JsonProperty("started_at") long startedAt,
      @JsonProperty("finished_at") long finishedAt,
      @JsonProperty("message") @JsonInclude(Include.NON_EMPTY) String message) {
    public Step {
      name = Wire.text(name);
      state = orPending(state);
      message = Wire.text(message);
    }

    private static StepState orPending(@Nullable StepState state) {
      return state == null ? StepState.PENDING : state;
    }
  }

  /** The life of a step. */
  public enum StepState {
    @JsonEnumDefaultValue
    PENDING,
    RUNNING,
    SUCCEEDED,
    FAILED,
    /** Not run, or stopped, because the task ended before it did. */
    CANCELLED
  }
}
