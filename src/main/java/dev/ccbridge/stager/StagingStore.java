package dev.ccbridge.stager;

import dev.ccbridge.api.StagingRequest;
import dev.ccbridge.kube.Labels;
import dev.ccbridge.kube.MergePatch;
import dev.ccbridge.secrets.InlineSecrets;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.StatusCause;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.Resource;
import java.net.HttpURLConnection;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Puts what CC sends into the Kubernetes API: the resource, then the Secret that it needs to begin.
 * Whatever goes wrong, CC is told the truth: what it was told has failed is taken back, and a
 * leftover without its Secret is never begun and failed after a while. Thread-safe.
 */
final class StagingStore {
  private static final Logger LOG = LoggerFactory.getLogger(StagingStore.class);

  /** CC waits for 10 s. */
  static final Duration PATIENCE = Duration.ofSeconds(7);

  /** More at a time only makes the API server slower for all. */
  private static final int WRITES_AT_A_TIME = 32;

  /** More than that are sent away. */
  private static final int MAX_WAITING = 2000;

  private static final Duration TAKE_BACK_RETRY = Duration.ofSeconds(5);
  private static final int TAKE_BACK_ATTEMPTS = 120;

  /** Invalid, or too large: no repetition helps. */
  private static final Set<Integer> REFUSALS = Set.of(400, 413, 422);

  /** What became of a request. */
  sealed interface Outcome {
    /** All of it is stored; {@code created}: by this very call, and not before it. */
    record Stored(StagingRequest request, boolean created) implements Outcome {}

    /** The API server will never take it; {@code why} names fields, but no values. */
    record Refused(String why) implements Outcome {}

    /** Another try may help. */
    record Unavailable(String why) implements Outcome {}
  }

  private final KubernetesClient client;
  private final InlineValues values;
  private final String namespace;
  private final ScheduledExecutorService timer;
  private final Semaphore room = new Semaphore(WRITES_AT_A_TIME, true);

  /**
   * @param timer runs short work on virtual threads
   */
  StagingStore(
      KubernetesClient client,
      InlineValues values,
      String namespace,
      ScheduledExecutorService timer) {
    this.client = client;
    this.values = values;
    this.namespace = namespace;
    this.timer = timer;
  }

  /**
   * The resource of this name, as the API server has it.
   *
   * @throws KubernetesClientException when it cannot be asked
   */
  Optional<StagingRequest> find(String name) {
    return Optional.ofNullable(named(name).get());
  }

  /**
   * Has a staging stopped.
   *
   * @return false when it is gone meanwhile
   * @throws KubernetesClientException when the API server does not take it
   */
  boolean cancel(String name) {
    try {
      MergePatch.apply(
          client.resources(StagingRequest.class).inNamespace(namespace),
          new StagingRequest(),
          name,
          "{\"spec\":{\"cancel\":true}}");
      return true;
    } catch (KubernetesClientException failure) {
      if (failure.getCode() == HttpURLConnection.HTTP_NOT_FOUND) {
        return false;
      }
      throw failure;
    }
  }

