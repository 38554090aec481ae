package dev.ccbridge.secrets;

import dev.ccbridge.api.SecretKeyRef;
import dev.ccbridge.api.SecretRef;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Values of Secrets of one namespace, for one reconcile: each Secret is read at most once, when a
 * value of it is asked for first. Not thread-safe.
 */
public final class SecretValues {
  private final KubernetesClient client;
  private final String namespace;
  private final Map<String, Optional<Secret>> read = new HashMap<>();

  public SecretValues(KubernetesClient client, String namespace) {
    this.client = client;
    this.namespace = namespace;
  }

  /**
   * The value that {@code reference} points at.
   *
   * @param field that holds the reference, as a user would name it, for the message
   * @throws SecretMissingException when there is no such Secret or key
   */
  public String get(SecretKeyRef reference, String field) {
    return find(reference.name(), reference.key())
        .orElseThrow(
            () ->
                new SecretMissingException(
                    field + ": " + what(reference) + ", or correct the reference"));
  }

  /** The same of a Secret that is referred to as a whole, under a key that all such ones have. */
  public String get(SecretRef secret, String key, String field) {
    return get(new SecretKeyRef(secret.name(), key), field);
  }

  /** The value under {@code key}; empty when there is no such Secret or key. */
  public Optional<String> find(String name, String key) {
    return secret(name)
        .map(Secret::getData)
        .map(data -> data.get(key))
        .map(value -> new String(Base64.getDecoder().decode(value), StandardCharsets.UTF_8));
  }

  private Optional<Secret> secret(String name) {
    return read.computeIfAbsent(
        name, n -> Optional.ofNullable(client.secrets().inNamespace(namespace).withName(n).get()));
  }

  private String what(SecretKeyRef reference) {
    return secret(reference.name()).isEmpty()
        ? "Secret "
            + reference.name()
            + " does not exist: create it with the key "
            + reference.key()
        : "Secret " + reference.name() + " has no key " + reference.key() + ": add it";
  }
}
