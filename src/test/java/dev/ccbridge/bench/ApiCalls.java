package dev.ccbridge.bench;

import dev.ccbridge.kubernetes.RealApiServer;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The API server's own count of the calls that it has answered. */
final class ApiCalls {
  private static final Pattern LINE =
      Pattern.compile("^apiserver_request_total\\{(.*)} ([0-9.e+]+)$");
  private static final Pattern LABEL = Pattern.compile("(\\w+)=\"([^\"]*)\"");

  private ApiCalls() {}

  /**
   * Calls by "verb resource/subresource code", of our resources and of events: only those are
   * called by an operator that has started.
   */
  static Map<String, Long> count(RealApiServer server) throws Exception {
    var counts = new TreeMap<String, Long>();
    for (var line : metrics(server).split("\n")) {
      var match = LINE.matcher(line);
      if (match.matches()) {
        var labels = labels(match);
        var resource = labels.getOrDefault("resource", "");
        var verb = labels.getOrDefault("verb", "");
        if (!verb.equals("WATCH") && !isServersOwn(labels.getOrDefault("group", ""), resource)) {
          var subresource = labels.getOrDefault("subresource", "");
          counts.merge(
              verb
                  + " "
                  + resource
                  + (subresource.isEmpty() ? "" : "/" + subresource)
                  + " "
                  + labels.get("code"),
              (long) Double.parseDouble(match.group(2)),
              Long::sum);
        }
      }
    }
    return counts;
  }

  /** What came in between the two counts. */
  static Map<String, Long> between(Map<String, Long> before, Map<String, Long> after) {
    var difference = new TreeMap<String, Long>();
    after.forEach(
        (call, count) -> {
          var more = count - before.getOrDefault(call, 0L);
          if (more > 0) {
            difference.put(call, more);
          }
        });
    return difference;
  }

  static boolean isWrite(String call) {
    return !call.startsWith("GET ") && !call.startsWith("LIST ");
  }

  /**
   * The API server calls itself for its housekeeping, and {@code resource} is empty for /metrics.
   */
  private static boolean isServersOwn(String group, String resource) {
    return !group.equals("ccbridge.dev") && !resource.equals("events");
  }

  private static Map<String, String> labels(Matcher line) {
    var labels = new TreeMap<String, String>();
    LABEL.matcher(line.group(1)).results().forEach(l -> labels.put(l.group(1), l.group(2)));
    return labels;
  }

  /** CPU seconds that the API server has used, without etcd. */
  static double serverCpuSeconds(RealApiServer server) throws Exception {
    var name = "process_cpu_seconds_total ";
    return metrics(server)
        .lines()
        .filter(line -> line.startsWith(name))
        .mapToDouble(line -> Double.parseDouble(line.substring(name.length())))
        .findFirst()
        .orElseThrow();
  }

  private static String metrics(RealApiServer server) throws Exception {
    try (var client = HttpClient.newBuilder().sslContext(server.trust()).build()) {
      var request =
          HttpRequest.newBuilder(server.uri().resolve("/metrics"))
              .header("Authorization", "Bearer " + server.token())
              .build();
      return client.send(request, BodyHandlers.ofString()).body();
    }
  }
}
