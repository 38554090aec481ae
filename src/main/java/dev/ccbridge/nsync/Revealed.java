package dev.ccbridge.nsync;

import dev.ccbridge.api.DesiredLRPSpec;
import dev.ccbridge.api.SecretKeyRef;
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
  private static final String USERNAME = "username";
  private static final String PASSWORD = "password";

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
        Apps.imageCredentials(spec).map(secret -> credentials(secrets, secret.name())));
  }

  private static ImageCredentials credentials(SecretValues secrets, String secret) {
    return new ImageCredentials(
        credential(secrets, secret, USERNAME), credential(secrets, secret, PASSWORD));
  }

  private static String credential(SecretValues secrets, String secret, String key) {
    return secrets.get(new SecretKeyRef(secret, key), "spec.source.docker.credentialsSecretRef");
  }

  /** Values stay unseen. */
  @Override
  public String toString() {
    return "Revealed[" + environment.size() + " variables]";
  }
}
