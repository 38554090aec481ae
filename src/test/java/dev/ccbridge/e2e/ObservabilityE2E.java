package dev.ccbridge.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.ccbridge.chart.Expressions;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * What an operator shows that has staged, run and lost an app: metrics, log lines, health.
 * docs/metrics.md is made from its metrics; {@code -Dmetrics.update=true} rewrites it.
 */
@Timeout(300)
class ObservabilityE2E {
  private static final Path FILE = Path.of("docs/metrics.md");
  private static final Path RULES = Path.of("helm/cc-bridge/files/alerts.yaml");
  private static final Path DASHBOARD = Path.of("helm/cc-bridge/files/dashboard.json");
  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final Pattern METRIC =
      Pattern.compile(
          "\\b(?:(?:ccbridge|jvm|process|system)_\\w+|[A-Z]\\w+_(?:total|seconds\\w*))");
  private static final Pattern NAME = Pattern.compile("`([A-Za-z_]+)`");
  private static final ObjectMapper JSON = new ObjectMapper();

  /** More values of one label than this would be guids, names or paths. */
  private static final int MOST_VALUES = 30;

  @TempDir static Path data;
  private static ObservedBridge bridge;
  private static String app;

  @BeforeAll
  static void work() throws Exception {
    bridge = ObservedBridge.start(data, "--log-format=json");
    app = bridge.stage(Map.of("CANARY", "canary-environment"));
    bridge.awaitRunning(app);
    bridge.crash(app);
  }

  @AfterAll
  static void end() {
    if (bridge != null) {
      bridge.close();
    }
  }

  @Test
  void healthAndReadinessAreTold() throws Exception {
    assertThat(bridge.get("/healthz")).isEqualTo("ok\n");
    assertThat(bridge.get("/readyz")).isEqualTo("ok\n");
  }

  @Test
  void eachLogLineIsLagersAndKeepsSecrets() throws Exception {
    var lines = bridge.log().lines().toList();
    assertThat(lines).hasSizeGreaterThan(10);
    var messages = new TreeSet<String>();
    for (var line : lines) {
      var json = JSON.readTree(line);
      assertThat(json.fieldNames())
          .toIterable()
          .as(line)
          .containsExactly("timestamp", "source", "message", "log_level", "data");
      assertThat(json.path("timestamp").asText()).matches("\\d{10}\\.\\d{9}");
      assertThat(json.path("source").asText()).isEqualTo("cc-bridge");
      assertThat(json.path("message").asText()).startsWith("cc-bridge.");
      assertThat(json.at("/data/session").asText()).matches("\\d+");
      messages.add(json.path("message").asText());
    }
    assertThat(messages)
        .contains("cc-bridge.operator.started", "cc-bridge.staging-actions.task-created");
    // A metric that is registered twice shows the first, whose queue nobody uses.
    assertThat(bridge.log()).doesNotContain("already registered");
    assertThat(bridge.log()).doesNotContain("canary").doesNotContainPattern("token=[^\\s\"\\\\]");
  }

  @Test
  void linesOfAReconcileSayWhatOf() throws Exception {
    var line =
        bridge
            .log()
            .lines()
            .filter(l -> l.contains("cc-bridge.staging-actions.task-created"))
            .findFirst()
            .orElseThrow();
    var data = JSON.readTree(line).path("data");
    assertThat(data.path("namespace").asText()).isEqualTo("default");
    assertThat(data.path("task_guid").asText()).isNotEmpty();
    assertThat(data.path("name").asText()).isNotEmpty();
  }

