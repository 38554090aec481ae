package dev.ccbridge.stager;

import dev.ccbridge.CcBridgeException;
import dev.ccbridge.api.StagingReasons;
import dev.ccbridge.api.StagingRequest;
import dev.ccbridge.api.StagingRequestStatus;
import dev.ccbridge.api.StagingRequestStatus.Failure;
import dev.ccbridge.cloudcontroller.client.CloudControllerClient;
import dev.ccbridge.cloudcontroller.client.CloudControllerException;
import dev.ccbridge.kube.Conditions;
import dev.ccbridge.kube.EventRecorder;
import dev.ccbridge.receptor.Receptor;
import dev.ccbridge.receptor.model.ReceptorErrorName;
import dev.ccbridge.receptor.model.ReceptorException;
import dev.ccbridge.receptor.model.TaskCreateRequest;
import dev.ccbridge.receptor.model.TaskResponse;
import dev.ccbridge.receptor.model.TaskState;
import dev.ccbridge.secrets.SecretMissingException;
import dev.ccbridge.stager.recipe.RecipeException;
import dev.ccbridge.stager.recipe.StagingErrors;
import dev.ccbridge.tracing.TraceContext;
import dev.ccbridge.tracing.Traces;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Carries out the steps. In each, effects are ordered so that a crash between two of them repeats a
 * cheap call, never loses an outcome, and never stages a second time. Thread-safe.
 */
final class StagingActions {
  private static final Logger LOG = LoggerFactory.getLogger(StagingActions.class);

  /** A Secret that appears is not watched for. */
  private static final Duration SECRET_RETRY = Duration.ofSeconds(15);

  /** The writes of one request follow each other within milliseconds, unless something is wrong. */
  private static final Duration PARTS_RETRY = Duration.ofMillis(250);

  private static final Duration LATE_PARTS_RETRY = Duration.ofSeconds(1);
  private static final Duration LATE = Duration.ofSeconds(5);

  /** Whoever sends a request has been told by then whether it is stored. */
  private static final Duration PARTS_PATIENCE = Duration.ofSeconds(30);

  private static final Duration REGISTRIES_RETRY = Duration.ofSeconds(5);
  private static final Duration CANCEL_RETRY = Duration.ofSeconds(2);
  private static final Duration STALE_RETRY = Duration.ofMillis(250);

  private final Receptor receptor;
  private final CloudControllerClient cloudController;
  private final StagingRecipes recipes;
  private final InlineValues values;
  private final StagingStatusFactory statuses;
  private final FailureMessages failures;
  private final StagingRequests requests;
  private final KnownTasks knownTasks;
  private final EventRecorder events;
  private final StagingMetrics metrics;
  private final StagingTraces traces;
  private final Clock clock;
  private final Set<String> lifecycles;

  StagingActions(
      Receptor receptor,
      CloudControllerClient cloudController,
      StagingRecipes recipes,
      InlineValues values,
      StagingStatusFactory statuses,
      StagingRequests requests,
      KnownTasks knownTasks,
      EventRecorder events,
      StagingMetrics metrics,
      StagingTraces traces,
      StagerConfig config,
      Clock clock) {
    this.receptor = receptor;
    this.cloudController = cloudController;
    this.recipes = recipes;
    this.values = values;
    this.statuses = statuses;
    this.failures = new FailureMessages(config.buildpacks());
    this.requests = requests;
    this.knownTasks = knownTasks;
    this.events = events;
    this.metrics = metrics;
    this.traces = traces;
    this.clock = clock;
    this.lifecycles = config.recipes().lifecycles().keySet();
  }

