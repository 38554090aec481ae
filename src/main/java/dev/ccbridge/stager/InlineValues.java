package dev.ccbridge.stager;

import dev.ccbridge.api.Api;
import dev.ccbridge.api.StagingRequest;
import dev.ccbridge.kube.Names;
import dev.ccbridge.kube.OwnerReferences;
import dev.ccbridge.secrets.SecretValues;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The Secrets of requests. What CC sends is stored in two writes, the resource and then the Secret
 * that it owns; an annotation on the resource names the Secret, and without it nothing is staged.
 * Thread-safe.
 */
final class InlineValues {
  /** Name of the Secret that must be there before the request is begun. */
  static final String ANNOTATION = Api.GROUP + "/inline-values";

  private static final String SUFFIX = ".inline";
  private static final int MAX_NAME = 240;

  private final KubernetesClient client;

  InlineValues(KubernetesClient client) {
    this.client = client;
  }

  /** Of the Secret that goes with the resource of this name. */
  static String secretName(String resource) {
    return resource.length() <= MAX_NAME
        ? resource + SUFFIX
        : resource.substring(0, MAX_NAME - 20) + "-" + Names.hash(resource) + SUFFIX;
  }

  /** What the request takes from Secrets, as they are now. */
  SecretValues of(StagingRequest request) {
    return new SecretValues(client, request.getMetadata().getNamespace());
  }

  /**
   * Whether all of the request is stored. A namesake's Secret that is about to go does not count.
   */
  boolean isComplete(StagingRequest request) {
    return required(request).map(name -> isStored(request, name)).orElse(true);
  }

  /** Whether the request came over HTTP, so that it says all there is to say. */
  static boolean isOf(StagingRequest request) {
    return required(request).isPresent();
  }

  private boolean isStored(StagingRequest request, String name) {
    var secret =
        client.secrets().inNamespace(request.getMetadata().getNamespace()).withName(name).get();
    return secret != null && OwnerReferences.isOwned(secret, request);
  }

  private static Optional<String> required(StagingRequest request) {
    var annotations = request.getMetadata().getAnnotations();
    @Nullable String name = annotations == null ? null : annotations.get(ANNOTATION);
    return Optional.ofNullable(name);
  }
}
