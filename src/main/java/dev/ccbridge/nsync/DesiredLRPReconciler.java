package dev.ccbridge.nsync;

import dev.ccbridge.CcBridgeException;
import dev.ccbridge.ErrorKind;
import dev.ccbridge.api.Api;
import dev.ccbridge.api.DesiredLRP;
import dev.ccbridge.api.DesiredLRPStatus;
import dev.ccbridge.api.LRPReasons;
import dev.ccbridge.kube.Conditions;
import dev.ccbridge.kube.EventRecorder;
import dev.ccbridge.nsync.recipe.RecipeException;
import dev.ccbridge.nsync.recipe.RsaKeys;
import dev.ccbridge.receptor.Receptor;
import dev.ccbridge.receptor.model.ReceptorErrorName;
import dev.ccbridge.receptor.model.ReceptorException;
import dev.ccbridge.secrets.SecretMissingException;
import dev.ccbridge.secrets.SecretValues;
import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.javaoperatorsdk.operator.api.reconciler.Cleaner;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.api.reconciler.ControllerConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.DeleteControl;
import io.javaoperatorsdk.operator.api.reconciler.ErrorStatusUpdateControl;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.api.reconciler.MaxReconciliationInterval;
import io.javaoperatorsdk.operator.api.reconciler.PrimaryUpdateAndCacheUtils;
import io.javaoperatorsdk.operator.api.reconciler.Reconciler;
import io.javaoperatorsdk.operator.api.reconciler.UpdateControl;
import io.javaoperatorsdk.operator.processing.event.source.EventSource;
import io.javaoperatorsdk.operator.processing.retry.GradualRetry;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.MDC;

/**
 * Makes the Receptor run what a {@link DesiredLRP} says, and its status say what runs.
 *
 * <p>Works from caches only: with nothing changed it neither writes nor asks anything. One step per
 * pass; each step can be repeated, so dying before or after it leads to the same end.
 */
@ControllerConfiguration(
    name = "desired-lrp",
    finalizerName = Api.FINALIZER,
    fieldManager = "cc-bridge-desired-lrp",
    rateLimiter = SteadyPace.class,
    maxReconciliationInterval =
        @MaxReconciliationInterval(interval = 5, timeUnit = TimeUnit.MINUTES))
@GradualRetry(
    maxAttempts = DesiredLRPReconciler.WITHOUT_END,
    initialInterval = 1000,
    intervalMultiplier = 1.5,
    maxInterval = 60_000)
public final class DesiredLRPReconciler implements Reconciler<DesiredLRP>, Cleaner<DesiredLRP> {
  static final int WITHOUT_END = -1;

  /** Until something that we do not watch is looked at again: a Secret, another's process guid. */
  private static final Duration UNWATCHED = Duration.ofSeconds(30);

  /** How long the Secret of one of Cloud Controller's apps may come after its resource. */
  private static final Duration SECRET_PATIENCE = Duration.ofSeconds(30);

  private static final Duration SECRET_EXPECTED_SOON = Duration.ofSeconds(1);

  /** Younger resources are looked at more often, for their first start's sake. */
  private static final Duration SECRET_USUAL = Duration.ofSeconds(3);

  private static final Duration SECRET_ON_ITS_WAY = Duration.ofMillis(250);

  /** What this thread works on, for its log lines. */
  private static final String PROCESS_GUID = "processGuid";

  private final NsyncConfig config;
  private final Clock clock;
  private final Receptor receptor;
  private final LRPRecipes recipes;
  private final CrashReports crashes;
  private final LRPStatusFactory statuses;
  private final LRPEvents events;
  private final MeterRegistry metrics;
  private @Nullable LRPEventSource lrps;
  private @Nullable LRPObserver observer;

  /**
   * @param receptor stays open when the reconciler stops
   * @param events stays open too
   * @param metrics shows how the apps fare
   */
  public DesiredLRPReconciler(
      NsyncConfig config,
      Receptor receptor,
      DropletUrls droplets,
      EventRecorder events,
      Clock clock,
      MeterRegistry metrics) {
    this.config = config;
    this.clock = clock;
    this.receptor = receptor;
    this.recipes = new LRPRecipes(config, new RsaKeys(config.sshKeyBits()), droplets);
    this.crashes = new CrashReports(receptor);
    this.statuses = new LRPStatusFactory(clock, config.egressGaps());
    this.events = new LRPEvents(events);
    this.metrics = metrics;
  }

  @Override
  public List<EventSource<?, DesiredLRP>> prepareEventSources(
      EventSourceContext<DesiredLRP> context) {
    var source =
        new LRPEventSource(receptor, config, context.getPrimaryCache(), context.getClient());
    var requests = new StagingRequests(context);
    lrps = source;
    observer = new LRPObserver(recipes, source, requests);
    RunningMetrics.bind(() -> context.getPrimaryCache().list().toList(), source::isInStep, metrics);
    return List.of(source, requests.eventSource());
  }

