package dev.ccbridge.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.ccbridge.kubernetes.Command;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** A real Prometheus that scrapes one target each second and evaluates a rule file as often. */
final class PrometheusServer implements AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Program program;
  private final URI uri;

  private PrometheusServer(Program program, URI uri) {
    this.program = program;
    this.uri = uri;
  }

  /** Skips the calling test on a machine without it. */
  static PrometheusServer start(Path directory, URI target, Path rules) throws IOException {
    var prometheus = Command.prometheus().words().getFirst();
    int port;
    try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = socket.getLocalPort();
    }
    var config = directory.resolve("prometheus.yml");
    Files.writeString(
        config,
        """
        global: {scrape_interval: 1s, evaluation_interval: 1s}
        rule_files: ['%s']
        scrape_configs:
          - job_name: cc-bridge
            static_configs: [{targets: ['%s']}]
        """
            .formatted(rules.toAbsolutePath(), target.getAuthority()));
    var program =
        Program.start(
            "prometheus",
            Map.of(),
            List.of(
                prometheus,
                "--config.file=" + config,
                "--storage.tsdb.path=" + directory.resolve("tsdb"),
                "--web.listen-address=127.0.0.1:" + port));
    program.awaitLine("Server is ready to receive web requests", Duration.ofSeconds(60));
    return new PrometheusServer(program, URI.create("http://127.0.0.1:" + port));
  }

  /** The series that an expression has now; fails when it cannot be evaluated. */
  JsonNode query(String expression) throws Exception {
    var answer =
        JSON.readTree(
            CloudControllerE2E.get(
                    uri.resolve(
                        "/api/v1/query?query="
                            + URLEncoder.encode(expression, StandardCharsets.UTF_8)))
                .body());
    assertThat(answer.path("status").asText())
        .as("%s: %s", expression, answer)
        .isEqualTo("success");
    return answer.at("/data/result");
  }

  /** The rules of all groups, as it knows them. */
  JsonNode rules() throws Exception {
    return JSON.readTree(CloudControllerE2E.get(uri.resolve("/api/v1/rules")).body())
        .at("/data/groups/0/rules");
  }

  @Override
  public void close() throws IOException {
    program.close();
  }
}