  @Test
  void theDocumentNamesWhatARunningOperatorTells() throws Exception {
    var text = bridge.get("/metrics");
    var scrape = Scrape.of(text);

    assertThat(text).doesNotContain("canary").doesNotContain(app);
    assertThat(scrape.families())
        .allSatisfy(
            (name, family) -> {
              assertThat(family.help()).as("meaning of %s", name).isNotEmpty();
              assertThat(family.labels())
                  .as("labels of %s", name)
                  .allSatisfy((l, values) -> assertThat(values).hasSizeLessThan(MOST_VALUES));
            });
    assertThat(scrape.samples())
        .as("the work that was done")
        .containsEntry("StagingRequestsSucceeded_total", 1.0)
        .containsEntry("ccbridge_callbacks_total{result=\"accepted\"}", 1.0)
        .containsEntry("ccbridge_callback_waiting", 0.0)
        .containsEntry("ccbridge_callback_delay_seconds_count", 1.0)
        .containsEntry("ccbridge_staging_requests{phase=\"succeeded\"}", 1.0)
        .containsEntry("ccbridge_app_instances_wanted", 1.0)
        .containsEntry("ccbridge_crashes_told_seconds_count", 1.0)
        .containsEntry("ccbridge_lease_held{lease=\"cc-bridge-stager\"}", 1.0)
        .containsEntry("ccbridge_receptor_instances{state=\"running\"}", 1.0)
        .containsEntry("ccbridge_receptor_in_step", 1.0)
        .containsEntry("ccbridge_informers_out_of_step{controller=\"desired-lrp\"}", 0.0)
        .containsEntry("ccbridge_ready", 1.0);
    // More than once where the machine was slow.
    assertThat(scrape.samples().get("StagingStartRequestsReceived_total")).isPositive();
    assertThat(scrape.samples().get("ccbridge_bulk_sync_lag_seconds")).isBetween(0.0, 30.0);
    assertThat(scrape.samples().get("ccbridge_receptor_event_subscribers")).isPositive();

    var made = document(scrape);
    if (Boolean.getBoolean("metrics.update")) {
      Files.writeString(FILE, made);
    }
    var written = Files.readString(FILE);
    assertThat(namesIn(written)).as("run with -Dmetrics.update=true").isEqualTo(namesIn(made));
    assertThat(written).as("run with -Dmetrics.update=true").isEqualTo(made);
  }

  /** Rules are evaluated as they are; what a panel shows is there after the work of this test. */
  @Test
  void aRealPrometheusEvaluatesEachRuleAndPanel(@TempDir Path directory) throws Exception {
    var rules = Expressions.ofRules(RULES);
    var panels =
        Expressions.ofDashboard(DASHBOARD).stream()
            .map(e -> e.replace("$instance", ".*").replace("$__rate_interval", "1m"))
            .toList();
    try (var prometheus = PrometheusServer.start(directory, bridge.debugUrl(), RULES)) {
      await("two scrapes")
          .atMost(LIMIT)
          .until(() -> !prometheus.query("rate(ccbridge_log_lines_total[1m])").isEmpty());
      for (var panel : panels) {
        assertThat(prometheus.query(panel)).as("series of %s", panel).isNotEmpty();
      }
      var metrics =
          Stream.concat(rules.stream(), panels.stream())
              .flatMap(e -> METRIC.matcher(e).results())
              .map(MatchResult::group)
              .collect(Collectors.toCollection(TreeSet::new));
      for (var metric : metrics) {
        assertThat(prometheus.query(metric)).as("series of %s", metric).isNotEmpty();
      }
      for (var rule : rules) {
        prometheus.query(rule);
      }
      await("rules are evaluated")
          .atMost(LIMIT)
          .untilAsserted(
              () ->
                  assertThat(prometheus.rules())
                      .hasSameSizeAs(rules)
                      .allSatisfy(
                          rule -> {
                            assertThat(rule.path("health").asText()).as("%s", rule).isEqualTo("ok");
                            assertThat(rule.path("state").asText())
                                .as("%s", rule)
                                .isEqualTo("inactive");
                          }));
    }
  }