  Progress carryOut(StagingStep step, StagingRequest request, Context<StagingRequest> context) {
    return switch (step) {
      case StagingStep.RefuseGuid refuse ->
          recordFailure(request, null, failures.ofTakenGuid(request), context);
      case StagingStep.DesireTask desire -> desireTask(request, context);
      case StagingStep.DesireTaskAgain again -> desireTaskAgain(request, context);
      case StagingStep.AwaitTask(var task) -> {
        StatusWriter.write(request, statuses.progressed(request, task), context);
        yield new Progress.WaitForEvent();
      }
      case StagingStep.CancelTask(var task) -> cancelTask(request, task, context);
      case StagingStep.RecordOutcome(var task) -> recordOutcome(request, task, context);
      case StagingStep.RecordCancelled cancelled ->
          recordCancelled(request, statuses.cancelled(request, null), context);
      case StagingStep.RecordLost lost ->
          recordFailure(request, null, failures.ofLostTask(), context);
      case StagingStep.Deliver deliver -> deliver(request, context);
      case StagingStep.AwaitDelivery(var pause) -> new Progress.WaitFor(pause);
      case StagingStep.ForgetTask(var task) -> forget(request, task);
      case StagingStep.Expire expire -> expire(request, context);
      case StagingStep.Done(var untilExpiry) -> new Progress.WaitFor(untilExpiry);
    };
  }

  private Progress desireTask(StagingRequest request, Context<StagingRequest> context) {
    if (!values.isComplete(request)) {
      return awaitParts(request, context);
    }
    return withTask(
        request,
        context,
        task -> {
          // Stored first, and only on top of the latest version: from here on no other pass, in
          // this process or another, takes it for granted that there never was a task.
          var noted = StatusWriter.write(request, statuses.creating(request), context);
          events.normal(noted, StagingReasons.EVENT_STARTED, "created task " + task.taskGuid());
          return create(noted, task, context);
        });
  }

  /** Goes on with the request's task, or notes why there is none. */
  private Progress withTask(
      StagingRequest request,
      Context<StagingRequest> context,
      Function<TaskCreateRequest, Progress> goOn) {
    TaskCreateRequest task;
    try {
      task = recipes.of(request, values.of(request));
    } catch (SecretMissingException missing) {
      return stall(request, missing.message(), context);
    } catch (RecipeException impossible) {
      var failure = failures.ofRecipe(request, impossible.message(), lifecycles);
      return recordFailure(request, null, failure, context);
    } catch (CcBridgeException unavailable) {
      return awaitRegistries(request, unavailable, context);
    }
    return goOn.apply(task);
  }

  /**
   * Not all of the request is stored yet. What is still incomplete after a while stays so: who sent
   * it was told that it failed, and could not take it back.
   */
  private Progress awaitParts(StagingRequest request, Context<StagingRequest> context) {
    var age =
        Duration.between(
            Instant.parse(request.getMetadata().getCreationTimestamp()), clock.instant());
    if (age.compareTo(PARTS_PATIENCE) < 0) {
      return new Progress.WaitFor(age.compareTo(LATE) < 0 ? PARTS_RETRY : LATE_PARTS_RETRY);
    }
    return recordFailure(request, null, failures.ofHalfStored(), context);
  }

  private Progress awaitRegistries(
      StagingRequest request, CcBridgeException problem, Context<StagingRequest> context) {
    LOG.warn(
        "docker registries unknown taskGuid={} message={}",
        Staging.taskGuid(request),
        problem.message());
    StatusWriter.write(
        request, statuses.registriesUnavailable(request, problem.message()), context);
    return new Progress.WaitFor(REGISTRIES_RETRY);
  }

  private Progress desireTaskAgain(StagingRequest request, Context<StagingRequest> context) {
    var latest = requests.latest(request);
    var version = request.getMetadata().getResourceVersion();
    if (latest.isEmpty() || !latest.get().getMetadata().getResourceVersion().equals(version)) {
      // The cache is behind: what it does not show may be the outcome.
      return new Progress.WaitFor(STALE_RETRY);
    }
    return withTask(request, context, task -> create(request, task, context));
  }

