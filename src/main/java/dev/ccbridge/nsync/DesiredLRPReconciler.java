package dev.ccbridge.nsync;

import dev.ccbridge.CcBridgeException;
import dev.ccbridge.ErrorKind;
import dev.ccbridge.api.Api;
import dev.ccbridge.api.DesiredLRP;
import dev.ccbridge.api.DesiredLRPStatus;
import dev.ccbridge.api.LRPReasons;
import dev.ccbridge.api.StagingRequest;
import dev.ccbridge.kube.Conditions;
import dev.ccbridge.kube.EventRecorder;
import dev.ccbridge.nsync.recipe.RecipeException;
import dev.ccbridge.nsync.recipe.RsaKeys;
import dev.ccbridge.receptor.Receptor;
import dev.ccbridge.receptor.model.ReceptorErrorName;
import dev.ccbridge.receptor.model.ReceptorException;
import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.javaoperatorsdk.operator.api.config.informer.InformerEventSourceConfiguration;
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
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.rate.RateLimited;
import io.javaoperatorsdk.operator.processing.event.source.EventSource;
import io.javaoperatorsdk.operator.processing.event.source.informer.InformerEventSource;
import io.javaoperatorsdk.operator.processing.retry.GradualRetry;
import java.time.Clock;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

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
    maxReconciliationInterval =
        @MaxReconciliationInterval(interval = 5, timeUnit = TimeUnit.MINUTES))
@GradualRetry(
    maxAttempts = DesiredLRPReconciler.WITHOUT_END,
    initialInterval = 1000,
    intervalMultiplier = 1.5,
    maxInterval = 60_000)
@RateLimited(maxReconciliations = 20, within = 10)
public final class DesiredLRPReconciler implements Reconciler<DesiredLRP>, Cleaner<DesiredLRP> {
  static final int WITHOUT_END = -1;
  private static final String BY_STAGING_REQUEST = "lrp-staging-request";

  /** Until something that we do not watch is looked at again: a Secret, another's process guid. */
  private static final Duration UNWATCHED = Duration.ofSeconds(30);

  private final NsyncConfig config;
  private final Receptor receptor;
  private final LRPRecipes recipes;
  private final CrashReports crashes;
  private final LRPStatusFactory statuses;
  private final LRPEvents events;
  private @Nullable LRPEventSource lrps;
  private @Nullable InformerEventSource<StagingRequest, DesiredLRP> stagingRequests;

  /**
   * @param receptor stays open when the reconciler stops
   * @param events stays open too
   */
  public DesiredLRPReconciler(
      NsyncConfig config,
      Receptor receptor,
      DropletUrls droplets,
      EventRecorder events,
      Clock clock) {
    this.config = config;
    this.receptor = receptor;
    this.recipes = new LRPRecipes(config, new RsaKeys(config.sshKeyBits()), droplets);
    this.crashes = new CrashReports(receptor);
    this.statuses = new LRPStatusFactory(clock);
    this.events = new LRPEvents(events);
  }

  @Override
  public List<EventSource<?, DesiredLRP>> prepareEventSources(
      EventSourceContext<DesiredLRP> context) {
    var resources = context.getPrimaryCache();
    resources.addIndexers(Map.of(BY_STAGING_REQUEST, lrp -> stagingRequestKeys(lrp)));
    var source = new LRPEventSource(receptor, config, resources, context.getClient());
    var informer =
        new InformerEventSource<StagingRequest, DesiredLRP>(
            InformerEventSourceConfiguration.from(StagingRequest.class, DesiredLRP.class)
                .withSecondaryToPrimaryMapper(
                    request ->
                        resources
                            .byIndex(BY_STAGING_REQUEST, key(ResourceID.fromResource(request)))
                            .stream()
                            .map(ResourceID::fromResource)
                            .collect(Collectors.toSet()))
                .withPrimaryToSecondaryMapper(
                    (DesiredLRP lrp) -> stagingRequest(lrp).map(Set::of).orElse(Set.of()))
                .withOnUpdateFilter((fresh, old) -> outcomeDiffers(fresh, old))
                .build(),
            context);
    lrps = source;
    stagingRequests = informer;
    return List.of(source, informer);
  }

  @Override
  public UpdateControl<DesiredLRP> reconcile(DesiredLRP lrp, Context<DesiredLRP> context) {
    var lrps = lrps();
    if (!lrps.isLoaded()) {
      return waitForReceptor(lrp, context);
    }
    var plan = plan(lrp);
    var observed = observe(lrp, plan);
    var step = LRPStep.next(observed);
    var notice = plan.notice();
    if (step instanceof LRPStep.CreateVersion(var wanted)) {
      var environment =
          SecretValues.resolve(
              context.getClient(), lrp.getMetadata().getNamespace(), lrp.getSpec().environment());
      switch (environment) {
        case SecretValues.Missing(var missing) -> {
          notice = Optional.of(missing);
          step = new LRPStep.Settled();
        }
        case SecretValues.Resolved(var values) -> {
          new LRPActions(receptor, lrps).create(recipes.create(wanted, values));
          events.created(lrp, wanted, observed);
        }
      }
    } else {
      act(lrp, step, observed);
    }
    report(lrp, context, observe(lrp, plan), step, notice, plan.source());
    return reschedule(step, notice);
  }

