package dev.ccbridge.secrets;

import dev.ccbridge.api.EnvironmentVariable;
import dev.ccbridge.secrets.ResolvedEnvironment.Complete;
import dev.ccbridge.secrets.ResolvedEnvironment.SecretMissing;
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
 * Reads the values that an environment takes from Secrets: once, when a task or an LRP is created.
 * Secrets are not watched, and no copy of them is kept.
 */
public final class SecretEnvironment {
  private final KubernetesClient client;

  public SecretEnvironment(KubernetesClient client) {
    this.client = client;
  }

  /** Reads each Secret of the namespace once. */
  public ResolvedEnvironment resolve(
      String namespace, @Nullable List<EnvironmentVariable> environment) {
    var read = new HashMap<String, Optional<Secret>>();
    var resolved = new ArrayList<dev.ccbridge.receptor.model.EnvironmentVariable>();
    for (var variable : environment == null ? List.<EnvironmentVariable>of() : environment) {
      var source = variable.valueFrom();
      if (source == null) {
        resolved.add(with(variable, variable.value() == null ? "" : variable.value()));
        continue;
      }
      var reference = source.secretKeyRef();
      var secret = read.computeIfAbsent(reference.name(), name -> find(namespace, name));
      var value = secret.map(s -> data(s).get(reference.key()));
      if (value.isEmpty()) {
        return new SecretMissing(
            missing(variable.name(), reference.name(), reference.key(), secret));
      }
      resolved.add(
          with(
              variable,
              new String(Base64.getDecoder().decode(value.get()), StandardCharsets.UTF_8)));
    }
    return new Complete(List.copyOf(resolved));
  }

  private Optional<Secret> find(String namespace, String name) {
    return Optional.ofNullable(client.secrets().inNamespace(namespace).withName(name).get());
  }

  private static Map<String, String> data(Secret secret) {
    return secret.getData() == null ? Map.of() : secret.getData();
  }

  private static dev.ccbridge.receptor.model.EnvironmentVariable with(
      EnvironmentVariable variable, String value) {
    return new dev.ccbridge.receptor.model.EnvironmentVariable(variable.name(), value);
  }

  private static String missing(String variable, String name, String key, Optional<Secret> secret) {
    var what =
        secret.isEmpty()
            ? "Secret " + name + " does not exist: create it with the key " + key
            : "Secret " + name + " has no key " + key + ": add it";
    return "spec.environment " + variable + ": " + what + ", or correct the reference";
  }
}
