package dev.ccbridge.cloudcontroller.client;

import dev.ccbridge.TrustEverybody;
import java.net.URI;
import java.net.http.HttpClient;
import java.time.Duration;
import java.util.Optional;

/**
 * How the Cloud Controller is reached.
 *
 * @param baseUrl of CC's internal API; empty: there is none. The credentials are sent to its origin
 *     only
 * @param timeout of a whole request
 * @param skipCertVerify whether whoever answers is believed to be CC, whatever its certificate
 */
public record CloudControllerConfig(
    Optional<URI> baseUrl,
    String username,
    String password,
    Duration timeout,
    boolean skipCertVerify) {
  public static final Duration DEFAULT_TIMEOUT = Duration.ofSeconds(5);

  /** For an operator that knows no Cloud Controller; callbacks go out without credentials. */
  public static final CloudControllerConfig NONE =
      new CloudControllerConfig(Optional.empty(), "", "", DEFAULT_TIMEOUT);

  /** Of a CC whose certificate is verified. */
  public CloudControllerConfig(
      Optional<URI> baseUrl, String username, String password, Duration timeout) {
    this(baseUrl, username, password, timeout, false);
  }

  /** A client for CC as it wants to be reached. */
  HttpClient.Builder httpClient() {
    var client =
        HttpClient.newBuilder()
            .followRedirects(HttpClient.Redirect.NEVER)
            .version(HttpClient.Version.HTTP_1_1);
    return skipCertVerify ? client.sslContext(TrustEverybody.sslContext()) : client;
  }

  /** Without the password. */
  @Override
  public String toString() {
    return "CloudControllerConfig[" + baseUrl + ", " + username + ", " + timeout + "]";
  }
}
