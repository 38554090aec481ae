package dev.ccbridge.nsync;

import dev.ccbridge.api.DesiredLRPSpec;
import dev.ccbridge.receptor.model.EnvironmentVariable;
import dev.ccbridge.secrets.SecretEnvironment;
import dev.ccbridge.secrets.SecretValues;
import java.util.List;
import java.util.Optional;

/**
 * What a resource leaves to Secrets, read when a version of it is created and kept nowhere.
 *
 * @param environment all of it, in the order of the resource
 * @param dropletUri empty: the resource says it itself, or runs no droplet
 */
record Revealed(List<EnvironmentVariable> environment, Optional<String> dropletUri) {

  /**
   * @throws dev.ccbridge.secrets.SecretMissingException when a Secret or a key of it is not there
   */
  static Revealed of(SecretValues secrets, DesiredLRPSpec spec) {
    var droplet = spec.source().droplet();
    var from = droplet == null ? null : Apps.reference(droplet.uriFrom());
    return new Revealed(
        SecretEnvironment.resolve(secrets, spec.environment()),
        from == null
            ? Optional.empty()
            : Optional.of(secrets.get(from, "spec.source.droplet.uriFrom")));
  }

  /** Values stay unseen. */
  @Override
  public String toString() {
    return "Revealed[" + environment.size() + " variables]";
  }
}
