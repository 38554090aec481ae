package dev.ccbridge.stager;

import dev.ccbridge.api.EnvironmentVariable;
import dev.ccbridge.api.SecretKeyRef;
import dev.ccbridge.api.StagingRequest;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads the values of environment variables, of Secrets too: once, when the task is made. */
final class SecretEnvironment {
  private final KubernetesClient client;

  SecretEnvironment(KubernetesClient client) {
    this.client = client;
  }

  /**
   * The environment in its order, with values.
   *
   * @throws SecretMissingException when a Secret or a key of it is not there
   */
  List<dev.ccbridge.receptor.model.EnvironmentVariable> of(StagingRequest request) {
    var resolved = new ArrayList<dev.ccbridge.receptor.model.EnvironmentVariable>();
    var secrets = new HashMap<String, @Nullable Secret>();
    var environment = request.getSpec().environment();
    for (var variable : environment == null ? List.<EnvironmentVariable>of() : environment) {
      resolved.add(
          new dev.ccbridge.receptor.model.EnvironmentVariable(
              variable.name(), value(request, variable, secrets)));
    }
    return resolved;
  }

  private String value(
      StagingRequest request, EnvironmentVariable variable, Map<String, @Nullable Secret> secrets) {
    var source = variable.valueFrom();
    if (source == null) {
      return variable.value() == null ? "" : variable.value();
    }
    var reference = source.secretKeyRef();
    var namespace = request.getMetadata().getNamespace();
    var secret =
        secrets.computeIfAbsent(
            reference.name(), name -> client.secrets().inNamespace(namespace).withName(name).get());
    if (secret == null) {
      throw new SecretMissingException(
          "spec.environment: the variable "
              + variable.name()
              + " comes from the Secret "
              + reference.name()
              + ", which does not exist in the namespace "
              + namespace
              + ": create it with the key "
              + reference.key());
    }
    return value(variable, reference, secret);
  }

  private static String value(EnvironmentVariable variable, SecretKeyRef reference, Secret secret) {
    var encoded = secret.getData() == null ? null : secret.getData().get(reference.key());
    if (encoded == null) {
      throw new SecretMissingException(
          "spec.environment: the variable "
              + variable.name()
              + " comes from the key "
              + reference.key()
              + " of the Secret "
              + reference.name()
              + ", which has no such key: add it");
    }
    return new String(Base64.getDecoder().decode(encoded), StandardCharsets.UTF_8);
  }
}
