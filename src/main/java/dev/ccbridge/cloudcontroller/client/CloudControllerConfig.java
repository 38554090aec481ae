package dev.ccbridge.cloudcontroller.client;

import java.net.URI;
import java.time.Duration;
import java.util.Optional;

/**
 * How the Cloud Controller is reached.
 *
 * @param baseUrl of CC's internal API; empty: there is none. The credentials are sent to its origin
 *     only
 * @param timeout of a whole request
 */
public record CloudControllerConfig(
    Optional<URI> baseUrl, String username, String password, Duration timeout) {
  public static final Duration DEFAULT_TIMEOUT = Duration.ofSeconds(5);

  /** For an operator that knows no Cloud Controller; callbacks go out without credentials. */
  public static final CloudControllerConfig NONE =
      new CloudControllerConfig(Optional.empty(), "", "", DEFAULT_TIMEOUT);

  /** Without the password. */
  @Override
  public String toString() {
    return "CloudControllerConfig[" + baseUrl + ", " + username + ", " + timeout + "]";
  }
}