  private Progress create(
      StagingRequest request, TaskCreateRequest task, Context<StagingRequest> context) {
    var span = traces.creatingTask(request);
    try {
      receptor.createTask(task);
    } catch (ReceptorException refusal) {
      span.failed(refusal.name().name());
      if (isFinal(refusal)) {
        return recordFailure(request, null, failures.ofRefusal(refusal.message()), context);
      }
      if (refusal.name() != ReceptorErrorName.TaskGuidAlreadyExists) {
        throw refusal;
      }
      // Ours, from before a crash, or somebody else's: the next look tells.
      return new Progress.GoOn(request);
    } finally {
      span.end();
    }
    LOG.info(
        "task created taskGuid={} namespace={} name={}",
        task.taskGuid(),
        request.getMetadata().getNamespace(),
        request.getMetadata().getName());
    return new Progress.WaitForEvent();
  }

  /** Of other failures nobody knows whether another try helps; of these CC knows what they mean. */
  private static boolean isFinal(ReceptorException refusal) {
    var id = StagingErrors.sanitize(refusal.message()).id();
    return refusal.name() == ReceptorErrorName.InvalidTask
        || refusal.name() == ReceptorErrorName.UnknownError
            && List.of("InsufficientResources", "NoCompatibleCell").contains(id);
  }

  private Progress stall(StagingRequest request, String message, Context<StagingRequest> context) {
    var status = request.getStatus();
    if (!Conditions.hasReason(
        status == null ? null : status.conditions(),
        Conditions.STALLED,
        StagingReasons.SECRET_MISSING)) {
      events.warning(request, StagingReasons.EVENT_STALLED, message);
    }
    StatusWriter.write(
        request, statuses.stalled(request, StagingReasons.SECRET_MISSING, message), context);
    return new Progress.WaitFor(SECRET_RETRY);
  }

  private Progress cancelTask(
      StagingRequest request, TaskResponse task, Context<StagingRequest> context) {
    cancel(task.taskGuid());
    var status = statuses.cancelling(request);
    // The second time, its end takes longer.
    return status.equals(request.getStatus())
        ? new Progress.WaitFor(CANCEL_RETRY)
        : new Progress.GoOn(StatusWriter.write(request, status, context));
  }

  /** That it has ended meanwhile, or is gone, shows at the next look. */
  private void cancel(String taskGuid) {
    try {
      receptor.cancelTask(taskGuid);
      LOG.info("task cancelled taskGuid={}", taskGuid);
    } catch (ReceptorException ended) {
      if (!isOver(ended)) {
        throw ended;
      }
    }
  }

  private static boolean isOver(ReceptorException answer) {
    return answer.name() == ReceptorErrorName.TaskNotFound
        || answer.name() == ReceptorErrorName.UnknownError
            && answer.message().startsWith("Cannot transition");
  }

  private Progress recordOutcome(
      StagingRequest request, TaskResponse task, Context<StagingRequest> context) {
    if (task.state() != TaskState.RESOLVING) {
      knownTasks.put(task);
    }
    if (task.failed()) {
      if (request.getSpec().cancelRequested()
          && task.failureReason().equals(Stager.CANCELLED_REASON)) {
        return recordCancelled(request, statuses.cancelled(request, task), context);
      }
      return recordFailure(request, task, failures.ofTask(request, task), context);
    }
    var outcome = Outcomes.read(task, recipes.dropletUri(request));
    if (outcome.problem() != null) {
      var failure = failures.ofUnreadableResult(outcome.problem());
      return recordFailure(request, task, failure, context);
    }
    var result = BuildpackKeys.shown(request, outcome.result(), values);
    var status = statuses.succeeded(request, task, result);
    var stored = StatusWriter.write(request, status, context);
    metrics.ended(stored);
    traces.ended(stored, task);
    events.normal(stored, StagingReasons.EVENT_SUCCEEDED, readyMessage(status));
    return new Progress.GoOn(stored);
  }

  private static String readyMessage(StagingRequestStatus status) {
    return Conditions.find(status.conditions(), Conditions.READY).orElseThrow().getMessage();
  }

