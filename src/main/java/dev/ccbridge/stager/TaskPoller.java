package dev.ccbridge.stager;

import dev.ccbridge.api.StagingRequest;
import dev.ccbridge.api.StagingRequestStatus.Phase;
import dev.ccbridge.receptor.Receptor;
import dev.ccbridge.receptor.model.ReceptorException;
import dev.ccbridge.receptor.model.TaskResponse;
import java.time.Clock;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks at the Receptor's tasks, one list per domain in which something is unfinished, and has
 * those requests looked at of which something has changed. The callback is faster; this finds what
 * no callback tells: progress, lost tasks, lost callbacks, and tasks whose request is gone.
 *
 * <p>{@link #poll} is called by one thread.
 */
final class TaskPoller {
  private static final Logger LOG = LoggerFactory.getLogger(TaskPoller.class);
  private final Receptor receptor;
  private final StagingState state;
  private final StagingStatusFactory statuses;
  private final StagingCleanup cleanup;
  private final CallbackTokens tokens;
  private final StagerConfig config;
  private final Clock clock;
  private Instant nextSweep = Instant.MIN;
  private boolean reachable = true;

  TaskPoller(
      Receptor receptor,
      StagingState state,
      StagingStatusFactory statuses,
      StagingCleanup cleanup,
      CallbackTokens tokens,
      StagerConfig config,
      Clock clock) {
    this.receptor = receptor;
    this.state = state;
    this.statuses = statuses;
    this.cleanup = cleanup;
    this.tokens = tokens;
    this.config = config;
    this.clock = clock;
  }

  /** Looks once. */
  void poll() {
    try {
      state.requests().unfinished().stream()
          .collect(Collectors.groupingBy(Staging::domain))
          .forEach(this::pollDomain);
      if (!clock.instant().isBefore(nextSweep)) {
        nextSweep = clock.instant().plus(config.sweepInterval());
        sweep();
      }
      reachable = true;
    } catch (ReceptorException failure) {
      if (reachable) {
        LOG.warn("tasks cannot be listed error={} message={}", failure.name(), failure.message());
      }
      reachable = false;
    }
  }

  private void pollDomain(String domain, List<StagingRequest> requests) {
    var tasks =
        receptor.tasks(domain).stream()
            .collect(Collectors.toMap(TaskResponse::taskGuid, Function.identity(), (a, b) -> a));
    for (var request : requests) {
      if (hasNews(request, tasks.get(Staging.taskGuid(request)))) {
        state.signal(request);
      }
    }
  }

  private boolean hasNews(StagingRequest request, @Nullable TaskResponse task) {
    if (state.awaitsReceptor(request)) {
      return true;
    }
    if (task == null) {
      return Staging.phase(request) == Phase.STAGING;
    }
    return Stager.isFinished(task)
        || request.getSpec().cancelRequested()
        || !statuses.progressed(request, task).equals(request.getStatus());
  }

  /** Tasks that nobody waits for: of requests that are finished, or gone. */
  private void sweep() {
    var orphans = new LinkedHashMap<String, String>();
    for (var task : receptor.tasks("")) {
      var uid = Staging.isOurDomain(task.domain()) ? tokens.uidOf(task) : Optional.<String>empty();
      if (uid.isEmpty()) {
        continue;
      }
      var request = state.requests().withUid(uid.get());
      if (request.isEmpty()) {
        orphans.put(task.taskGuid(), uid.get());
      } else if (Staging.isFinal(request.get()) && !Staging.awaitsDelivery(request.get())) {
        state.knownTasks().put(task);
        state.signal(request.get());
      }
    }
    if (!orphans.isEmpty()) {
      removeOrphans(orphans);
    }
  }

  /**
   * A request is stored before its task is made, so a list of requests that is taken after the list
   * of tasks tells for certain which tasks have none.
   *
   * @param orphans task guid to the uid of its request
   */
  private void removeOrphans(Map<String, String> orphans) {
    var present = state.requests().latestUids();
    orphans.forEach(
        (guid, uid) -> {
          if (!present.contains(uid)) {
            LOG.info("task without a request removed taskGuid={}", guid);
            cleanup.isOrphanGone(guid, uid);
          }
        });
  }
}
