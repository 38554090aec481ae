package dev.ccbridge.receptor.history;

import dev.ccbridge.receptor.history.TaskModel.State;
import java.util.Optional;
import java.util.Set;

/**
 * The tasks of one guid, one after the other. What a task is to come to is part of its nonce, so
 * the model knows each outcome beforehand.
 */
final class TaskModel implements Model<State, TaskModel.Operation> {
  static final String FAILS = "fails";
  static final String TELLS = "tells";
  static final String EXIT_REASON = "Exited with status 7";
  static final String CANCEL_REASON = "task was cancelled";

  enum Phase {
    ABSENT,
    PENDING,
    RUNNING,
    COMPLETED,
    RESOLVING
  }

  /**
   * @param nonce of the task that is there, empty when none is
   * @param told whether its callback was accepted
   */
  record State(String nonce, Phase phase, boolean cancelled, boolean told) {
    static final State ABSENT = new State("", Phase.ABSENT, false, false);

    boolean isFinished() {
      return phase == Phase.COMPLETED || phase == Phase.RESOLVING;
    }

    State in(Phase next) {
      return new State(nonce, next, cancelled, told);
    }
  }

  enum Ended {
    DONE,
    MISSING,
    REFUSED
  }

  /** What a read or a callback says. */
  record Seen(
      String nonce, Phase phase, boolean onCell, boolean failed, String reason, String result) {}

  sealed interface Operation {}

  record Create(String nonce, boolean accepted) implements Operation {}

  record Read(Optional<Seen> seen) implements Operation {}

  record Cancel(Ended ended) implements Operation {}

  record Delete(Ended ended) implements Operation {}

  /** A callback that was accepted. */
  record Told(Seen seen) implements Operation {}

  @Override
  public State initial() {
    return State.ABSENT;
  }

  @Override
  public Set<State> after(State state, Operation operation) {
    return switch (operation) {
      case Create create -> create(state, create);
      case Read read -> only(state, fits(state, read.seen()));
      case Cancel cancel -> cancel(state, cancel.ended());
      case Delete delete -> delete(state, delete.ended());
      case Told told ->
          state.isFinished() && fits(state.in(Phase.COMPLETED), Optional.of(told.seen()))
              ? Set.of(new State(state.nonce(), state.phase(), state.cancelled(), true))
              : Set.of();
    };
  }

  /** A task goes away without being asked to only once somebody was told of its end. */
  @Override
  public Set<State> spontaneous(State state) {
    return switch (state.phase()) {
      case ABSENT -> Set.of();
      case PENDING -> Set.of(state.in(Phase.RUNNING));
      case RUNNING -> Set.of(state.in(Phase.COMPLETED));
      case COMPLETED -> Set.of(state.in(Phase.RESOLVING));
      case RESOLVING ->
          state.told()
              ? Set.of(state.in(Phase.COMPLETED), State.ABSENT)
              : Set.of(state.in(Phase.COMPLETED));
    };
  }

  private static Set<State> create(State state, Create create) {
    var absent = state.phase() == Phase.ABSENT;
    return create.accepted() && absent
        ? Set.of(new State(create.nonce(), Phase.PENDING, false, false))
        : only(state, !create.accepted() && !absent);
  }

  private static Set<State> cancel(State state, Ended ended) {
    return switch (ended) {
      case MISSING -> only(state, state.phase() == Phase.ABSENT);
      case REFUSED -> only(state, state.isFinished());
      case DONE ->
          state.phase() == Phase.PENDING || state.phase() == Phase.RUNNING
              ? Set.of(new State(state.nonce(), Phase.COMPLETED, true, false))
              : Set.of();
    };
  }

  private static Set<State> delete(State state, Ended ended) {
    return switch (ended) {
      case MISSING -> only(state, state.phase() == Phase.ABSENT);
      case REFUSED ->
          only(state, state.phase() != Phase.ABSENT && state.phase() != Phase.COMPLETED);
      case DONE -> state.isFinished() ? Set.of(State.ABSENT) : Set.of();
    };
  }

  private static boolean fits(State state, Optional<Seen> seen) {
    return state.phase() == Phase.ABSENT
        ? seen.isEmpty()
        : seen.filter(expected(state)::equals).isPresent();
  }

  private static Seen expected(State state) {
    var nonce = state.nonce();
    var onCell = state.phase() == Phase.RUNNING;
    if (!state.isFinished()) {
      return new Seen(nonce, state.phase(), onCell, false, "", "");
    }
    if (state.cancelled()) {
      return new Seen(nonce, state.phase(), false, true, CANCEL_REASON, "");
    }
    return nonce.contains(FAILS)
        ? new Seen(nonce, state.phase(), false, true, EXIT_REASON, "")
        : new Seen(nonce, state.phase(), false, false, "", nonce);
  }

  private static Set<State> only(State state, boolean allowed) {
    return allowed ? Set.of(state) : Set.of();
  }
}
