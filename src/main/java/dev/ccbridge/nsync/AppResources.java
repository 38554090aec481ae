package dev.ccbridge.nsync;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.ccbridge.CcBridgeException;
import dev.ccbridge.ErrorKind;
import dev.ccbridge.api.DesiredLRP;
import dev.ccbridge.api.DesiredLRPSpec;
import dev.ccbridge.cloudcontroller.model.DesireAppRequestFromCC;
import dev.ccbridge.kube.Labels;
import dev.ccbridge.kube.MergePatch;
import dev.ccbridge.kube.Names;
import dev.ccbridge.kube.OwnerReferences;
import dev.ccbridge.nsync.recipe.LRPOptions;
import dev.ccbridge.nsync.recipe.LRPRecipeBuilder;
import dev.ccbridge.secrets.InlineSecrets;
import io.fabric8.kubernetes.api.model.KubernetesResourceList;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.RequestConfigBuilder;
import io.fabric8.kubernetes.client.dsl.NonNamespaceOperation;
import io.fabric8.kubernetes.client.dsl.Resource;
import java.net.HttpURLConnection;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Cloud Controller's apps as resources; nobody else writes these. Whether the Receptor can carry
 * them out is the reconciler's matter, which repeats it.
 *
 * <p>Thread-safe; each call asks the Kubernetes API one to four times, one request after the other.
 */
public final class AppResources {
  private static final int TIMEOUT_MILLIS = 10_000;
  private static final int RETRIES = 2;
  private static final int SECRET_ATTEMPTS = 3;
  private static final Duration POLL = Duration.ofMillis(100);

  private final NsyncConfig config;
  private final KubernetesClient client;

  /**
   * @param client stays open
   */
  public AppResources(NsyncConfig config, KubernetesClient client) {
    this.config = config;
    // Left to itself the client tries for more than a minute while nothing answers.
    this.client =
        client
            .newClient(
                new RequestConfigBuilder(client.getConfiguration().getRequestConfig())
                    .withRequestTimeout(TIMEOUT_MILLIS)
                    .withRequestRetryBackoffLimit(RETRIES)
                    .build())
            .adapt(KubernetesClient.class);
  }

  /**
   * Stores that {@code app} shall run, for a caller that does not know what the Receptor has: an
   * app with a resource is updated, another one is new.
   *
   * @throws dev.ccbridge.nsync.recipe.RecipeException see {@link #desire(DesireAppRequestFromCC,
   *     boolean)}
   * @throws KubernetesClientException see there
   * @throws CcBridgeException see there
   */
  public void desire(DesireAppRequestFromCC app) {
    desire(app, find(app.processGuid()), Optional.empty());
  }

  /**
   * Stores that {@code app} shall run. A new resource says all of the message; of one that is there
   * only instances, routes, etag and docker's metadata are written, and nothing when they are as
   * wanted. A resource that is being deleted is waited for until it is gone, for {@code
   * config.deletionPatience()}; then it is a new one.
   *
   * @param running whether the Receptor has an LRP of this guid; then only the app's port has to be
   *     tellable from the message, unless there is no resource yet, which takes a complete one
   * @throws dev.ccbridge.nsync.recipe.RecipeException when no recipe can be made of the message;
   *     nothing was written
   * @throws KubernetesClientException when the API server refuses (422: the schema), or does not
   *     answer
   * @throws CcBridgeException INVALID_REQUEST when a resource has no words for the message,
   *     UNAVAILABLE when the old resource is still being deleted, CONFLICT when its name, or its
   *     Secret's, is taken by something else
   */
  public void desire(DesireAppRequestFromCC app, boolean running) {
    // What is not running is new as a rule: then the first look is not needed.
    var known = running ? find(app.processGuid()) : Optional.<DesiredLRP>empty();
    desire(app, known, Optional.of(running));
  }

  private void desire(
      DesireAppRequestFromCC app, Optional<DesiredLRP> known, Optional<Boolean> running) {
    check(app, running.orElse(known.isPresent()));
    var deadline = System.nanoTime() + config.deletionPatience().toNanos();
    var stored = known;
    while (!write(app, stored)) {
      if (System.nanoTime() - deadline > 0) {
        throw new CcBridgeException(
            ErrorKind.UNAVAILABLE,
            where(app.processGuid())
                + " is still being deleted, its instances are stopping: try again");
      }
      pause();
      stored = find(app.processGuid());
    }
  }

