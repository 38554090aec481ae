package dev.ccbridge.receptor.history;

import java.util.ArrayDeque;
import java.util.BitSet;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Looks for an order of the calls of one key that respects real time and that the model allows: the
 * search of Wing and Gong (Testing and Verifying Concurrent Objects, 1993), with Lowe's memory of
 * the configurations that led nowhere.
 */
final class Linearization<S, O> {
  private record Configuration<S>(BitSet placed, S state) {}

  private final Model<S, O> model;
  private final List<Call<O>> calls;
  private final Set<Configuration<S>> seen = new HashSet<>();
  private final Map<S, Set<S>> closures = new HashMap<>();
  private BitSet furthest = new BitSet();
  private final Set<S> stuckIn = new LinkedHashSet<>();

  private Linearization(Model<S, O> model, List<Call<O>> calls) {
    this.model = model;
    this.calls = calls.stream().sorted(Comparator.comparingLong(Call::invoked)).toList();
  }

  /** Empty when there is such an order; otherwise how far the best one came. */
  static <S, O> Optional<String> faultOf(Model<S, O> model, List<Call<O>> calls) {
    var search = new Linearization<>(model, calls);
    return search.fits() ? Optional.empty() : Optional.of(search.report());
  }

  private boolean fits() {
    var open = new ArrayDeque<Configuration<S>>();
    push(open, new BitSet(), model.initial());
    while (!open.isEmpty()) {
      var configuration = open.pop();
      if (configuration.placed().cardinality() == calls.size()) {
        return true;
      }
      remember(configuration);
      place(configuration, open);
    }
    return false;
  }

  private void place(Configuration<S> from, ArrayDeque<Configuration<S>> open) {
    var placed = from.placed();
    var deadline = Long.MAX_VALUE;
    for (var i = placed.nextClearBit(0); i < calls.size(); i = placed.nextClearBit(i + 1)) {
      deadline = Math.min(deadline, calls.get(i).answered());
    }
    for (var i = placed.nextClearBit(0); i < calls.size(); i = placed.nextClearBit(i + 1)) {
      var call = calls.get(i);
      if (call.invoked() > deadline) {
        return;
      }
      var next = (BitSet) placed.clone();
      next.set(i);
      if (!call.known()) {
        push(open, next, from.state());
      }
      for (var state : closure(from.state())) {
        model.after(state, call.operation()).forEach(after -> push(open, next, after));
      }
    }
  }

  private void push(ArrayDeque<Configuration<S>> open, BitSet placed, S state) {
    var configuration = new Configuration<>(placed, state);
    if (seen.add(configuration)) {
      open.push(configuration);
    }
  }

  private Set<S> closure(S state) {
    return closures.computeIfAbsent(state, this::reachable);
  }

  private Set<S> reachable(S state) {
    var reached = new LinkedHashSet<S>();
    var open = new ArrayDeque<>(List.of(state));
    while (!open.isEmpty()) {
      var next = open.pop();
      if (reached.add(next)) {
        open.addAll(model.spontaneous(next));
      }
    }
    return reached;
  }

  private void remember(Configuration<S> configuration) {
    var more = configuration.placed().cardinality() - furthest.cardinality();
    if (more > 0) {
      furthest = configuration.placed();
      stuckIn.clear();
    }
    if (more >= 0) {
      stuckIn.add(configuration.state());
    }
  }

  private String report() {
    var start = calls.isEmpty() ? 0 : calls.getFirst().invoked();
    var lines = new StringBuilder("no order of these calls fits; the furthest search stood in ");
    lines.append(stuckIn.stream().map(S::toString).collect(Collectors.joining(" or ")));
    for (var i = 0; i < calls.size(); i++) {
      var call = calls.get(i);
      lines.append(
          "%n%s %9.3f-%9.3f ms %s %s"
              .formatted(
                  furthest.get(i) ? " " : ">",
                  (call.invoked() - start) / 1e6,
                  (call.answered() - start) / 1e6,
                  call.known() ? " " : "?",
                  call.operation()));
    }
    return lines.toString();
  }
}
