package dev.ccbridge.receptor.backend.pod;

import dev.ccbridge.executor.Outcome;
import dev.ccbridge.executor.Wording;
import dev.ccbridge.receptor.backend.Container;
import dev.ccbridge.receptor.backend.ContainerOutcome;
import dev.ccbridge.receptor.model.Action;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * An instance whose action is one program, which therefore may be its container's own process, with
 * nothing of ours beside it: what nsync's recipes make of an app without an SSH server. The kubelet
 * sees to its health, and its exit status tells what otherwise its executor would. Pure.
 *
 * @param run the program
 * @param form what stands around it in the action
 * @param check null: there is no monitor
 * @param logSource where the lines of its output come from
 */
record SingleProgram(Action.Run run, Form form, @Nullable HealthCheck check, String logSource) {
  private static final int CHECK_FAILED = 1;

  /** What stands around the only program of an action. */
  enum Form {
    NOTHING,
    PARALLEL,
    CODEPENDENT
  }

  /** What the kubelet has killed a program for. */
  enum Unhealthy {
    /** Its check has not passed before the start timeout. */
    NEVER_HEALTHY,
    NO_LONGER_HEALTHY
  }

  /**
   * Empty where the action is more than that, or its monitor is none that a kubelet can perform.
   */
  static Optional<SingleProgram> of(Container container) {
    if (container.isTask()) {
      return Optional.empty();
    }
    return switch (container.action()) {
      case Action.Run run -> of(container, run, Form.NOTHING, "");
      case Action.Parallel(var actions, var source) ->
          only(actions).flatMap(run -> of(container, run, Form.PARALLEL, source));
      case Action.Codependent(var actions, var source) ->
          only(actions).flatMap(run -> of(container, run, Form.CODEPENDENT, source));
      default -> Optional.empty();
    };
  }

  private static Optional<Action.Run> only(List<@Nullable Action> actions) {
    return actions.size() == 1 && actions.getFirst() instanceof Action.Run run
        ? Optional.of(run)
        : Optional.empty();
  }

  private static Optional<SingleProgram> of(
      Container container, Action.Run run, Form form, String formsSource) {
    var monitor = container.monitor();
    var check = HealthCheck.of(monitor);
    if (monitor != null && check.isEmpty()) {
      return Optional.empty();
    }
    // Beside a monitor such a program may leave with 0, and the instance goes on without it.
    if (monitor != null && form != Form.CODEPENDENT) {
      return Optional.empty();
    }
    var surroundings = formsSource.isEmpty() ? container.logSource() : formsSource;
    var source = run.logSource().isEmpty() ? surroundings : run.logSource();
    return Optional.of(new SingleProgram(run, form, check.orElse(null), source));
  }

  /** It has ended by itself. */
  ContainerOutcome exited(int status, boolean outOfMemory) {
    var failure = status == 0 ? "" : Wording.exitFailure(status, outOfMemory);
    return outcome(inForm(failure), Outcome.CANCELLED);
  }

  ContainerOutcome cancelled() {
    var itself = inForm(Outcome.CANCELLED);
    return check == null
        ? outcome(itself, "")
        : ContainerOutcome.failed(Wording.aggregate(List.of(Outcome.CANCELLED, itself)));
  }

  /** Its check has failed: of that the instance ends, and the program with it. */
  ContainerOutcome unhealthy() {
    return ContainerOutcome.failed(
        Wording.aggregate(
            List.of(Wording.exitFailure(CHECK_FAILED, false), inForm(Outcome.CANCELLED))));
  }

  /** What the action makes of its program's failure; empty: of its success. */
  private String inForm(String failure) {
    return switch (form) {
      case NOTHING -> failure;
      case PARALLEL -> failure.isEmpty() ? "" : Wording.aggregate(List.of(failure));
      case CODEPENDENT ->
          Wording.aggregate(List.of(failure.isEmpty() ? Wording.CODEPENDENT_EXITED : failure));
    };
  }

  /** A monitor ends with what it watches. */
  private ContainerOutcome outcome(String failure, String ofMonitor) {
    if (failure.isEmpty()) {
      return ContainerOutcome.succeeded("");
    }
    return ContainerOutcome.failed(
        check == null ? failure : Wording.aggregate(List.of(failure, ofMonitor)));
  }
}
