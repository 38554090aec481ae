package dev.ccbridge.receptor.client;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;

/** The paths of API v1, with their parameters encoded. */
final class Paths {
  static final String TASKS = "/v1/tasks";
  static final String DESIRED_LRPS = "/v1/desired_lrps";
  static final String ACTUAL_LRPS = "/v1/actual_lrps";
  static final String CELLS = "/v1/cells";
  static final String DOMAINS = "/v1/domains";
  static final String EVENTS = "/v1/events";

  private Paths() {}

  static String of(String collection, String guid) {
    return collection + "/" + encoded(guid);
  }

  static String index(String processGuid, int index) {
    return of(ACTUAL_LRPS, processGuid) + "/index/" + index;
  }

  static String inDomain(String collection, String domain) {
    return domain.isEmpty() ? collection : collection + "?domain=" + encoded(domain);
  }

  /** Ours; a Receptor that does not know it ignores it. */
  static String withProgress(String path) {
    return path + (path.contains("?") ? "&" : "?") + "progress=true";
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
  }
}
