package dev.ccbridge.receptor.history;

import dev.ccbridge.receptor.history.LRPModel.State;
import java.util.Optional;
import java.util.Set;

/** The desired LRP of one process guid: a register whose every write counts. */
final class LRPModel implements Model<State, LRPModel.Operation> {

  /**
   * @param epoch empty as long as nobody has read it
   * @param index of the modification tag; -1: there is no LRP
   */
  record State(String nonce, int instances, String epoch, int index) {
    static final State ABSENT = new State("", 0, "", -1);

    boolean isAbsent() {
      return index < 0;
    }
  }

  sealed interface Operation {}

  record Create(String nonce, int instances, boolean accepted) implements Operation {}

  record Update(String nonce, int instances, boolean found) implements Operation {}

  record Delete(boolean found) implements Operation {}

  /** As in {@link State}; the epoch is never empty. */
  record Read(Optional<State> seen) implements Operation {}

  @Override
  public State initial() {
    return State.ABSENT;
  }

  @Override
  public Set<State> after(State state, Operation operation) {
    return switch (operation) {
      case Create create ->
          create.accepted() != state.isAbsent()
              ? Set.of()
              : Set.of(
                  create.accepted() ? new State(create.nonce(), create.instances(), "", 0) : state);
      case Update update ->
          update.found() == state.isAbsent()
              ? Set.of()
              : Set.of(update.found() ? updated(state, update) : state);
      case Delete delete -> delete.found() == state.isAbsent() ? Set.of() : Set.of(State.ABSENT);
      case Read read -> read(state, read.seen());
    };
  }

  @Override
  public Set<State> spontaneous(State state) {
    return Set.of();
  }

  private static State updated(State state, Update update) {
    return new State(update.nonce(), update.instances(), state.epoch(), state.index() + 1);
  }

  private static Set<State> read(State state, Optional<State> seen) {
    if (seen.isEmpty() || state.isAbsent()) {
      return seen.isEmpty() && state.isAbsent() ? Set.of(state) : Set.of();
    }
    var known = seen.get();
    var epoch = state.epoch().isEmpty() ? known.epoch() : state.epoch();
    var bound = new State(state.nonce(), state.instances(), epoch, state.index());
    return bound.equals(known) ? Set.of(bound) : Set.of();
  }
}
