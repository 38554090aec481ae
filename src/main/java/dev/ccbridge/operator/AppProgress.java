package dev.ccbridge.operator;

import dev.ccbridge.api.DesiredLRP;
import dev.ccbridge.api.DesiredLRPStatus;
import dev.ccbridge.api.StagingRequest;
import dev.ccbridge.api.StagingRequestStatus;
import dev.ccbridge.api.StagingRequestStatus.StepState;
import dev.ccbridge.operator.Display.State;
import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Follows one StagingRequest and the DesiredLRP that runs it through their statuses, and shows each
 * step on a display.
 */
final class AppProgress {
  private static final long POLL_MILLIS = 150;

  private final KubernetesClient kubernetes;
  private final String namespace;
  private final Display display;
  private final Set<String> shown = new HashSet<>();

  AppProgress(KubernetesClient kubernetes, String namespace, Display display) {
    this.kubernetes = kubernetes;
    this.namespace = namespace;
    this.display = display;
  }

  /**
   * Waits until staging has ended.
   *
   * @return why it failed; empty when it succeeded
   */
  Optional<String> awaitStaged(String name, Instant deadline) throws InterruptedException {
    var waiting = "waiting for the StagingRequest " + name;
    while (Instant.now().isBefore(deadline)) {
      var request =
          kubernetes.resources(StagingRequest.class).inNamespace(namespace).withName(name).get();
      var status = request == null ? null : request.getStatus();
      if (status != null) {
        showSteps(status);
        waiting = stalled(status.conditions()).orElse(waiting);
        if (status.phase() != null && status.phase().isFinal()) {
          return outcome(name, status);
        }
      }
      Thread.sleep(POLL_MILLIS);
    }
    return Optional.of("staging has not ended in time; " + waiting);
  }

  private static Optional<String> outcome(String name, StagingRequestStatus status) {
    if (status.phase() == StagingRequestStatus.Phase.SUCCEEDED) {
      return Optional.empty();
    }
    var failure = status.failure();
    return Optional.of(
        failure == null
            ? "staging " + name + " ended as " + status.phase()
            : "staging " + name + " failed: " + failure.id() + ": " + failure.message());
  }

  private void showSteps(StagingRequestStatus status) {
    for (var step :
        status.steps() == null ? List.<StagingRequestStatus.Step>of() : status.steps()) {
      var state = step.state();
      if (state == null || state == StepState.PENDING || state == StepState.CANCELLED) {
        continue;
      }
      var key = "step " + step.name();
      if (state == StepState.RUNNING) {
        display.step(key, step.name(), State.RUNNING, null);
      } else if (shown.add(key)) {
        var failed = state == StepState.FAILED;
        // What a recipe only tries may fail: it is said, and is no failure of the staging.
        display.step(
            key,
            failed && step.message() != null
                ? step.name() + ": " + firstLine(step.message())
                : step.name(),
            failed ? State.FAILED : State.DONE,
            between(step.startedAt(), step.finishedAt()));
      }
    }
  }

  /**
   * Waits until all instances are ready.
   *
   * @return why they will not be; empty when they are
   */
  Optional<String> awaitReady(String name, Instant deadline) throws InterruptedException {
    var waiting = "waiting for the DesiredLRP " + name;
    while (Instant.now().isBefore(deadline)) {
      var lrp = kubernetes.resources(DesiredLRP.class).inNamespace(namespace).withName(name).get();
      if (lrp != null && lrp.getStatus() != null) {
        showInstances(lrp.getStatus());
        if (isReady(lrp)) {
          return Optional.empty();
        }
        var stalled = stalled(lrp.getStatus().conditions());
        if (stalled.isPresent()) {
          return Optional.of("running " + name + " failed: " + stalled.get());
        }
        waiting =
            condition(lrp.getStatus().conditions(), "Ready")
                .map(Condition::getMessage)
                .orElse(waiting);
      }
      Thread.sleep(POLL_MILLIS);
    }
    return Optional.of("the instances are not ready in time; " + waiting);
  }

  private static boolean isReady(DesiredLRP lrp) {
    var observed = lrp.getStatus().observedGeneration();
    return observed != null
        && observed.equals(lrp.getMetadata().getGeneration())
        && condition(lrp.getStatus().conditions(), "Ready")
            .map(c -> "True".equals(c.getStatus()))
            .orElse(false);
  }

  private void showInstances(DesiredLRPStatus status) {
    for (var actual :
        status.actual() == null ? List.<DesiredLRPStatus.Actual>of() : status.actual()) {
      var key = "instance " + actual.index();
      if ("RUNNING".equals(actual.state())) {
        if (shown.add(key)) {
          display.step(key, key + " answers at http://" + actual.address(), State.DONE, null);
        }
      } else {
        shown.remove(key);
        display.step(key, key + " is " + actual.state(), State.RUNNING, null);
      }
    }
  }

  /** {@code host:port} of the instances that run. */
  List<String> addresses(String name) {
    var lrp = kubernetes.resources(DesiredLRP.class).inNamespace(namespace).withName(name).get();
    var addresses = new ArrayList<String>();
    if (lrp == null || lrp.getStatus() == null || lrp.getStatus().actual() == null) {
      return addresses;
    }
    for (var actual : lrp.getStatus().actual()) {
      if ("RUNNING".equals(actual.state()) && actual.address() != null) {
        addresses.add(actual.address());
      }
    }
    return addresses;
  }

  private static Optional<String> stalled(@Nullable List<Condition> conditions) {
    return condition(conditions, "Stalled")
        .filter(c -> "True".equals(c.getStatus()))
        .map(Condition::getMessage);
  }

  private static Optional<Condition> condition(@Nullable List<Condition> conditions, String type) {
    return conditions == null
        ? Optional.empty()
        : conditions.stream().filter(c -> type.equals(c.getType())).findFirst();
  }

  private static @Nullable Duration between(@Nullable String from, @Nullable String to) {
    return from == null || to == null
        ? null
        : Duration.between(Instant.parse(from), Instant.parse(to));
  }

  private static String firstLine(String text) {
    return text.lines().findFirst().orElse("");
  }
}
