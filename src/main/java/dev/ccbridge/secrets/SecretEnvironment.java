package dev.ccbridge.secrets;

import dev.ccbridge.api.EnvironmentVariable;
import dev.ccbridge.secrets.ResolvedEnvironment.Complete;
import dev.ccbridge.secrets.ResolvedEnvironment.SecretMissing;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.util.ArrayList;
import java.util.List;
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
    try {
      return new Complete(resolve(new SecretValues(client, namespace), environment));
    } catch (SecretMissingException missing) {
      return new SecretMissing(missing.message());
    }
  }

  /**
   * The variables with their values; the order is kept.
   *
   * @throws SecretMissingException naming the first variable without a value
   */
  public static List<dev.ccbridge.receptor.model.EnvironmentVariable> resolve(
      SecretValues secrets, @Nullable List<EnvironmentVariable> environment) {
    var resolved = new ArrayList<dev.ccbridge.receptor.model.EnvironmentVariable>();
    for (var variable : environment == null ? List.<EnvironmentVariable>of() : environment) {
      var source = variable.valueFrom();
      var plain = variable.value() == null ? "" : variable.value();
      resolved.add(
          new dev.ccbridge.receptor.model.EnvironmentVariable(
              variable.name(),
              source == null
                  ? plain
                  : secrets.get(source.secretKeyRef(), "spec.environment " + variable.name())));
    }
    return List.copyOf(resolved);
  }
}
