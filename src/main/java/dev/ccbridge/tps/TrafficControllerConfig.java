package dev.ccbridge.tps;

import dev.ccbridge.CcBridgeException;
import dev.ccbridge.ErrorKind;
import java.net.URI;
import java.time.Duration;

/**
 * How a traffic controller of Loggregator is reached.
 *
 * @param url {@code ws://host:port} is asked by http, everything else by https
 * @param skipVerification whether any certificate will do; the original's default is true
 * @param timeout of a whole request
 */
public record TrafficControllerConfig(URI url, boolean skipVerification, Duration timeout) {
  public static final Duration DEFAULT_TIMEOUT = Duration.ofSeconds(10);

  public TrafficControllerConfig {
    if (url.getHost() == null || !timeout.isPositive()) {
      throw new CcBridgeException(
          ErrorKind.INVALID_REQUEST,
          "the traffic controller's url must have a host and the timeout be longer than zero");
    }
  }

  /** {@code http://host:port} or {@code https://host:port}. */
  String base() {
    var scheme = "ws".equalsIgnoreCase(url.getScheme()) ? "http" : "https";
    return scheme + "://" + url.getHost() + (url.getPort() < 0 ? "" : ":" + url.getPort());
  }
}
