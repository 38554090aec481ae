package dev.ccbridge.nsync.recipe;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a desired LRP can have that Cloud Controller's message has no words for.
 *
 * @param domain the Receptor's domain
 * @param ports container ports, the first one is the app's; empty: found in the image's metadata,
 *     else 8080
 * @param healthEndpoint path asked by a health check of type {@code http}; empty: none, and such a
 *     type means no check, as any unknown one
 * @param routes host names by container port, in this order, {@link #APP_PORT} standing for the
 *     app's; empty: all host names of the message lead to the app's port
 */
public record LRPOptions(
    String domain, List<Integer> ports, String healthEndpoint, Map<Integer, List<String>> routes) {
  /** The domain of the apps of Cloud Controller. Source: cc_messages/cf_domains.go. */
  public static final String CF_APPS = "cf-apps";

  /** In {@code routes}: the first of the ports, whichever that is. */
  public static final int APP_PORT = 0;

  /** Everything as Cloud Controller wants it. */
  public static final LRPOptions CLOUD_CONTROLLER =
      new LRPOptions(CF_APPS, List.of(), "", Map.of());

  public LRPOptions {
    ports = List.copyOf(ports);
    routes = Collections.unmodifiableMap(new LinkedHashMap<>(routes));
  }
}