  /** The version that shall run, or why it cannot be told. */
  private record Plan(
      Optional<Wanted> wanted, Optional<Notice> notice, Optional<AppSource.Known> source) {}

  private Plan plan(DesiredLRP lrp) {
    var elder = elder(lrp);
    if (elder.isPresent()) {
      return new Plan(Optional.empty(), elder, Optional.empty());
    }
    return switch (AppSource.of(
        lrp, stagingRequest(lrp).flatMap(id -> stagingRequests().get(id)))) {
      case AppSource.Unknown(var notice) ->
          new Plan(Optional.empty(), Optional.of(notice), Optional.empty());
      case AppSource.Known known -> plan(lrp, known);
    };
  }

  private Plan plan(DesiredLRP lrp, AppSource.Known source) {
    try {
      return new Plan(Optional.of(recipes.plan(lrp, source)), source.notice(), Optional.of(source));
    } catch (RecipeException invalid) {
      var notice = Notice.stalled(LRPReasons.INVALID_RECIPE, invalid.message());
      return new Plan(Optional.empty(), Optional.of(notice), Optional.of(source));
    }
  }

  /** Of several resources with the same guid only the oldest has a say. */
  private Optional<Notice> elder(DesiredLRP lrp) {
    return lrps().owners(LRPIdentity.of(lrp)).stream()
        .min(
            Comparator.comparing((DesiredLRP o) -> o.getMetadata().getCreationTimestamp())
                .thenComparing(o -> o.getMetadata().getUid()))
        .filter(oldest -> !oldest.getMetadata().getUid().equals(lrp.getMetadata().getUid()))
        .map(
            oldest ->
                Notice.stalled(
                    LRPReasons.PROCESS_GUID_IN_USE,
                    "spec.processGuid belongs to an older DesiredLRP: choose another guid, or"
                        + " delete the older one"));
  }

  private Observed observe(DesiredLRP lrp, Plan plan) {
    // Of a guid that belongs to another resource nothing is ours.
    var foreign =
        plan.notice().filter(n -> n.reason().equals(LRPReasons.PROCESS_GUID_IN_USE)).isPresent();
    var versions = foreign ? List.<LRPVersion>of() : lrps().versions(LRPIdentity.of(lrp));
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
        plan.wanted(), change, versions, Apps.strategy(lrp.getSpec()), lrps().isInStep());
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
          notice.filter(DesiredLRPReconciler::isUnwatched).isPresent()
              ? control.rescheduleAfter(UNWATCHED)
              : control;
    };
  }

  private static boolean isUnwatched(Notice notice) {
    return notice.reason().equals(LRPReasons.SECRET_MISSING)
        || notice.reason().equals(LRPReasons.PROCESS_GUID_IN_USE);
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
    var refused = error instanceof ReceptorException r && r.name() == ReceptorErrorName.InvalidLRP;
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
          "the Receptor refuses it: " + ((CcBridgeException) error).message());
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
    if (elder(lrp).isPresent()) {
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

  private static boolean outcomeDiffers(StagingRequest fresh, StagingRequest old) {
    var now = fresh.getStatus();
    var before = old.getStatus();
    return now == null
        || before == null
        || now.phase() != before.phase()
        || !Objects.equals(now.result(), before.result())
        || !Objects.equals(now.failure(), before.failure());
  }

  private static Optional<ResourceID> stagingRequest(DesiredLRP lrp) {
    return Optional.ofNullable(lrp.getSpec().source().stagingRequestRef())
        .map(ref -> new ResourceID(ref.name(), lrp.getMetadata().getNamespace()));
  }

  private static List<String> stagingRequestKeys(DesiredLRP lrp) {
    return stagingRequest(lrp).map(DesiredLRPReconciler::key).stream().toList();
  }

  private static String key(ResourceID id) {
    return id.getNamespace().orElse("") + "/" + id.getName();
  }

  private LRPEventSource lrps() {
    return Objects.requireNonNull(lrps, "event sources are prepared before the first reconcile");
  }

  private InformerEventSource<StagingRequest, DesiredLRP> stagingRequests() {
    return Objects.requireNonNull(
        stagingRequests, "event sources are prepared before the first reconcile");
  }
}
