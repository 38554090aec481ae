package dev.ccbridge.stager;

import dev.ccbridge.api.Api;
import dev.ccbridge.api.StagingRequest;
import dev.ccbridge.receptor.Receptor;
import dev.ccbridge.receptor.model.ReceptorException;
import dev.ccbridge.receptor.model.TaskResponse;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.javaoperatorsdk.operator.api.reconciler.Cleaner;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.api.reconciler.ControllerConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.DeleteControl;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.api.reconciler.Reconciler;
import io.javaoperatorsdk.operator.api.reconciler.UpdateControl;
import io.javaoperatorsdk.operator.processing.event.source.EventSource;
import io.javaoperatorsdk.operator.processing.retry.GradualRetry;
import java.net.HttpURLConnection;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;

/**
 * Carries StagingRequests through: observe, decide, act, report, until there is nothing to do but
 * to wait. Remembers nothing between two passes. The SDK sees to it that a request has at most one
 * pass at a time, and its finalizer before the first.
 */
@ControllerConfiguration(
    name = "stagingrequest",
    finalizerName = Api.FINALIZER,
    fieldManager = "cc-bridge")
@GradualRetry(
    maxAttempts = -1,
    initialInterval = 1_000,
    intervalMultiplier = 1.5,
    maxInterval = 60_000)
public final class StagingRequestReconciler
    implements Reconciler<StagingRequest>, Cleaner<StagingRequest> {
  private static final Logger LOG = LoggerFactory.getLogger(StagingRequestReconciler.class);

  /** More than any request needs; a guard against two steps that undo each other. */
  private static final int MAX_STEPS = 16;

  private static final Duration STALE_RETRY = Duration.ofMillis(250);
  private static final Duration FIRST_RECEPTOR_RETRY = Duration.ofSeconds(1);

  /** A net only: the poller tells when the Receptor answers again. */
  private static final Duration RECEPTOR_RETRY = Duration.ofSeconds(30);

  private static final Duration CLEANUP_RETRY = Duration.ofSeconds(1);

  private final Stager stager;

  /** What this thread works on, for its log lines. */
  private static final String TASK_GUID = "taskGuid";

  private final Receptor receptor;
  private final StagingActions actions;
  private final StagingCleanup cleanup;
  private final StagingStatusFactory statuses;
  private final StagingState state;

  StagingRequestReconciler(
      Stager stager,
      Receptor receptor,
      StagingActions actions,
      StagingCleanup cleanup,
      StagingStatusFactory statuses,
      StagingState state) {
    this.stager = stager;
    this.receptor = receptor;
    this.actions = actions;
    this.cleanup = cleanup;
    this.statuses = statuses;
    this.state = state;
  }

  @Override
  public List<EventSource<?, StagingRequest>> prepareEventSources(
      EventSourceContext<StagingRequest> context) {
    state.requests().use(context.getPrimaryCache());
    return List.of(state.signals());
  }

  @Override
  public UpdateControl<StagingRequest> reconcile(
      StagingRequest request, Context<StagingRequest> context) {
    MDC.put(TASK_GUID, Staging.taskGuid(request));
    try {
      return takeSteps(request, context);
    } finally {
      MDC.remove(TASK_GUID);
    }
  }

  private UpdateControl<StagingRequest> takeSteps(
      StagingRequest request, Context<StagingRequest> context) {
    var current = request;
    try {
      for (var steps = 0; steps < MAX_STEPS; steps++) {
        var step = stager.next(current, observe(current));
        switch (actions.carryOut(step, current, context)) {
          case Progress.GoOn(var changed) -> current = changed;
          case Progress.WaitForEvent event -> {
            return UpdateControl.noUpdate();
          }
          case Progress.WaitFor(var pause) -> {
            return UpdateControl.<StagingRequest>noUpdate().rescheduleAfter(pause);
          }
        }
        answerCallback(current);
      }
      throw new IllegalStateException("no end after " + MAX_STEPS + " steps");
    } catch (ReceptorException failure) {
      return receptorFailed(current, failure, context);
    } catch (KubernetesClientException failure) {
      return apiServerFailed(failure);
    } finally {
      answerCallback(current);
    }
  }

  @Override
  public DeleteControl cleanup(StagingRequest request, Context<StagingRequest> context) {
    // Whoever deletes a request does not want its outcome.
    state.completions().stored(Staging.taskGuid(request));
    try {
      return cleanup.isDone(request)
          ? DeleteControl.defaultDelete()
          : DeleteControl.noFinalizerRemoval().rescheduleAfter(CLEANUP_RETRY);
    } catch (ReceptorException failure) {
      receptorFailed(request, failure, context);
      return DeleteControl.noFinalizerRemoval().rescheduleAfter(RECEPTOR_RETRY);
    }
  }

  /**
   * Only reads. Of a finished request nothing is asked: nobody but us changes what is left of it.
   */
  private Optional<TaskResponse> observe(StagingRequest request) {
    var guid = Staging.taskGuid(request);
    if (Staging.isFinal(request)) {
      return state.knownTasks().find(guid);
    }
    var told = state.completions().find(guid);
    return told.isPresent() ? told.map(this::resolving) : receptor.findTask(guid);
  }

  /** A short body lacks what a failure is explained with, so the task is asked for that. */
  private TaskResponse resolving(TaskResponse told) {
    if (told.action() != null && told.progress() != null) {
      return told;
    }
    return receptor
        .findTask(told.taskGuid())
        .map(full -> Tasks.withOutcomeOf(full, told))
        .orElse(told);
  }

  private void answerCallback(StagingRequest request) {
    if (Staging.isFinal(request)) {
      state.completions().stored(Staging.taskGuid(request));
    }
  }

  private UpdateControl<StagingRequest> receptorFailed(
      StagingRequest request, ReceptorException failure, Context<StagingRequest> context) {
    if (Staging.isFinal(request)) {
      // Only deleting is left, and the sweep sees what was not deleted.
      return UpdateControl.<StagingRequest>noUpdate().rescheduleAfter(RECEPTOR_RETRY);
    }
    var isNew = !state.awaitsReceptor(request);
    if (isNew) {
      LOG.warn(
          "receptor failed taskGuid={} namespace={} name={} error={} message={}",
          Staging.taskGuid(request),
          request.getMetadata().getNamespace(),
          request.getMetadata().getName(),
          failure.name(),
          failure.message());
    }
    try {
      StatusWriter.write(
          request, statuses.receptorUnavailable(request, failure.message()), context);
    } catch (KubernetesClientException unwritten) {
      return apiServerFailed(unwritten);
    }
    return UpdateControl.<StagingRequest>noUpdate()
        .rescheduleAfter(isNew ? FIRST_RECEPTOR_RETRY : RECEPTOR_RETRY);
  }

  /** Only what says that our view is old is expected; the SDK retries the rest with a pause. */
  private static UpdateControl<StagingRequest> apiServerFailed(KubernetesClientException failure) {
    return switch (failure.getCode()) {
      case HttpURLConnection.HTTP_CONFLICT ->
          UpdateControl.<StagingRequest>noUpdate().rescheduleAfter(STALE_RETRY);
      case HttpURLConnection.HTTP_NOT_FOUND -> UpdateControl.noUpdate();
      default -> throw failure;
    };
  }
}
