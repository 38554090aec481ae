package dev.ccbridge.nsync;

import dev.ccbridge.api.DesiredLRPSpec;
import dev.ccbridge.receptor.model.EnvironmentVariable;
import dev.ccbridge.receptor.model.ImageCredentials;
import dev.ccbridge.secrets.SecretEnvironment;
import dev.ccbridge.secrets.SecretValues;
import java.util.List;
import java.util.Optional;

/**
 * What a resource leaves to Secrets, read when a version of it is created and kept nowhere.
 *
 * @param environment all of it, in the order of the resource
 * @param dropletUri empty: the resource says it itself, or runs no droplet
 * @param imageCredentials empty: the image is for everybody, or there is none
 */
record Revealed(
    List<EnvironmentVariable> environment,
    Optional<String> dropletUri,
    Optional<ImageCredentials> imageCredentials) {
  /** Keys of a Secret with credentials for images. */
  static final String USERNAME = "username";

  static final String PASSWORD = "password";
  private static final String CREDENTIALS = "spec.source.docker.credentialsSecretRef";

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
            : Optional.of(secrets.get(from, "spec.source.droplet.uriFrom")),
        Apps.imageCredentials(spec)
            .map(
                secret ->
                    new ImageCredentials(
                        secrets.get(secret, USERNAME, CREDENTIALS),
                        secrets.get(secret, PASSWORD, CREDENTIALS))));
  }

  /** Values stay unseen. */
  @Override
  public String toString() {
    return "Revealed[" + environment.size() + " variables]";
  }
}
