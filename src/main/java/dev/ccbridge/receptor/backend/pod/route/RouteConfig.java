package dev.ccbridge.receptor.backend.pod.route;

import dev.ccbridge.receptor.backend.pod.PodBackendConfig;
import java.time.Duration;
import java.util.Optional;

/**
 * @param pods where the instances are
 * @param gateway that host names are attached to; empty: there are no HTTPRoutes
 * @param compareInterval between two full lists of the Receptor's LRPs
 * @param reconnectPause before its event stream is subscribed to anew
 */
public record RouteConfig(
    PodBackendConfig pods,
    Optional<Gateway> gateway,
    Duration compareInterval,
    Duration reconnectPause) {

  /** A Gateway of the Gateway API. */
  public record Gateway(String namespace, String name) {
    private static final String LABEL = "[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?";

    /**
     * Reads {@code namespace/name}.
     *
     * @throws IllegalArgumentException when it is none
     */
    public static Gateway parse(String text) {
      if (!text.matches(LABEL + "/" + LABEL)) {
        throw new IllegalArgumentException("want NAMESPACE/NAME");
      }
      int slash = text.indexOf('/');
      return new Gateway(text.substring(0, slash), text.substring(slash + 1));
    }
  }

  public static RouteConfig of(PodBackendConfig pods, Optional<Gateway> gateway) {
    return new RouteConfig(pods, gateway, Duration.ofSeconds(30), Duration.ofSeconds(1));
  }
}