  @Override
  public UpdateControl<DesiredLRP> reconcile(DesiredLRP lrp, Context<DesiredLRP> context) {
    MDC.put(PROCESS_GUID, LRPIdentity.of(lrp).stem());
    try {
      return takeStep(lrp, context);
    } finally {
      MDC.remove(PROCESS_GUID);
    }
  }

  private UpdateControl<DesiredLRP> takeStep(DesiredLRP lrp, Context<DesiredLRP> context) {
    var lrps = lrps();
    if (!lrps.isLoaded()) {
      return waitForReceptor(lrp, context);
    }
    var plan = observer().plan(lrp);
    var observed = observer().observe(lrp, plan);
    var step = LRPStep.next(observed);
    var notice = plan.notice();
    if (step instanceof LRPStep.CreateVersion(var wanted)) {
      var missing = create(lrp, context, wanted, observed);
      if (missing.isPresent() && isSecretOnItsWay(lrp)) {
        return UpdateControl.<DesiredLRP>noUpdate().rescheduleAfter(SECRET_ON_ITS_WAY);
      }
      if (missing.isPresent()) {
        notice = missing;
        step = new LRPStep.Settled();
      }
    } else {
      act(lrp, step, observed);
    }
    report(lrp, context, observer().observe(lrp, plan), step, notice, plan.source());
    return reschedule(step, notice);
  }

  /** Whatever of Secrets is missing; then nothing was done. */
  private Optional<Notice> create(
      DesiredLRP lrp, Context<DesiredLRP> context, Wanted wanted, Observed observed) {
    var secrets = new SecretValues(context.getClient(), lrp.getMetadata().getNamespace());
    Revealed revealed;
    try {
      revealed = Revealed.of(secrets, lrp.getSpec());
    } catch (SecretMissingException missing) {
      return Optional.of(
          isSecretExpected(lrp, SECRET_PATIENCE)
              ? Notice.waiting(LRPReasons.SECRET_MISSING, missing.message())
              : Notice.stalled(LRPReasons.SECRET_MISSING, missing.message()));
    }
    new LRPActions(receptor, lrps()).create(recipes.create(wanted, revealed));
    events.created(lrp, wanted, observed);
    return Optional.empty();
  }

  /** The usual case: it is made right after the resource, which needs no word in the status. */
  private boolean isSecretOnItsWay(DesiredLRP lrp) {
    return isSecretExpected(lrp, SECRET_USUAL);
  }

  private boolean isSecretExpected(DesiredLRP lrp, Duration patience) {
    var created = Instant.parse(lrp.getMetadata().getCreationTimestamp());
    return lrp.getSpec().processGuid() != null
        && AppDraft.needsSecret(lrp)
        && created.plus(patience).isAfter(clock.instant());
  }

  private void act(DesiredLRP lrp, LRPStep step, Observed observed) {
    var actions = new LRPActions(receptor, lrps());
    switch (step) {
      case LRPStep.UpdateVersion(var guid, var update) -> {
        actions.update(guid, update);
        events.updated(lrp, observed);
      }
      case LRPStep.RemoveVersions(var guids) -> guids.forEach(actions::remove);
      case LRPStep.CreateVersion created ->
          throw new IllegalStateException("a version is created with its environment");
      case LRPStep.AwaitRemoval waiting -> {}
      case LRPStep.AwaitInStep waiting -> {}
      case LRPStep.Settled settled -> {}
    }
  }

  private void report(
      DesiredLRP lrp,
      Context<DesiredLRP> context,
      Observed observed,
      LRPStep step,
      Optional<Notice> notice,
      Optional<AppSource.Known> source) {
    var stored = lrp.getStatus();
    var lastCrash = crashes.latest(LRPStatusFactory.shown(lrp, observed), lrp.getSpec(), stored);
    var before = stored == null ? null : stored.staged();
    var staged = source.map(AppSource.Known::staged).orElse(before);
    write(lrp, context, statuses.status(lrp, observed, step, notice, lastCrash, staged));
  }

  private UpdateControl<DesiredLRP> reschedule(LRPStep step, Optional<Notice> notice) {
    var control = UpdateControl.<DesiredLRP>noUpdate();
    return switch (step) {
      // The next step follows at once; a status patch alone does not lead to another pass.
      case LRPStep.CreateVersion done -> control.rescheduleAfter(Duration.ZERO);
      case LRPStep.UpdateVersion done -> control.rescheduleAfter(Duration.ZERO);
      case LRPStep.RemoveVersions done -> control.rescheduleAfter(Duration.ZERO);
      case LRPStep.AwaitInStep waiting -> control.rescheduleAfter(config.resync());
      case LRPStep.AwaitRemoval waiting -> control;
      case LRPStep.Settled settled ->
          notice
              .flatMap(DesiredLRPReconciler::unwatched)
              .map(control::rescheduleAfter)
              .orElse(control);
    };
  }