  /**
   * Stores that this app shall not run any more.
   *
   * @return whether there is a resource of it; if not, nothing was done
   * @throws KubernetesClientException when the API server refuses or does not answer
   */
  public boolean delete(String processGuid) {
    var stored = Optional.ofNullable(named(processGuid).get());
    if (stored.filter(lrp -> isOf(lrp, processGuid)).isEmpty()) {
      return false;
    }
    return stored.get().isMarkedForDeletion() || !named(processGuid).delete().isEmpty();
  }

  /** As the original does before it asks the Receptor for anything. */
  private void check(DesireAppRequestFromCC app, boolean update) {
    var builder = LRPRecipeBuilder.of(app, config.recipe(), LRPRecipes.NO_KEYS);
    if (update) {
      builder.port(app, LRPOptions.CLOUD_CONTROLLER);
    } else {
      builder.create(app, LRPOptions.CLOUD_CONTROLLER);
    }
  }

  /** False: somebody else, or the deletion of a namesake, came between. */
  private boolean write(DesireAppRequestFromCC app, Optional<DesiredLRP> stored) {
    if (stored.isEmpty()) {
      return create(app);
    }
    return !stored.get().isMarkedForDeletion() && update(app, stored.get());
  }

  private boolean create(DesireAppRequestFromCC app) {
    check(app, false);
    var draft = AppDraft.of(app, config.ccNamespace());
    DesiredLRP created;
    try {
      created = client.resource(draft.resource()).create();
    } catch (KubernetesClientException refused) {
      if (refused.getCode() == HttpURLConnection.HTTP_CONFLICT) {
        return false;
      }
      throw refused;
    }
    keepSecret(created, draft.secrets());
    return true;
  }

  private boolean update(DesireAppRequestFromCC app, DesiredLRP stored) {
    var spec = change(app, stored.getSpec());
    // A create that was interrupted left none.
    var restored =
        isSecretMissing(stored) ? Optional.of(restored(app)) : Optional.<AppDraft>empty();
    restored.ifPresent(draft -> putSecretOnes(spec, draft));
    if (!spec.isEmpty() && !patch(app.processGuid(), spec)) {
      return false;
    }
    restored.ifPresent(draft -> keepSecret(stored, draft.secrets()));
    return true;
  }

  /** False: it is being deleted, or gone. */
  private boolean patch(String processGuid, ObjectNode spec) {
    var patch = JsonNodeFactory.instance.objectNode().set("spec", spec);
    try {
      var name = Names.fromGuid(processGuid);
      return !MergePatch.apply(all(), new DesiredLRP(), name, patch.toString())
          .isMarkedForDeletion();
    } catch (KubernetesClientException refused) {
      if (refused.getCode() == HttpURLConnection.HTTP_NOT_FOUND) {
        return false;
      }
      throw refused;
    }
  }

  /**
   * The members that an update sets, all of them when one differs: of two updates at once the later
   * one holds, not a mixture. Null takes a member away.
   */
  private static ObjectNode change(DesireAppRequestFromCC app, DesiredLRPSpec stored) {
    var docker = !app.dockerImage().isEmpty() && stored.source().docker() != null;
    var same =
        Objects.equals(stored.instances(), app.numInstances())
            && Objects.equals(stored.routes(), AppDraft.routes(app))
            && orEmpty(stored.etag()).equals(app.etag())
            && (!docker || orEmpty(stored.executionMetadata()).equals(app.executionMetadata()));
    var spec = JsonNodeFactory.instance.objectNode();
    if (same) {
      return spec;
    }
    var routes = AppDraft.routes(app);
    spec.put("instances", app.numInstances());
    spec.put("etag", orNull(app.etag()));
    if (routes == null) {
      spec.putNull("routes");
    } else {
      var array = spec.putArray("routes");
      routes.forEach(route -> array.addObject().put("hostname", route.hostname()));
    }
    if (docker) {
      spec.put("executionMetadata", orNull(app.executionMetadata()));
    }
    return spec;
  }