  /** Stores all of a request, within {@link #PATIENCE}. */
  Outcome store(StagingRequest request, InlineSecrets secrets) throws InterruptedException {
    if (room.getQueueLength() >= MAX_WAITING) {
      return new Outcome.Unavailable("more than " + MAX_WAITING + " requests wait");
    }
    var begin = System.nanoTime();
    if (!room.tryAcquire(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
      return new Outcome.Unavailable("no turn within " + PATIENCE.toSeconds() + " s");
    }
    var outcome = new CompletableFuture<Outcome>();
    Thread.ofVirtual()
        .name("stager-store")
        .start(
            () -> {
              try {
                outcome.complete(create(request, secrets));
              } catch (RuntimeException unexpected) {
                outcome.completeExceptionally(unexpected);
              } finally {
                room.release();
              }
            });
    try {
      var left = PATIENCE.minusNanos(System.nanoTime() - begin);
      return outcome.get(left.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException slow) {
      // CC is told that it failed, so it must not be carried out if it succeeds after all.
      var unused = outcome.thenAccept(this::takeBack);
      return new Outcome.Unavailable("no answer within " + PATIENCE.toSeconds() + " s");
    } catch (ExecutionException unexpected) {
      throw new IllegalStateException(unexpected.getCause());
    }
  }

  private Outcome create(StagingRequest request, InlineSecrets secrets) {
    StagingRequest created;
    try {
      created = client.resource(request).create();
    } catch (KubernetesClientException failure) {
      return failure.getCode() == HttpURLConnection.HTTP_CONFLICT
          ? withSecretOfExisting(request, secrets)
          : outcome(failure);
    }
    try {
      createSecret(created, secrets);
      return new Outcome.Stored(created, true);
    } catch (KubernetesClientException failure) {
      if (isComplete(created)) {
        return new Outcome.Stored(created, true);
      }
      takeBack(created, 1);
      return outcome(failure);
    }
  }

  /** CC asks again for what it asked before, or the first answer was lost. */
  private Outcome withSecretOfExisting(StagingRequest request, InlineSecrets secrets) {
    try {
      var existing = find(request.getMetadata().getName());
      if (existing.isEmpty() || existing.get().isMarkedForDeletion()) {
        return new Outcome.Unavailable("a resource of the same name is just being deleted");
      }
      var stored = existing.get();
      if (!isFor(stored, Staging.taskGuid(request))) {
        return new Outcome.Refused("metadata.name: is used by a request that is not for this guid");
      }
      if (!Staging.isFinal(stored) && !values.isComplete(stored)) {
        createSecret(stored, secrets);
      }
      return new Outcome.Stored(stored, false);
    } catch (KubernetesClientException failure) {
      return outcome(failure);
    }
  }

  /** Whether a resource is what CC means by a guid; a name may be shared by two spellings of it. */
  static boolean isFor(StagingRequest request, String stagingGuid) {
    return stagingGuid.equals(request.getSpec().stagingGuid());
  }

  private void createSecret(StagingRequest owner, InlineSecrets secrets) {
    try {
      var resource = secret(owner, secrets);
      resource.create();
    } catch (KubernetesClientException failure) {
      if (failure.getCode() != HttpURLConnection.HTTP_CONFLICT || !values.isComplete(owner)) {
        throw failure;
      }
    }
  }

  private Resource<Secret> secret(StagingRequest owner, InlineSecrets secrets) {
    return client.resource(secrets.secret(owner, Labels.managed()));
  }

  private boolean isComplete(StagingRequest request) {
    try {
      return values.isComplete(request);
    } catch (KubernetesClientException unknown) {
      return false;
    }
  }

  private void takeBack(Outcome late) {
    if (late instanceof Outcome.Stored(var request, var created) && created) {
      takeBack(request, 1);
    }
  }

  /** Until it is done: what is left must not be begun, and not stay for ever. */
  private void takeBack(StagingRequest created, int attempt) {
    try {
      var name = created.getMetadata().getName();
      var current = find(name);
      if (current.isPresent()
          && current.get().getMetadata().getUid().equals(created.getMetadata().getUid())) {
        var version = current.get().getMetadata().getResourceVersion();
        client.resource(current.get()).lockResourceVersion(version).delete();
        LOG.warn("request taken back namespace={} name={}", namespace, name);
      }
    } catch (KubernetesClientException failure) {
      if (attempt < TAKE_BACK_ATTEMPTS && !timer.isShutdown()) {
        var unused =
            timer.schedule(
                () -> Thread.ofVirtual().start(() -> takeBack(created, attempt + 1)),
                failure.getCode() == HttpURLConnection.HTTP_CONFLICT
                    ? 0
                    : TAKE_BACK_RETRY.toMillis(),
                TimeUnit.MILLISECONDS);
      }
    }
  }

  private static Outcome outcome(KubernetesClientException failure) {
    if (REFUSALS.contains(failure.getCode())) {
      return new Outcome.Refused(
          "the Kubernetes API refused it with status " + failure.getCode() + fields(failure));
    }
    return new Outcome.Unavailable(
        failure.getCode() == 0
            ? "the Kubernetes API cannot be reached"
            : "the Kubernetes API answered with status " + failure.getCode());
  }

  /** Which fields it refused; its whole message repeats their values. */
  private static String fields(KubernetesClientException failure) {
    var status = failure.getStatus();
    return status == null || status.getDetails() == null
        ? ""
        : status.getDetails().getCauses().stream()
            .map(StatusCause::getField)
            .collect(Collectors.joining(", ", ", for ", ""));
  }

  private Resource<StagingRequest> named(String name) {
    return client.resources(StagingRequest.class).inNamespace(namespace).withName(name);
  }
}
