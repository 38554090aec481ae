package dev.ccbridge.receptor.backend.pod;

import dev.ccbridge.receptor.backend.pod.cell.CellLine;
import dev.ccbridge.receptor.model.TaskProgress;
import dev.ccbridge.receptor.model.TaskProgress.StepState;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/** A task's progress, put together from the lines of its log. Thread-safe. */
final class TaskWatch {
  private static final int OUTPUT_LINES = 20;
  private static final int OUTPUT_CHARS = 2048;

  private final Deque<String> output = new ArrayDeque<>();
  private List<TaskProgress.Step> steps = List.of();
  private long lastTimestamp;

  /**
   * Takes a line, unless it is no later than one that was taken: a log is read again after its
   * connection was cut.
   *
   * @return whether that is worth telling: a step has changed
   */
  synchronized boolean take(PodLog.Entry entry) {
    if (entry.timestamp() <= lastTimestamp) {
      return false;
    }
    lastTimestamp = entry.timestamp();
    return switch (entry.line()) {
      case CellLine.Text text -> {
        if (text.printed()) {
          output.addLast(text.text());
          if (output.size() > OUTPUT_LINES) {
            output.removeFirst();
          }
        }
        yield false;
      }
      case CellLine.Steps told -> {
        boolean isNew = !steps.equals(told.steps());
        steps = told.steps();
        yield isNew;
      }
      case CellLine.Result result -> false;
    };
  }

  /** Whether no step will change any more. */
  synchronized boolean isComplete() {
    return !steps.isEmpty() && steps.stream().allMatch(step -> isOver(step.state()));
  }

  private static boolean isOver(StepState state) {
    return switch (state) {
      case PENDING, RUNNING -> false;
      case SUCCEEDED, FAILED, CANCELLED -> true;
    };
  }

  synchronized TaskProgress progress() {
    var text = String.join("\n", output);
    var last = text.length() > OUTPUT_CHARS ? text.substring(text.length() - OUTPUT_CHARS) : text;
    return steps.isEmpty() && last.isEmpty() ? TaskProgress.NONE : new TaskProgress(steps, last);
  }
}
