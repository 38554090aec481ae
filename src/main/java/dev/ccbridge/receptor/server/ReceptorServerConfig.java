package dev.ccbridge.receptor.server;

import dev.ccbridge.CcBridgeException;
import dev.ccbridge.ErrorKind;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/**
 * How the API is published.
 *
 * @param username of basic authentication; empty: everybody may do everything
 * @param corsEnabled whether pages of other origins may call
 * @param versions what {@code GET /v1/version} tells, by component
 * @param artifacts the directory behind {@code /v1/sync}; empty: it has nothing
 * @param maxBodyBytes of a request
 * @param heartbeatInterval between two signs of life on a silent event stream
 */
public record ReceptorServerConfig(
    String username,
    String password,
    boolean corsEnabled,
    Map<String, String> versions,
    Optional<Path> artifacts,
    int maxBodyBytes,
    Duration heartbeatInterval) {

  public ReceptorServerConfig {
    versions = Map.copyOf(versions);
    if (maxBodyBytes < 1) {
      throw new CcBridgeException(
          ErrorKind.INVALID_REQUEST, "maxBodyBytes must be at least 1, was " + maxBodyBytes);
    }
    if (!heartbeatInterval.isPositive()) {
      throw new CcBridgeException(
          ErrorKind.INVALID_REQUEST,
          "heartbeatInterval must be longer than zero, was " + heartbeatInterval);
    }
    if (username.isEmpty() && !password.isEmpty()) {
      throw new CcBridgeException(
          ErrorKind.INVALID_REQUEST, "a password without a username protects nothing");
    }
  }

  /** Open to everybody who reaches the listener, bodies of up to 1 MB. */
  public static ReceptorServerConfig defaults() {
    return new ReceptorServerConfig(
        "", "", false, Map.of(), Optional.empty(), 1 << 20, Duration.ofSeconds(15));
  }

  public ReceptorServerConfig withCredentials(String user, String secret) {
    return new ReceptorServerConfig(
        user, secret, corsEnabled, versions, artifacts, maxBodyBytes, heartbeatInterval);
  }

  public ReceptorServerConfig withCors() {
    return new ReceptorServerConfig(
        username, password, true, versions, artifacts, maxBodyBytes, heartbeatInterval);
  }

  public ReceptorServerConfig withVersions(Map<String, String> known) {
    return new ReceptorServerConfig(
        username, password, corsEnabled, known, artifacts, maxBodyBytes, heartbeatInterval);
  }

  public ReceptorServerConfig withArtifacts(Optional<Path> directory) {
    return new ReceptorServerConfig(
        username, password, corsEnabled, versions, directory, maxBodyBytes, heartbeatInterval);
  }

  /** Without the password. */
  @Override
  public String toString() {
    return "ReceptorServerConfig[username="
        + username
        + ", corsEnabled="
        + corsEnabled
        + ", artifacts="
        + artifacts
        + ", maxBodyBytes="
        + maxBodyBytes
        + "]";
  }
}
