package dev.ccbridge.nsync;

import dev.ccbridge.api.EnvironmentVariable;
import dev.ccbridge.api.LRPReasons;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The environment with the values that its references lead to. Secrets are read when an LRP is
 * created and not watched: no copy of them is kept.
 */
sealed interface SecretValues {

  /** Everything is there. */
  record Resolved(List<dev.ccbridge.receptor.model.EnvironmentVariable> environment)
      implements SecretValues {}

  /** A Secret or its key is not there. */
  record Missing(Notice notice) implements SecretValues {}

  /** Reads each Secret of the namespace once. */
  static SecretValues resolve(
      KubernetesClient client, String namespace, @Nullable List<EnvironmentVariable> environment) {
    var read = new HashMap<String, Optional<Secret>>();
    var resolved = new ArrayList<dev.ccbridge.receptor.model.EnvironmentVariable>();
    for (var variable : environment == null ? List.<EnvironmentVariable>of() : environment) {
      var reference = Apps.reference(variable);
      if (reference == null) {
        resolved.add(
            new dev.ccbridge.receptor.model.EnvironmentVariable(
                variable.name(), Texts.orEmpty(variable.value())));
        continue;
      }
      var secret =
          read.computeIfAbsent(
              reference.name(),
              name ->
                  Optional.ofNullable(
                      client.secrets().inNamespace(namespace).withName(name).get()));
      var value = secret.map(s -> data(s).get(reference.key()));
      if (value.isEmpty()) {
        return new Missing(missing(variable.name(), reference.name(), reference.key(), secret));
      }
      resolved.add(
          new dev.ccbridge.receptor.model.EnvironmentVariable(
              variable.name(),
              new String(Base64.getDecoder().decode(value.get()), StandardCharsets.UTF_8)));
    }
    return new Resolved(resolved);
  }

  private static Map<String, String> data(Secret secret) {
    return secret.getData() == null ? Map.of() : secret.getData();
  }

  private static Notice missing(String variable, String name, String key, Optional<Secret> secret) {
    var what =
        secret.isEmpty()
            ? "Secret " + name + " does not exist: create it with the key " + key
            : "Secret " + name + " has no key " + key + ": add it";
    return Notice.stalled(
        LRPReasons.SECRET_MISSING,
        "spec.environment " + variable + ": " + what + ", or correct the reference");
  }
}
