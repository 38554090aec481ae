package dev.ccbridge.secrets;

import dev.ccbridge.api.EnvironmentVariable;
import dev.ccbridge.api.SecretKeyRef;
import dev.ccbridge.api.ValueSource;
import dev.ccbridge.kube.OwnerReferences;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import java.net.URI;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Collects what arrived inline and must not stand in a resource, and makes one Secret of it that
 * goes with the resource. Not thread-safe.
 */
public final class InlineSecrets {
  private final String name;
  private final Map<String, String> values = new LinkedHashMap<>();

  /**
   * @param name of the Secret
   */
  public InlineSecrets(String name) {
    this.name = name;
  }

  /**
   * Puts {@code value} aside.
   *
   * @param key unique in the Secret; letters, digits, {@code -}, {@code _}, {@code .}
   * @return what stands in the resource in its place
   */
  public ValueSource put(String key, String value) {
    if (values.putIfAbsent(key, value) != null) {
      throw new IllegalArgumentException("key: " + key + " is there twice");
    }
    return new ValueSource(new SecretKeyRef(name, key));
  }

  /** Puts every value of an environment aside; order and names stay. */
  public List<EnvironmentVariable> putEnvironment(
      List<dev.ccbridge.receptor.model.EnvironmentVariable> environment) {
    var variables = new ArrayList<EnvironmentVariable>();
    for (var variable : environment) {
      var source = put("environment-" + variables.size(), variable.value());
      variables.add(new EnvironmentVariable(variable.name(), null, source));
    }
    return variables;
  }

  /**
   * Whether a URI may stand in a resource as it is: http or https, without user info (credentials)
   * and query (signatures).
   */
  public static boolean isPlain(String uri) {
    try {
      var parsed = URI.create(uri);
      return ("http".equals(parsed.getScheme()) || "https".equals(parsed.getScheme()))
          && parsed.getHost() != null
          && parsed.getRawUserInfo() == null
          && parsed.getRawQuery() == null
          && parsed.getRawFragment() == null;
    } catch (IllegalArgumentException unusual) {
      return false;
    }
  }

  public boolean isEmpty() {
    return values.isEmpty();
  }

  /** The Secret, owned by {@code owner}, which must have been stored: it needs its uid. */
  public Secret secret(HasMetadata owner, @Nullable Map<String, String> labels) {
    return new SecretBuilder()
        .withNewMetadata()
        .withName(name)
        .withNamespace(owner.getMetadata().getNamespace())
        .withLabels(labels)
        .withOwnerReferences(OwnerReferences.controller(owner))
        .endMetadata()
        .withType("Opaque")
        .withStringData(values)
        .build();
  }
}
