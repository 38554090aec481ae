package dev.ccbridge.kube;

import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.ConditionBuilder;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Status conditions. The three that tools know (kstatus) are always written together: {@code
 * Ready}; {@code Reconciling}, true while work goes on; {@code Stalled}, true when nothing more
 * happens until a person acts.
 */
public final class Conditions {
  public static final String READY = "Ready";
  public static final String RECONCILING = "Reconciling";
  public static final String STALLED = "Stalled";

  /** False: what of a container's egress rules is not enforced. Tools do not look at it. */
  public static final String EGRESS_ENFORCED = "EgressEnforced";

  private static final int MAX_GAPS = 10;
  private static final int MAX_GAP = 200;

  private Conditions() {}

  /** A condition without its transition time, which {@link #merge} sets. */
  public static Condition of(
      String type, boolean status, String reason, String message, long observedGeneration) {
    return new ConditionBuilder()
        .withType(type)
        .withStatus(status ? "True" : "False")
        .withReason(reason)
        .withMessage(message)
        .withObservedGeneration(observedGeneration)
        .build();
  }

  /** All is as wanted. */
  public static List<Condition> ready(long generation, String reason, String message) {
    return three(generation, READY, reason, message);
  }

  /** Work goes on by itself. */
  public static List<Condition> reconciling(long generation, String reason, String message) {
    return three(generation, RECONCILING, reason, message);
  }

  /** Nothing more happens by itself; {@code message} says what to do. */
  public static List<Condition> stalled(long generation, String reason, String message) {
    return three(generation, STALLED, reason, message);
  }

  /**
   * That egress rules are not enforced, or not all of them.
   *
   * @param gaps in words; empty: there is no such condition, as nobody knows what a cluster's
   *     network does about the others
   */
  public static List<Condition> egress(long generation, String reason, List<String> gaps) {
    if (gaps.isEmpty()) {
      return List.of();
    }
    var message =
        gaps.stream()
            .limit(MAX_GAPS)
            .map(gap -> gap.length() > MAX_GAP ? gap.substring(0, MAX_GAP) + "…" : gap)
            .collect(Collectors.joining("; "));
    var more = gaps.size() - MAX_GAPS;
    return List.of(
        of(
            EGRESS_ENFORCED,
            false,
            reason,
            more > 0 ? message + "; and " + more + " more" : message,
            generation));
  }

  /** Only one of the three is true; all carry its reason, so that each alone tells why. */
  private static List<Condition> three(
      long generation, String trueType, String reason, String message) {
    return List.of(
        of(READY, trueType.equals(READY), reason, message, generation),
        quiet(RECONCILING, trueType, reason, message, generation),
        quiet(STALLED, trueType, reason, message, generation));
  }

  private static Condition quiet(
      String type, String trueType, String reason, String message, long generation) {
    return of(
        type, type.equals(trueType), reason, type.equals(trueType) ? message : "", generation);
  }

  /**
   * The stored conditions, with those of the same type replaced by {@code fresh} ones and new ones
   * added at the end. A condition whose status stays keeps the time of its last transition; others
   * get {@code now}, in whole seconds. New objects throughout: the stored ones may belong to a
   * cache.
   */
  public static List<Condition> merge(
      @Nullable List<Condition> stored, List<Condition> fresh, Instant now) {
    var merged = new LinkedHashMap<String, Condition>();
    for (var condition : stored == null ? List.<Condition>of() : stored) {
      merged.put(condition.getType(), new ConditionBuilder(condition).build());
    }
    for (var condition : fresh) {
      var before = merged.get(condition.getType());
      merged.put(
          condition.getType(),
          new ConditionBuilder(condition)
              .withLastTransitionTime(
                  before != null
                          && before.getStatus().equals(condition.getStatus())
                          && before.getLastTransitionTime() != null
                      ? before.getLastTransitionTime()
                      : now.truncatedTo(ChronoUnit.SECONDS).toString())
              .build());
    }
    return new ArrayList<>(merged.values());
  }

  public static Optional<Condition> find(@Nullable List<Condition> conditions, String type) {
    return conditions == null
        ? Optional.empty()
        : conditions.stream().filter(c -> type.equals(c.getType())).findFirst();
  }

  public static boolean isTrue(@Nullable List<Condition> conditions, String type) {
    return find(conditions, type).filter(c -> "True".equals(c.getStatus())).isPresent();
  }

  /** Whether the condition is there with this reason, whatever its status. */
  public static boolean hasReason(
      @Nullable List<Condition> conditions, String type, String reason) {
    return find(conditions, type).filter(c -> reason.equals(c.getReason())).isPresent();
  }
}
