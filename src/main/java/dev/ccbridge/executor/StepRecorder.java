package dev.ccbridge.executor;

import dev.ccbridge.receptor.model.Action;
import dev.ccbridge.receptor.model.TaskProgress.Step;
import dev.ccbridge.receptor.model.TaskProgress.StepState;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** The steps of an action tree: its leaves in tree order, and how far each has come. */
public final class StepRecorder {
  private final Map<String, Step> steps = new LinkedHashMap<>();
  private final Runnable onChange;

  /**
   * @param path of {@code action} in the tree
   * @param onChange called after each change, from the thread that caused it
   */
  public StepRecorder(Action action, String path, Runnable onChange) {
    this.onChange = onChange;
    collect(action, path);
  }

  private StepRecorder() {
    this.onChange = () -> {};
  }

  /** Records nothing: actions that are not part of a task. */
  public static StepRecorder none() {
    return new StepRecorder();
  }

  private void collect(@Nullable Action action, String path) {
    if (action instanceof Action.Leaf leaf) {
      steps.put(path, new Step(name(leaf), StepState.PENDING, 0, 0, ""));
    } else if (action != null) {
      var children = action.children();
      for (int i = 0; i < children.size(); i++) {
        collect(children.get(i), path + "." + i);
      }
    }
  }

  private static String name(Action.Leaf leaf) {
    return switch (leaf) {
      case Action.Run run -> "run " + lastSegment(run.path());
      case Action.Download download ->
          "download " + name(download.artifact(), download.cacheKey(), download.from());
      case Action.Upload upload -> "upload " + name(upload.artifact(), "", upload.to());
    };
  }

  private static String name(String artifact, String cacheKey, String url) {
    if (!artifact.isEmpty()) {
      return artifact;
    }
    return cacheKey.isEmpty() ? lastSegment(url.replaceFirst("[?#].*", "")) : cacheKey;
  }

  private static String lastSegment(String path) {
    var trimmed = path.endsWith("/") ? path.substring(0, path.length() - 1) : path;
    return trimmed.substring(trimmed.lastIndexOf('/') + 1);
  }

  /** Takes over what an earlier life has done. */
  public void restore(Journal journal) {
    for (var path : List.copyOf(steps.keySet())) {
      journal
          .find(path)
          .ifPresent(
              entry -> {
                if (entry.outcome() == null) {
                  started(path, entry.startedAt());
                } else {
                  finished(path, entry.startedAt(), entry.outcome());
                }
              });
    }
  }

  void started(String path, long at) {
    change(path, step -> new Step(step.name(), StepState.RUNNING, at, 0, ""));
  }

  void finished(String path, long startedAt, Outcome outcome) {
    change(
        path,
        step ->
            new Step(
                step.name(), state(outcome), startedAt, outcome.endedAt(), explanation(outcome)));
  }

  private static StepState state(Outcome outcome) {
    if (!outcome.isFailed()) {
      return StepState.SUCCEEDED;
    }
    return outcome.reason().equals(Outcome.CANCELLED) ? StepState.CANCELLED : StepState.FAILED;
  }

  private static String explanation(Outcome outcome) {
    return outcome.failure() == null ? "" : outcome.failure().explained();
  }

  private void change(String path, UnaryOperator<Step> change) {
    synchronized (this) {
      if (steps.computeIfPresent(path, (p, step) -> change.apply(step)) == null) {
        return;
      }
    }
    onChange.run();
  }

  /** The whole tree has ended: what has not finished by now never will. */
  public void ended(long at) {
    synchronized (this) {
      steps.replaceAll((path, step) -> cancelUnfinished(step, at));
    }
    onChange.run();
  }

  private static Step cancelUnfinished(Step step, long at) {
    return switch (step.state()) {
      case PENDING -> new Step(step.name(), StepState.CANCELLED, 0, 0, "");
      case RUNNING -> new Step(step.name(), StepState.CANCELLED, step.startedAt(), at, "");
      case SUCCEEDED, FAILED, CANCELLED -> step;
    };
  }

  public synchronized List<Step> steps() {
    return List.copyOf(steps.values());
  }
}