  /** When to look again at what no event tells of. */
  private static Optional<Duration> unwatched(Notice notice) {
    return switch (notice.reason()) {
      case LRPReasons.SECRET_MISSING ->
          Optional.of(notice.stalled() ? UNWATCHED : SECRET_EXPECTED_SOON);
      case LRPReasons.PROCESS_GUID_IN_USE -> Optional.of(UNWATCHED);
      default -> Optional.empty();
    };
  }

  /** Says so only of a spec that has not been carried out: the others are as they were. */
  private UpdateControl<DesiredLRP> waitForReceptor(DesiredLRP lrp, Context<DesiredLRP> context) {
    var generation = lrp.getMetadata().getGeneration();
    if (lrp.getStatus() == null || !generation.equals(lrp.getStatus().observedGeneration())) {
      write(
          lrp,
          context,
          statuses.withConditions(
              lrp,
              Conditions.reconciling(
                  generation,
                  LRPReasons.RECEPTOR_UNAVAILABLE,
                  "the Receptor does not answer yet")));
    }
    return UpdateControl.<DesiredLRP>noUpdate().rescheduleAfter(config.resync());
  }

  @Override
  public ErrorStatusUpdateControl<DesiredLRP> updateErrorStatus(
      DesiredLRP lrp, Context<DesiredLRP> context, Exception error) {
    var refused =
        error instanceof RecipeException
            || error instanceof ReceptorException r && r.name() == ReceptorErrorName.InvalidLRP;
    var status = statuses.withConditions(lrp, conditions(lrp, error, refused));
    var control =
        LRPStatusFactory.differs(lrp.getStatus(), status)
            ? ErrorStatusUpdateControl.patchStatus(LRPStatusFactory.patch(lrp, status))
            : ErrorStatusUpdateControl.<DesiredLRP>noStatusUpdate();
    return refused ? control.withNoRetry() : control;
  }

  private static List<Condition> conditions(DesiredLRP lrp, Exception error, boolean refused) {
    var generation = lrp.getMetadata().getGeneration();
    if (refused) {
      return Conditions.stalled(
          generation,
          LRPReasons.INVALID_RECIPE,
          (error instanceof RecipeException ? "" : "the Receptor refuses it: ")
              + ((CcBridgeException) error).message());
    }
    if (error instanceof ReceptorException failure) {
      return Conditions.reconciling(
          generation,
          failure.kind() == ErrorKind.UNAVAILABLE
              ? LRPReasons.RECEPTOR_UNAVAILABLE
              : LRPReasons.INTERNAL_ERROR,
          "trying again: " + failure.message());
    }
    var message =
        error instanceof KubernetesClientException api
            ? "trying again: the Kubernetes API answered " + api.getCode()
            : "trying again: the operator's log says more";
    return Conditions.reconciling(generation, LRPReasons.INTERNAL_ERROR, message);
  }

  /** Waits until no instance of any version is left. */
  @Override
  public DeleteControl cleanup(DesiredLRP lrp, Context<DesiredLRP> context) {
    var lrps = lrps();
    if (observer().isForeign(lrp)) {
      return DeleteControl.defaultDelete();
    }
    var identity = LRPIdentity.of(lrp);
    var actions = new LRPActions(receptor, lrps);
    lrps.versions(identity).stream()
        .filter(LRPVersion::isDesired)
        .map(LRPVersion::processGuid)
        .forEach(actions::remove);
    var left = lrps.versions(identity);
    if (left.isEmpty() && lrps.isInStep()) {
      events.deleted(lrp);
      return DeleteControl.defaultDelete();
    }
    if (!left.isEmpty()) {
      reportStopping(lrp, context, left);
    }
    return DeleteControl.noFinalizerRemoval().rescheduleAfter(config.resync().toMillis());
  }

  private void reportStopping(DesiredLRP lrp, Context<DesiredLRP> context, List<LRPVersion> left) {
    var instances = left.stream().mapToInt(v -> v.instances().size()).sum();
    var conditions =
        Conditions.reconciling(
            lrp.getMetadata().getGeneration(),
            LRPReasons.DELETING,
            instances + (instances == 1 ? " instance is" : " instances are") + " stopping");
    write(lrp, context, statuses.withConditions(lrp, conditions));
  }

  private void write(DesiredLRP lrp, Context<DesiredLRP> context, DesiredLRPStatus status) {
    if (!LRPStatusFactory.differs(lrp.getStatus(), status)) {
      return;
    }
    // Kept for the next pass, which may come before the watch has it.
    PrimaryUpdateAndCacheUtils.ssaPatchStatusAndCacheResource(
        lrp, LRPStatusFactory.patch(lrp, status), context);
    events.reported(lrp, status);
  }

  private LRPEventSource lrps() {
    return Objects.requireNonNull(lrps, "event sources are prepared before the first reconcile");
  }

  private LRPObserver observer() {
    return Objects.requireNonNull(
        observer, "event sources are prepared before the first reconcile");
  }
}
