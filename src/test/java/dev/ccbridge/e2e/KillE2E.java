package dev.ccbridge.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** SIGKILL in the middle: the end is that of an undisturbed run, and nothing happens twice. */
@Timeout(300)
class KillE2E {
  private static final Duration LIMIT = Duration.ofSeconds(120);

  @TempDir Path data;
  @TempDir Path home;

  @Test
  void aStagingGoesOnAfterItsOperatorWasKilled() throws Exception {
    try (var files = ArchiveServer.start()) {
      files.serve("slow.tgz", slowBuildpack(files.port()));
      try (var first = Program.ccBridge(Map.of(), "quickstart", "--data", data.toString())) {
        first.awaitLine("Ctrl-C ends everything", LIMIT);
        kubectl(first).run("apply", "-f", stagingRequest(files.uri("slow.tgz")).toString());
        await().atMost(LIMIT).until(() -> files.marks() > 0);
        first.kill();
      }
      try (var second = Program.ccBridge(Map.of(), "quickstart", "--data", data.toString())) {
        second.awaitLine("Ctrl-C ends everything", LIMIT);
        var kubectl = kubectl(second);
        kubectl.run("wait", "--for=condition=Ready", "sr/slow", "--timeout=100s");
        assertThat(kubectl.run("get", "sr", "slow")).containsPattern("slow +Succeeded +Slow");
        assertThat(files.marks()).as("how often the buildpack compiled").isEqualTo(1);
        second.interrupt();
        second.awaitEnd(LIMIT);
      }
    }
    assertThat(Processes.mentioning(data)).isEmpty();
  }

  @Test
  void appsRunAgainAfterTheirOperatorWasKilledAndNoneIsLeftFromBefore() throws Exception {
    try (var first = Program.ccBridge(Map.of(), "quickstart", "--data", data.toString())) {
      first.awaitLine("Ctrl-C ends everything", LIMIT);
      first.kill();
    }
    var before = Processes.mentioning(data);
    try (var second = Program.ccBridge(Map.of(), "quickstart", "--data", data.toString())) {
      var url = second.awaitLine("the app answers at (http://[^ ]+)", LIMIT).group(1);
      second.awaitLine("Ctrl-C ends everything", LIMIT);
      assertThat(get(url)).isEqualTo(200);
      assertThat(Processes.mentioning(data)).doesNotContainAnyElementsOf(before);
      var kubectl = kubectl(second);
      assertThat(kubectl.run("get", "dlrp", "hello-procfile")).containsPattern("2/2 +True");
      assertThat(kubectl.run("get", "sr", "hello-procfile")).contains("Succeeded");
      second.interrupt();
      second.awaitEnd(LIMIT);
    }
    assertThat(Processes.mentioning(data)).isEmpty();
  }

  /** Takes long enough to be killed in, and calls {@code /mark} each time it compiles. */
  private static Map<String, String> slowBuildpack(int port) {
    return Map.of(
        "bin/detect",
        "#!/bin/sh\necho Slow\n",
        "bin/compile",
        """
        #!/bin/bash
        exec 3<>/dev/tcp/127.0.0.1/%d
        printf 'GET /mark HTTP/1.0\\r\\n\\r\\n' >&3
        cat <&3
        sleep 8
        """
            .formatted(port),
        "bin/release",
        "#!/bin/sh\nprintf 'default_process_types:\\n  web: sleep 60\\n'\n");
  }

  private Path stagingRequest(String buildpack) throws IOException {
    return Files.writeString(
        home.resolve("slow.yaml"),
        """
        apiVersion: ccbridge.dev/v1alpha1
        kind: StagingRequest
        metadata:
          name: slow
        spec:
          buildpack:
            appBits:
              uri: /v1/static/samples/hello-static.tgz
            buildpacks:
              - name: slow
                uri: %s
        """
            .formatted(buildpack));
  }

  private Kubectl kubectl(Program quickstart) {
    return Kubectl.with(
        Path.of(quickstart.awaitLine("export KUBECONFIG=(.+)", LIMIT).group(1)), home);
  }

  private static int get(String url) throws IOException, InterruptedException {
    try (var client = HttpClient.newHttpClient()) {
      return client
          .send(HttpRequest.newBuilder(URI.create(url)).build(), BodyHandlers.discarding())
          .statusCode();
    }
  }
}