  private AppDraft restored(DesireAppRequestFromCC app) {
    check(app, false);
    return AppDraft.of(app, config.ccNamespace());
  }

  /** What refers to the Secret is of the same message as its content. */
  private void putSecretOnes(ObjectNode spec, AppDraft draft) {
    var mapper = client.getKubernetesSerialization();
    var whole = mapper.convertValue(draft.resource().getSpec(), ObjectNode.class);
    for (var member : List.of("environment", "source")) {
      spec.set(member, whole.get(member));
    }
  }

  private boolean isSecretMissing(DesiredLRP stored) {
    if (!AppDraft.needsSecret(stored)) {
      return false;
    }
    var found = secret(stored.getMetadata().getName());
    return found == null || !OwnerReferences.isOwned(found, stored);
  }

  private void keepSecret(DesiredLRP owner, InlineSecrets secrets) {
    if (secrets.isEmpty()) {
      return;
    }
    var wanted = secrets.secret(owner, Labels.managed());
    for (var attempt = 0; attempt < SECRET_ATTEMPTS; attempt++) {
      if (isCreated(wanted)) {
        return;
      }
      var found = secret(wanted.getMetadata().getName());
      if (found != null && OwnerReferences.isOwned(found, owner)) {
        return;
      }
      if (found != null) {
        removeLeftOver(found);
      }
    }
    throw taken("Secret " + config.ccNamespace() + "/" + wanted.getMetadata().getName());
  }

  private boolean isCreated(Secret wanted) {
    try {
      client.resource(wanted).create();
      return true;
    } catch (KubernetesClientException refused) {
      if (refused.getCode() == HttpURLConnection.HTTP_CONFLICT) {
        return false;
      }
      throw refused;
    }
  }

  /** The Secret of a namesake that was deleted: the cluster has not removed it yet. */
  private void removeLeftOver(Secret found) {
    var labels = Objects.requireNonNullElse(found.getMetadata().getLabels(), Map.of());
    if (!Labels.CC_BRIDGE.equals(labels.get(Labels.MANAGED_BY))) {
      throw taken("Secret " + config.ccNamespace() + "/" + found.getMetadata().getName());
    }
    client.resource(found).delete();
  }

  private @Nullable Secret secret(String name) {
    return client.secrets().inNamespace(config.ccNamespace()).withName(name).get();
  }

  /**
   * @throws CcBridgeException CONFLICT when the name belongs to something else
   */
  private Optional<DesiredLRP> find(String processGuid) {
    var found = Optional.ofNullable(named(processGuid).get());
    if (found.isPresent() && !isOf(found.get(), processGuid)) {
      throw taken(where(processGuid));
    }
    return found;
  }

  private Resource<DesiredLRP> named(String processGuid) {
    return all().withName(Names.fromGuid(processGuid));
  }

  private NonNamespaceOperation<
          DesiredLRP, KubernetesResourceList<DesiredLRP>, Resource<DesiredLRP>>
      all() {
    return client.resources(DesiredLRP.class).inNamespace(config.ccNamespace());
  }

  private static boolean isOf(DesiredLRP lrp, String processGuid) {
    return processGuid.equals(lrp.getSpec().processGuid());
  }

  private String where(String processGuid) {
    return "DesiredLRP " + config.ccNamespace() + "/" + Names.fromGuid(processGuid);
  }

  private static CcBridgeException taken(String object) {
    return new CcBridgeException(
        ErrorKind.CONFLICT,
        object + " is there and does not belong to this process guid: delete or rename it");
  }

  private static void pause() {
    try {
      Thread.sleep(POLL);
    } catch (InterruptedException stopping) {
      Thread.currentThread().interrupt();
      throw new CcBridgeException(ErrorKind.UNAVAILABLE, "stopping", stopping);
    }
  }

  private static String orEmpty(@Nullable String text) {
    return text == null ? "" : text;
  }

  private static @Nullable String orNull(String text) {
    return text.isEmpty() ? null : text;
  }
}
