package dev.ccbridge.receptor.client;

import dev.ccbridge.CcBridgeException;
import dev.ccbridge.ErrorKind;
import java.net.URI;
import java.time.Duration;

/**
 * Where a remote Receptor is, and how long to wait for it.
 *
 * @param target {@code http(s)://[user:password@]host[:port]}, without a path; the credentials are
 *     sent as basic authentication
 * @param connectTimeout for making a connection
 * @param requestTimeout for a whole request and its answer; of an event stream only until it begins
 * @param maxSilence of a stream whose Receptor sends heartbeats; longer: nobody is there any more
 */
public record ReceptorClientConfig(
    URI target, Duration connectTimeout, Duration requestTimeout, Duration maxSilence) {
  private static final Duration MAX_SILENCE = Duration.ofSeconds(60);

  public ReceptorClientConfig {
    var scheme = target.getScheme();
    if (target.getHost() == null || !("http".equals(scheme) || "https".equals(scheme))) {
      // It may hold a password, so it is not repeated.
      throw new CcBridgeException(
          ErrorKind.INVALID_REQUEST, "target must be an http or https URL with a host");
    }
    if (!connectTimeout.isPositive() || !requestTimeout.isPositive()) {
      throw new CcBridgeException(
          ErrorKind.INVALID_REQUEST,
          "connectTimeout and requestTimeout must be longer than zero, were "
              + connectTimeout
              + " and "
              + requestTimeout);
    }
    if (!maxSilence.isPositive()) {
      throw new CcBridgeException(
          ErrorKind.INVALID_REQUEST, "maxSilence must be longer than zero, was " + maxSilence);
    }
  }

  public ReceptorClientConfig(URI target, Duration connectTimeout, Duration requestTimeout) {
    this(target, connectTimeout, requestTimeout, MAX_SILENCE);
  }

  public static ReceptorClientConfig of(URI target) {
    return new ReceptorClientConfig(target, Duration.ofSeconds(5), Duration.ofSeconds(30));
  }

  /** The same, waiting so long for a whole request and its answer. */
  public ReceptorClientConfig withRequestTimeout(Duration timeout) {
    return new ReceptorClientConfig(target, connectTimeout, timeout);
  }

  /** Without the password. */
  @Override
  public String toString() {
    return "ReceptorClientConfig[target="
        + target.getScheme()
        + "://"
        + target.getHost()
        + (target.getPort() < 0 ? "" : ":" + target.getPort())
        + ", connectTimeout="
        + connectTimeout
        + ", requestTimeout="
        + requestTimeout
        + ", maxSilence="
        + maxSilence
        + "]";
  }
}
