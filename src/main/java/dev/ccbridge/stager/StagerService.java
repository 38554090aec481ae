package dev.ccbridge.stager;

import dev.ccbridge.api.StagingRequest;
import dev.ccbridge.cloudcontroller.client.CloudControllerClient;
import dev.ccbridge.kube.EventRecorder;
import dev.ccbridge.receptor.Receptor;
import dev.ccbridge.secrets.SecretEnvironment;
import dev.ccbridge.web.Router;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.javaoperatorsdk.operator.processing.event.source.inbound.SimpleInboundEventSource;
import java.time.Clock;
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
  private final StagingRequestReconciler reconciler;
  private final CompletionHandler completions;
  private final TaskPoller poller;
  private final StagerConfig config;
  private final ScheduledExecutorService timer =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofVirtual().name("stager-poll-", 0).factory());

  /**
   * Closes none of what it is given.
   *
   * @param clock of statuses and time limits; must not be far from the Receptor's
   */
  public StagerService(
      StagerConfig config,
      Receptor receptor,
      CloudControllerClient cloudController,
      ArtifactUrls artifacts,
      KubernetesClient client,
      EventRecorder events,
      Clock clock) {
    this.config = config;
    var tokens = new CallbackTokens(config.stagerUrl(), config.callbackKey());
    var requests = new StagingRequests(client);
    var state =
        new StagingState(
            requests,
            new Completions(),
            new KnownTasks(),
            new SimpleInboundEventSource<StagingRequest>("receptor-tasks"));
    var statuses = new StagingStatusFactory(clock);
    var cleanup = new StagingCleanup(receptor, artifacts, tokens, state);
    var actions =
        new StagingActions(
            receptor,
            cloudController,
            new StagingRecipes(config, artifacts, tokens),
            new SecretEnvironment(client),
            statuses,
            requests,
            state.knownTasks(),
            events,
            config);
    this.reconciler =
        new StagingRequestReconciler(
            new Stager(tokens, clock), receptor, actions, cleanup, statuses, state);
    this.completions = new CompletionHandler(tokens, state, config.callbackPatience());
    this.poller = new TaskPoller(receptor, state, statuses, cleanup, tokens, config, clock);
  }

  /** To be registered with the operator. */
  public StagingRequestReconciler reconciler() {
    return reconciler;
  }

  /** The completion callback, which the Receptor calls. */
  public void addRoutes(Router router) {
    router.route("POST", "/v1/staging/:staging_guid/completed", completions);
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
