package dev.ccbridge.page;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.ccbridge.api.DesiredLRP;
import dev.ccbridge.api.DesiredLRPStatus;
import dev.ccbridge.api.StagingRequest;
import dev.ccbridge.api.StagingRequestStatus;
import dev.ccbridge.kube.Conditions;
import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.HasMetadata;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * All that the page shows, as it gets it. Pure.
 *
 * @param requests newest first
 * @param lrps newest first
 * @param more resources there are besides these
 */
record Shown(List<Request> requests, List<LRP> lrps, long more) {

  /**
   * How a resource stands, and why.
   *
   * @param standing {@code ready}, {@code waiting} or {@code stalled}; page.css has a color for
   *     each
   */
  record Standing(String standing, String reason, String message) {
    /** Of a resource that nobody has looked at yet. */
    static final Standing NEW = new Standing("waiting", "", "");

    /** Ready, else what keeps it from that. */
    static Standing of(@Nullable List<Condition> conditions) {
      if (Conditions.isTrue(conditions, Conditions.READY)) {
        return of("ready", Conditions.find(conditions, Conditions.READY));
      }
      return Conditions.isTrue(conditions, Conditions.STALLED)
          ? of("stalled", Conditions.find(conditions, Conditions.STALLED))
          : of("waiting", Conditions.find(conditions, Conditions.RECONCILING));
    }

    private static Standing of(String standing, Optional<Condition> condition) {
      return condition
          .map(
              one ->
                  new Standing(
                      standing,
                      Objects.requireNonNullElse(one.getReason(), ""),
                      Objects.requireNonNullElse(one.getMessage(), "")))
          .orElse(NEW);
    }
  }

  /** A StagingRequest. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record Request(
      String namespace,
      String name,
      String created,
      Standing standing,
      @Nullable String buildpack,
      List<Step> steps) {}

  /** Times are RFC 3339. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record Step(
      String name,
      StagingRequestStatus.@Nullable StepState state,
      @Nullable String started,
      @Nullable String finished,
      @Nullable String message) {}

  /**
   * A DesiredLRP.
   *
   * @param ready {@code 1/2}
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record LRP(
      String namespace,
      String name,
      String created,
      Standing standing,
      @Nullable String ready,
      List<Instance> instances) {}

  /** One actual LRP. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record Instance(
      int index,
      @Nullable String state,
      @Nullable String since,
      @Nullable String cell,
      @Nullable String address,
      int crashes,
      @Nullable String reason) {}

  static Shown of(List<StagingRequest> requests, List<DesiredLRP> lrps, long more) {
    return new Shown(newestFirst(requests, Shown::request), newestFirst(lrps, Shown::lrp), more);
  }

  private static <T extends HasMetadata, R> List<R> newestFirst(List<T> all, Function<T, R> show) {
    return all.stream()
        .sorted(
            Comparator.comparing(Shown::created)
                .reversed()
                .thenComparing(one -> one.getMetadata().getName()))
        .map(show)
        .toList();
  }

  private static String created(HasMetadata resource) {
    return Objects.requireNonNullElse(resource.getMetadata().getCreationTimestamp(), "");
  }

  private static Request request(StagingRequest resource) {
    var status = Optional.ofNullable(resource.getStatus());
    return new Request(
        resource.getMetadata().getNamespace(),
        resource.getMetadata().getName(),
        created(resource),
        status.map(its -> Standing.of(its.conditions())).orElse(Standing.NEW),
        status.map(StagingRequestStatus::result).map(Shown::buildpack).orElse(null),
        status.map(StagingRequestStatus::steps).orElse(List.of()).stream()
            .map(Shown::step)
            .toList());
  }

  private static @Nullable String buildpack(StagingRequestStatus.Result result) {
    return result.detectedBuildpack() == null ? result.buildpack() : result.detectedBuildpack();
  }

  private static Step step(StagingRequestStatus.Step step) {
    return new Step(step.name(), step.state(), step.startedAt(), step.finishedAt(), step.message());
  }

  private static LRP lrp(DesiredLRP resource) {
    var status = Optional.ofNullable(resource.getStatus());
    return new LRP(
        resource.getMetadata().getNamespace(),
        resource.getMetadata().getName(),
        created(resource),
        status.map(its -> Standing.of(its.conditions())).orElse(Standing.NEW),
        status.map(DesiredLRPStatus::ready).orElse(null),
        status.map(DesiredLRPStatus::actual).orElse(List.of()).stream()
            .map(Shown::instance)
            .toList());
  }

  private static Instance instance(DesiredLRPStatus.Actual actual) {
    return new Instance(
        actual.index(),
        actual.state(),
        actual.since(),
        actual.cellId(),
        actual.address(),
        Objects.requireNonNullElse(actual.crashCount(), 0),
        actual.crashReason());
  }
}