  private Progress recordFailure(
      StagingRequest request,
      @Nullable TaskResponse task,
      Failure failure,
      Context<StagingRequest> context) {
    var stored = StatusWriter.write(request, statuses.failed(request, task, failure), context);
    metrics.ended(stored);
    traces.ended(stored, task);
    events.warning(stored, StagingReasons.EVENT_FAILED, failure.id() + ": " + failure.message());
    return new Progress.GoOn(stored);
  }

  private Progress recordCancelled(
      StagingRequest request, StagingRequestStatus status, Context<StagingRequest> context) {
    var stored = StatusWriter.write(request, status, context);
    metrics.ended(stored);
    events.normal(stored, StagingReasons.EVENT_CANCELLED, readyMessage(status));
    return new Progress.GoOn(stored);
  }

  /** At least once: a crash between the two lines repeats it. */
  private Progress deliver(StagingRequest request, Context<StagingRequest> context) {
    StagingRequestStatus status;
    var span = traces.tellingCloudController(request);
    try {
      var callback = Objects.requireNonNull(request.getSpec().completionCallback());
      var message =
          CallbackMessages.of(request, result -> BuildpackKeys.exact(request, result, values));
      cloudController.stagingComplete(uri(callback), message, headers(span));
      status = statuses.delivered(request);
      metrics.delivered(request);
    } catch (CloudControllerException failure) {
      metrics.notDelivered(failure.kind().retryable());
      span.failed("answered " + failure.status());
      status =
          failure.kind().retryable()
              ? statuses.deliveryFailed(request, failure.message())
              : statuses.deliveryRefused(request, failure.message());
      LOG.warn(
          "callback failed taskGuid={} namespace={} name={} status={} retried={}",
          Staging.taskGuid(request),
          request.getMetadata().getNamespace(),
          request.getMetadata().getName(),
          failure.status(),
          failure.kind().retryable());
      if (!failure.kind().retryable()) {
        events.warning(request, StagingReasons.EVENT_REFUSED, failure.message());
      }
    } finally {
      span.end();
    }
    return new Progress.GoOn(StatusWriter.write(request, status, context));
  }

  private static Map<String, String> headers(Traces.Span span) {
    return span.context()
        .map(context -> Map.of(TraceContext.HEADER, context.traceparent()))
        .orElse(Map.of());
  }

  private static URI uri(String callback) {
    try {
      return URI.create(callback);
    } catch (IllegalArgumentException noUri) {
      throw CloudControllerException.unusable("completionCallback is no URI");
    }
  }

  private Progress forget(StagingRequest request, TaskResponse task) {
    if (!Stager.isFinished(task)) {
      cancel(task.taskGuid());
    }
    delete(task.taskGuid());
    knownTasks.remove(task.taskGuid());
    return new Progress.GoOn(request);
  }

  /** A task that is being resolved disappears by itself. */
  private void delete(String taskGuid) {
    try {
      receptor.deleteTask(taskGuid);
    } catch (ReceptorException answer) {
      if (answer.name() != ReceptorErrorName.TaskNotFound
          && answer.name() != ReceptorErrorName.TaskNotDeletable) {
        throw answer;
      }
    }
  }

  /** Asks the API server first: the time may have been prolonged, or the request be another one. */
  private Progress expire(StagingRequest request, Context<StagingRequest> context) {
    var latest = requests.latest(request);
    var version = request.getMetadata().getResourceVersion();
    if (latest.isEmpty()) {
      return new Progress.WaitForEvent();
    }
    if (!latest.get().getMetadata().getResourceVersion().equals(version)) {
      return new Progress.WaitFor(STALE_RETRY);
    }
    context.getClient().resource(latest.get()).lockResourceVersion(version).delete();
    LOG.info(
        "request expired namespace={} name={}",
        request.getMetadata().getNamespace(),
        request.getMetadata().getName());
    return new Progress.WaitForEvent();
  }
}
