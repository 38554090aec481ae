package dev.ccbridge.stager;

import dev.ccbridge.api.Api;
import dev.ccbridge.api.StagingRequest;
import dev.ccbridge.api.StagingRequestStatus;
import dev.ccbridge.api.StagingRequestStatus.Failure;
import dev.ccbridge.api.StagingRequestStatus.StepState;
import dev.ccbridge.receptor.model.TaskResponse;
import dev.ccbridge.tracing.TraceContext;
import dev.ccbridge.tracing.Traces;
import dev.ccbridge.tracing.Traces.Kind;
import dev.ccbridge.tracing.Traces.Span;
import java.time.Clock;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The trace of a staging: Cloud Controller's request, the task with its steps, the callback, and
 * telling Cloud Controller. Where it belongs stands in an annotation of the resource, so that any
 * process goes on with it. Attributes are guids and names, never a value of the request.
 */
final class StagingTraces {
  /** The context of the span of Cloud Controller's request; or of whoever made the resource. */
  static final String ANNOTATION = Api.GROUP + "/traceparent";

  private final Traces traces;
  private final Clock clock;

  StagingTraces(Traces traces, Clock clock) {
    this.traces = traces;
    this.clock = clock;
  }

  /** Cloud Controller asks for a staging. */
  Span requested(String guid, Optional<String> header) {
    return traces.start(
        "PUT /v1/staging",
        Kind.SERVER,
        header.flatMap(TraceContext::parse),
        Map.of("ccbridge.task.guid", guid));
  }

  Span creatingTask(StagingRequest request) {
    return traces.start("create task", Kind.CLIENT, parent(request), attributes(request));
  }

  /** The Receptor tells that the task has ended. */
  Span calledBack(StagingRequest request) {
    return traces.start("completion callback", Kind.SERVER, parent(request), attributes(request));
  }

  Span tellingCloudController(StagingRequest request) {
    return traces.start("tell Cloud Controller", Kind.CLIENT, parent(request), attributes(request));
  }

  /** The task and its steps, once its outcome is stored. */
  void ended(StagingRequest stored, @Nullable TaskResponse task) {
    var status = stored.getStatus();
    if (traces == Traces.NONE || task == null || status == null || task.createdAt() <= 0) {
      return;
    }
    var ran =
        traces.record(
            "run task",
            parent(stored),
            Instant.EPOCH.plusNanos(task.createdAt()),
            time(status.finishedAt()).orElseGet(clock::instant),
            attributes(stored),
            Optional.ofNullable(status.failure()).map(Failure::id));
    for (var step : steps(status)) {
      var unused =
          traces.record(step.name(), ran, step.begun(), step.ended(), Map.of(), step.failure());
    }
  }

  /** A step that was begun and has ended. */
  private record Step(String name, Instant begun, Instant ended, Optional<String> failure) {}

  private static List<Step> steps(StagingRequestStatus status) {
    var steps = new ArrayList<Step>();
    for (var step :
        status.steps() == null ? List.<StagingRequestStatus.Step>of() : status.steps()) {
      var begun = time(step.startedAt());
      var ended = time(step.finishedAt());
      if (begun.isPresent() && ended.isPresent()) {
        var failure =
            step.state() == StepState.FAILED ? Optional.of("failed") : Optional.<String>empty();
        steps.add(new Step(step.name(), begun.get(), ended.get(), failure));
      }
    }
    return steps;
  }

  /** Of a resource that says nothing there is a trace of its own, the same in each process. */
  private static Optional<TraceContext> parent(StagingRequest request) {
    var annotations = request.getMetadata().getAnnotations();
    var told = annotations == null ? null : annotations.get(ANNOTATION);
    return TraceContext.parse(told).or(() -> ofUid(request.getMetadata().getUid()));
  }

  private static Optional<TraceContext> ofUid(@Nullable String uid) {
    var digits = uid == null ? "" : uid.replace("-", "");
    return digits.length() < 32
        ? Optional.empty()
        : TraceContext.parse(
            "00-" + digits.substring(0, 32) + "-" + digits.substring(0, 16) + "-01");
  }

  private static Map<String, String> attributes(StagingRequest request) {
    return Map.of(
        "ccbridge.task.guid", Staging.taskGuid(request),
        "k8s.namespace.name", request.getMetadata().getNamespace(),
        "ccbridge.staging_request.name", request.getMetadata().getName());
  }

  private static Optional<Instant> time(@Nullable String told) {
    try {
      return Optional.ofNullable(told).map(Instant::parse);
    } catch (DateTimeException notOurs) {
      return Optional.empty();
    }
  }
}
