package dev.ccbridge.receptor.backend.pod.route;

import com.fasterxml.jackson.databind.JsonNode;
import dev.ccbridge.receptor.model.DesiredLRPResponse;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What an LRP says to CF's router. Source: route-emitter cfroutes/route_info.go: a list of {@code
 * {"hostnames": […], "port": …}}. Pure.
 *
 * @param hosts by port of the container, in the order of the routes; a port may have no host name.
 *     In lower case, and only those that are host names
 */
record AppRoute(String processGuid, Map<Integer, Set<String>> hosts) {
  private static final String ROUTER = "cf-router";
  private static final String HOST =
      "(\\*\\.)?[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?)*";
  private static final int MAX_HOST = 253;

  /** Empty: it has no routes, or they are none that a router could read. */
  static Optional<AppRoute> of(DesiredLRPResponse lrp) {
    var value = lrp.routes().get(ROUTER);
    if (value == null) {
      return Optional.empty();
    }
    var hosts = new LinkedHashMap<Integer, Set<String>>();
    for (var entry : value.tree()) {
      int port = entry.path("port").asInt(0);
      if (lrp.ports().contains(port)) {
        hosts
            .computeIfAbsent(port, none -> new LinkedHashSet<>())
            .addAll(names(entry.get("hostnames")));
      }
    }
    return hosts.isEmpty() ? Optional.empty() : Optional.of(new AppRoute(lrp.processGuid(), hosts));
  }

  private static List<String> names(@Nullable JsonNode hostnames) {
    var names = new ArrayList<String>();
    if (hostnames != null) {
      for (var name : hostnames) {
        var host = name.asText("").toLowerCase(Locale.ROOT);
        if (host.length() <= MAX_HOST && host.matches(HOST)) {
          names.add(host);
        }
      }
    }
    return names;
  }

  List<Integer> ports() {
    return List.copyOf(hosts.keySet());
  }

  Set<String> allHosts() {
    var all = new LinkedHashSet<String>();
    hosts.values().forEach(all::addAll);
    return all;
  }
}
