package dev.ccbridge.chart;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.ccbridge.kubernetes.Command;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Alert rules, dashboard, their metrics and their runbook agree; promtool tries each rule. */
class AlertsTest {
  private static final Path RULES = Path.of("helm/cc-bridge/files/alerts.yaml");
  private static final Path DASHBOARD = Path.of("helm/cc-bridge/files/dashboard.json");
  private static final Path RULE_TESTS = Path.of("src/test/resources/prometheus/alerts-test.yaml");
  private static final Pattern METRIC =
      Pattern.compile(
          "\\b(?:(?:ccbridge|jvm|process|system)_\\w+|[A-Z]\\w+_(?:total|seconds\\w*))");
  private static final Pattern DOCUMENTED = Pattern.compile("^\\| `(\\w+)` \\|", Pattern.MULTILINE);
  private static final int GRID_WIDTH = 24;

  @TempDir Path directory;

  @Test
  void eachMetricIsDocumented() throws Exception {
    var known =
        DOCUMENTED
            .matcher(Files.readString(Path.of("docs/metrics.md")))
            .results()
            .map(found -> found.group(1))
            .collect(Collectors.toSet());
    var used = new TreeSet<String>();
    var expressions = new HashSet<>(Expressions.ofRules(RULES));
    expressions.addAll(Expressions.ofDashboard(DASHBOARD));
    for (var expression : expressions) {
      var names = METRIC.matcher(expression).results().map(MatchResult::group).toList();
      assertThat(names).as("metrics of %s", expression).isNotEmpty();
      names.forEach(name -> used.add(name.replaceFirst("_(bucket|count|sum)$", "")));
    }
    // Of which the last words belong to the name.
    used.removeIf(name -> known.contains(name + "_count"));
    assertThat(known).containsAll(used);
  }

  @Test
  void eachAlertHasARunbookAndBothTests() throws Exception {
    var runbooks = Files.readString(Path.of("docs/runbooks.md"));
    var tests = new YAMLMapper().readTree(RULE_TESTS.toFile()).path("tests");
    var names =
        StreamSupport.stream(tests.spliterator(), false).map(t -> t.path("name").asText()).toList();
    var alerts = Expressions.alerts(RULES);
    assertThat(alerts).hasSizeGreaterThan(10);
    for (var alert : alerts) {
      var name = alert.path("alert").asText();
      assertThat(alert.at("/labels/severity").asText()).isIn("critical", "warning", "info");
      assertThat(alert.at("/annotations/summary").asText()).isNotEmpty();
      assertThat(alert.at("/annotations/runbook").asText())
          .isEqualTo("docs/runbooks.md#" + name.toLowerCase(Locale.ROOT));
      assertThat(runbooks).contains("\n## " + name + "\n");
      assertThat(section(runbooks, name)).contains("Cause:", "See it:", "Do:");
      assertThat(names).contains(name + " fires", name + " does not fire");
    }
    assertThat(runbooks.lines().filter(line -> line.startsWith("## CcBridge")))
        .as("texts of alerts that there are")
        .hasSameSizeAs(alerts);
  }

  private static String section(String document, String heading) {
    var begin = document.indexOf("\n## " + heading + "\n") + 1;
    var end = document.indexOf("\n## ", begin);
    return document.substring(begin, end < 0 ? document.length() : end);
  }

  @Test
  void theDashboardIsOne() throws Exception {
    var dashboard = new ObjectMapper().readTree(DASHBOARD.toFile());
    assertThat(dashboard.path("schemaVersion").asInt()).isPositive();
    assertThat(dashboard.path("title").asText()).isEqualTo("cc-bridge");
    assertThat(dashboard.path("uid").asText()).isEqualTo("cc-bridge");
    assertThat(dashboard.path("id").isMissingNode()).as("Grafana gives the id").isTrue();
    var ids = new HashSet<Integer>();
    var places = new HashSet<List<Integer>>();
    for (var panel : dashboard.path("panels")) {
      var place = panel.path("gridPos");
      assertThat(ids.add(panel.path("id").asInt())).as("id of %s", panel).isTrue();
      assertThat(place.path("x").asInt() + place.path("w").asInt()).isLessThanOrEqualTo(GRID_WIDTH);
      assertThat(places.add(List.of(place.path("x").asInt(), place.path("y").asInt())))
          .as("place of %s", panel)
          .isTrue();
      assertThat(panel.path("title").asText()).isNotEmpty();
      if (!panel.path("type").asText().equals("row")) {
        checkPanel(panel);
      }
    }
    assertThat(ids).hasSizeGreaterThan(20);
  }

  private static void checkPanel(JsonNode panel) {
    assertThat(panel.path("type").asText()).isIn("timeseries", "stat");
    assertThat(panel.path("description").asText()).isNotEmpty();
    assertThat(panel.at("/datasource/uid").asText()).isEqualTo("${datasource}");
    assertThat(panel.path("targets")).isNotEmpty();
    var references = new HashSet<String>();
    for (var target : panel.path("targets")) {
      assertThat(references.add(target.path("refId").asText())).isTrue();
      assertThat(target.path("legendFormat").asText()).isNotEmpty();
      assertThat(target.at("/datasource/uid").asText()).isEqualTo("${datasource}");
    }
  }

  @Test
  void promtoolFindsTheRulesRightAndSeesThemFire() throws Exception {
    var promtool = Command.promtool();
    Files.copy(RULES, directory.resolve("alerts.yaml"));
    Files.copy(RULE_TESTS, directory.resolve("alerts-test.yaml"));
    assertThat(promtool.run("check", "rules", directory.resolve("alerts.yaml").toString()))
        .contains("SUCCESS: " + Expressions.alerts(RULES).size() + " rules found");
    assertThat(promtool.run("test", "rules", directory.resolve("alerts-test.yaml").toString()))
        .contains("SUCCESS");
  }
}
