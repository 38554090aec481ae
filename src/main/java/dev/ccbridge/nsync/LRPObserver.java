package dev.ccbridge.nsync;

import dev.ccbridge.api.DesiredLRP;
import dev.ccbridge.api.LRPReasons;
import dev.ccbridge.nsync.recipe.RecipeException;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/** Brings together, from caches only, what a decision about a resource depends on. */
final class LRPObserver {
  private final LRPRecipes recipes;
  private final LRPEventSource lrps;
  private final StagingRequests stagingRequests;

  LRPObserver(LRPRecipes recipes, LRPEventSource lrps, StagingRequests stagingRequests) {
    this.recipes = recipes;
    this.lrps = lrps;
    this.stagingRequests = stagingRequests;
  }

  /**
   * What the resource asks for.
   *
   * @param wanted the version that shall run; empty: {@code notice} says why it cannot be told
   * @param foreign whether the guid belongs to another resource, so that nothing under it is ours
   */
  record Plan(
      Optional<Wanted> wanted,
      Optional<Notice> notice,
      Optional<AppSource.Known> source,
      boolean foreign) {}

  Plan plan(DesiredLRP lrp) {
    if (isForeign(lrp)) {
      var notice =
          Notice.stalled(
              LRPReasons.PROCESS_GUID_IN_USE,
              "spec.processGuid belongs to an older DesiredLRP: choose another guid, or delete the"
                  + " older one");
      return new Plan(Optional.empty(), Optional.of(notice), Optional.empty(), true);
    }
    return switch (AppSource.of(lrp, stagingRequests.find(lrp))) {
      case AppSource.Unknown(var notice) ->
          new Plan(Optional.empty(), Optional.of(notice), Optional.empty(), false);
      case AppSource.Known known -> plan(lrp, known);
    };
  }

  private Plan plan(DesiredLRP lrp, AppSource.Known source) {
    try {
      return new Plan(
          Optional.of(recipes.plan(lrp, source)), source.notice(), Optional.of(source), false);
    } catch (RecipeException invalid) {
      var notice = Notice.stalled(LRPReasons.INVALID_RECIPE, recipes.explain(lrp, source, invalid));
      return new Plan(Optional.empty(), Optional.of(notice), Optional.of(source), false);
    }
  }

  /** What there is of it. */
  Observed observe(DesiredLRP lrp, Plan plan) {
    var versions = plan.foreign() ? List.<LRPVersion>of() : lrps.versions(LRPIdentity.of(lrp));
    var change =
        plan.wanted()
            .flatMap(
                wanted ->
                    versions.stream()
                        .filter(v -> v.processGuid().equals(wanted.processGuid()))
                        .map(LRPVersion::desired)
                        .filter(Objects::nonNull)
                        .findFirst()
                        .flatMap(existing -> recipes.change(wanted, existing)));
    return new Observed(
        plan.wanted(), change, versions, Apps.strategy(lrp.getSpec()), lrps.isInStep());
  }

  /** Of several resources with the same guid only the oldest has a say. */
  boolean isForeign(DesiredLRP lrp) {
    return lrps.owners(LRPIdentity.of(lrp)).stream()
        .min(
            Comparator.comparing((DesiredLRP o) -> o.getMetadata().getCreationTimestamp())
                .thenComparing(o -> o.getMetadata().getUid()))
        .filter(oldest -> !oldest.getMetadata().getUid().equals(lrp.getMetadata().getUid()))
        .isPresent();
  }
}
