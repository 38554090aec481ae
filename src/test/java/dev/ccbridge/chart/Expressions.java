package dev.ccbridge.chart;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** What a Prometheus is asked by rules and by a dashboard. */
public final class Expressions {
  private Expressions() {}

  /** The alerts of a rule file. */
  public static List<JsonNode> alerts(Path rules) throws IOException {
    var alerts = new ArrayList<JsonNode>();
    for (var group : new YAMLMapper().readTree(rules.toFile()).path("groups")) {
      group.path("rules").forEach(alerts::add);
    }
    return alerts;
  }

  public static List<String> ofRules(Path rules) throws IOException {
    return alerts(rules).stream().map(alert -> alert.path("expr").asText()).toList();
  }

  /** With its variables still in them. */
  public static List<String> ofDashboard(Path dashboard) throws IOException {
    var expressions = new ArrayList<String>();
    for (var panel : new ObjectMapper().readTree(dashboard.toFile()).path("panels")) {
      panel.path("targets").forEach(target -> expressions.add(target.path("expr").asText()));
    }
    return expressions;
  }
}
