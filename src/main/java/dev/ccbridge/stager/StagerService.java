package dev.ccbridge.stager;

import dev.ccbridge.api.StagingRequest;
import dev.ccbridge.cloudcontroller.client.CloudControllerClient;
import dev.ccbridge.kube.EventRecorder;
import dev.ccbridge.receptor.Receptor;
import dev.ccbridge.tracing.Traces;
import dev.ccbridge.web.Handler;
import dev.ccbridge.web.Router;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.javaoperatorsdk.operator.processing.event.source.inbound.SimpleInboundEventSource;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The whole stager, put together.
 *
 * <p>In this order: {@link #addRoutes}, register {@link #reconciler} with the operator, start the
 * operator, {@link #start}. At the end: {@link #close}, then the operator.
 */
public final class StagerService implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(StagerService.class);
  private static final String STAGING = "/v1/staging/:staging_guid";
  private final StagingRequestReconciler reconciler;
  private final CompletionHandler completions;
  private final TaskPoller poller;
  private final DockerRegistries registries;
  private final Optional<Handler> staging;
  private final Optional<Handler> stopping;
  private final StagerConfig config;
  private final ScheduledExecutorService timer =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofVirtual().name("stager-poll-", 0).factory());

  /**
   * Closes none of what it is given.
   *
   * @param clock of statuses and time limits; must not be far from the Receptor's
   * @param traced where the trace of each staging goes; stays open
   * @param meters where stagings are counted, as the original did and beyond it
   */
  public StagerService(
      StagerConfig config,
      Receptor receptor,
      CloudControllerClient cloudController,
      ArtifactUrls artifacts,
      KubernetesClient client,
      EventRecorder events,
      Clock clock,
      MeterRegistry meters,
      Traces traced) {
    this.config = config;
    this.registries = new DockerRegistries(config.consulCluster(), clock);
    var metrics = new StagingMetrics(meters, clock);
    var values = new InlineValues(client);
    var tokens = new CallbackTokens(config.stagerUrl(), config.callbackKey());
    var requests = new StagingRequests(client, config.namespaces());
    metrics.watch(requests::all);
    var traces = new StagingTraces(traced, clock);
    var state =
        new StagingState(
            requests,
            new Completions(),
            new KnownTasks(),
            new SimpleInboundEventSource<StagingRequest>("receptor-tasks"));
    var statuses = new StagingStatusFactory(clock, config.egressGaps());
    var cleanup = new StagingCleanup(receptor, artifacts, tokens, state);
    var recipes = new StagingRecipes(config, artifacts, tokens, registries);
    var actions =
        new StagingActions(
            receptor,
            cloudController,
            recipes,
            values,
            statuses,
            requests,
            state.knownTasks(),
            events,
            metrics,
            traces,
            config,
            clock);
    this.reconciler =
        new StagingRequestReconciler(
            new Stager(tokens, clock), receptor, actions, cleanup, statuses, state);
    this.completions = new CompletionHandler(tokens, state, traces, config.callbackPatience());
    var store = new StagingStore(client, values, config.ccNamespace(), timer);
    this.staging =
        config
            .ccBaseUrl()
            .map(
                cc ->
                    new StagingHandler(
                        recipes, store, metrics, traces, state::signal, cc, config.ccNamespace()));
    this.stopping = config.ccBaseUrl().map(cc -> new StopStagingHandler(store, receptor, metrics));
    this.poller = new TaskPoller(receptor, state, statuses, cleanup, tokens, config, clock);
  }

  /** To be registered with the operator. */
  public StagingRequestReconciler reconciler() {
    return reconciler;
  }

  /**
   * The completion callback, which the Receptor calls, and, where there is a Cloud Controller, the
   * routes that it calls.
   */
  public void addRoutes(Router router) {
    router.route("POST", "/v1/staging/:staging_guid/completed", completions);
    staging.ifPresent(handler -> router.route("PUT", STAGING, handler));
    stopping.ifPresent(handler -> router.route("DELETE", STAGING, handler));
  }

  /** Once the operator has started: all its caches are filled. */
  public void start() {
    completions.open();
    var pause = config.pollInterval().toMillis();
    var unused = timer.scheduleWithFixedDelay(this::poll, 0, pause, TimeUnit.MILLISECONDS);
  }

  @Override
  public void close() {
    completions.close();
    timer.shutdownNow();
    registries.close();
  }

  /** A timer never calls again what has thrown once. */
  private void poll() {
    try {
      poller.poll();
    } catch (RuntimeException unexpected) {
      LOG.error("poll failed", unexpected);
    }
  }
}
