package dev.ccbridge.receptor.history;

import java.util.Set;

/**
 * What one key may do, as a machine that need not be deterministic.
 *
 * @param <S> states, with equality
 * @param <O> operations, with their answers
 */
interface Model<S, O> {
  S initial();

  /** The states after the operation, were it to happen in this state; none when it cannot. */
  Set<S> after(S state, O operation);

  /** Where the state may go of itself, in one step. */
  Set<S> spontaneous(S state);
}
