package dev.ccbridge.receptor.store;

import dev.ccbridge.receptor.model.ActualLRPState;
import java.util.EnumSet;
import java.util.Set;

/**
 * All that can happen to the record of an instance, in which states, and where it leads. Removal is
 * possible in any state. Source: bbs/models/actual_lrp.go AllowsTransitionTo().
 */
enum ActualLRPTransition {
  /** A cell takes it. */
  CLAIM(Set.of(ActualLRPState.UNCLAIMED), Set.of(ActualLRPState.CLAIMED)),
  /** No cell takes it. */
  FAIL_PLACEMENT(Set.of(ActualLRPState.UNCLAIMED), Set.of(ActualLRPState.UNCLAIMED)),
  /** It is healthy, or told so again by its cell. */
  RUN(Set.of(ActualLRPState.CLAIMED, ActualLRPState.RUNNING), Set.of(ActualLRPState.RUNNING)),
  /** Its cell is to be emptied: it runs on as a copy, with a record of its own. */
  EVACUATE(Set.of(ActualLRPState.RUNNING), Set.of(ActualLRPState.RUNNING)),
  /** It ended by itself: started again at once, or after a wait, or never. */
  CRASH(
      Set.of(ActualLRPState.CLAIMED, ActualLRPState.RUNNING),
      Set.of(ActualLRPState.UNCLAIMED, ActualLRPState.CRASHED)),
  /** Its wait is over, or it leaves its cell without having crashed. */
  UNCLAIM(
      Set.of(ActualLRPState.CRASHED, ActualLRPState.CLAIMED, ActualLRPState.RUNNING),
      Set.of(ActualLRPState.UNCLAIMED));

  private final Set<ActualLRPState> from;
  private final Set<ActualLRPState> to;

  ActualLRPTransition(Set<ActualLRPState> from, Set<ActualLRPState> to) {
    this.from = EnumSet.copyOf(from);
    this.to = EnumSet.copyOf(to);
  }

  boolean isAllowed(ActualLRPState before, ActualLRPState after) {
    return from.contains(before) && to.contains(after);
  }
}