  private static TreeSet<String> namesIn(String document) {
    return document
        .lines()
        .filter(line -> line.startsWith("| `"))
        .map(NAME::matcher)
        .filter(matcher -> matcher.find())
        .map(matcher -> matcher.group(1))
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private static String document(Scrape scrape) {
    var text =
        new StringBuilder(
            """
            # Metrics

            Made from what a running operator tells; change the description where the metric is registered, then run
            `mvn verify -Dtest=none -Dsurefire.failIfNoSpecifiedTests=false -Dit.test=ObservabilityE2E -Dfailsafe.failIfNoSpecifiedTests=false -Dmetrics.update=true`.

            `GET /metrics` of the debug server (`--debug-address`, `-debugAddr`) gives them in the text format of Prometheus. In the chart that is the
            port `metrics.port`, and `metrics.serviceMonitor` has a Prometheus scrape it. Without a debug server nothing is counted.

            A role tells what it does: only the stager has the metrics of stagings, only the operator and `receptor` those of the built-in Receptor. What
            needs a lease is told by the process that has it; in the others these gauges are 0, or the metric is not there yet. A histogram has the
            samples `…_bucket`, `…_count` and `…_sum`, a summary the last two. `…_max` is the largest value of the last minutes.

            | metric | type | unit | labels | meaning |
            |---|---|---|---|---|
            """);
    scrape
        .families()
        .forEach(
            (name, family) ->
                text.append(
                    "| `%s` | %s | %s | %s | %s |\n"
                        .formatted(
                            name,
                            family.type(),
                            unit(name, family.type()),
                            family.labels().keySet().stream()
                                .map(label -> "`" + label + "`")
                                .collect(Collectors.joining(", ")),
                            family.help().replace("|", "\\|"))));
    return text.append(
            """

            ## Labels

            Their values are few, and none is a guid, a name of an app, a path or an address.

            | label | values |
            |---|---|
            | `controller` | `staging-request`, `desired-lrp` |
            | `door` | `files` (file server, blob store, completion callbacks), `stager`, `nsync`, `tps`, `cc-uploader`, `receptor`, `page`; in a role its name |
            | `id` of `ccbridge_staging_failures_total` | Diego's error ids, and `other` |
            | `lease` | `cc-bridge-stager`, `cc-bridge-nsync`, `nsync-bulker-lock`, `tps-watcher-lock` |
            | `lifecycle` | `buildpack`, `docker` |
            | `method` | `get`, `head`, `put`, `post`, `delete`, `other` |
            | `operation` | methods of the interface `Receptor`, such as `createTask` |
            | `phase` | `pending`, `staging`, `succeeded`, `failed`, `cancelled` |
            | `result` of controllers and of calls of the Receptor | `ok`, `error` |
            | `result` of `ccbridge_callbacks_total` | `accepted`, `retried` (it is tried again), `refused` (it is not) |
            | `result` of `ccbridge_bulk_rounds_total` | `complete`, `unfinished` (an app failed, or its former resource is still being deleted), `partial` (Cloud Controller did not tell all), `given_up` (what there is was not known) |
            | `result` of `DesiredLRPSyncApps_total` | `created`, `updated`, `deleted`, `failed` |
            | `state` | of tasks `pending`, `running`, `completed`, `resolving`; of instances `unclaimed`, `claimed`, `running`, `crashed` |
            | `status` | `2xx`, `3xx`, `4xx`, `5xx` |

            ## Diego's metrics

            The originals sent theirs to dropsonde. Names are kept; a counter gets `_total` and a duration `_seconds`, as Prometheus wants it.

            | Diego | here |
            |---|---|
            | `StagingStartRequestsReceived` | `StagingStartRequestsReceived_total` |
            | `StagingStopRequestsReceived` | `StagingStopRequestsReceived_total` |
            | `StagingRequestsSucceeded` | `StagingRequestsSucceeded_total` |
            | `StagingRequestsFailed` | `StagingRequestsFailed_total` |
            | `StagingRequestSucceededDuration`, in ns | `StagingRequestSucceededDuration_seconds` |
            | `StagingRequestFailedDuration`, in ns | `StagingRequestFailedDuration_seconds` |
            | `LRPsDesired` | `LRPsDesired_total` |
            | `DesiredLRPSyncDuration`, in ns | `DesiredLRPSyncDuration_seconds` |
            | HTTP start and stop events of tps | `ccbridge_requests_seconds` with `door="tps"` |
            | `numCPUS` | `system_cpu_count` |
            | `numGoRoutines` | `jvm_threads_live_threads`; virtual threads are not in it |
            | `memoryStats.*` | `jvm_memory_used_bytes`, `jvm_memory_committed_bytes`, `jvm_gc_pause_seconds` |
            """)
        .toString();
  }

  private static String unit(String name, String type) {
    if (name.contains("_seconds")) {
      return "s";
    }
    if (name.contains("_bytes")) {
      return "bytes";
    }
    return type.equals("counter") ? "since the start" : "";
  }
}
