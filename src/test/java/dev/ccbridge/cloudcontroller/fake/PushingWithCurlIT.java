package dev.ccbridge.cloudcontroller.fake;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The commands of docs/pushing-with-curl.md, as they stand there, over a tiny Diego. */
@Timeout(300)
class PushingWithCurlIT {
  private static final Path GUIDE = Path.of("docs/pushing-with-curl.md");
  private static final Pattern COMMANDS = Pattern.compile("```bash\n(.*?)```", Pattern.DOTALL);
  private static final String ADDRESS = "http://127.0.0.1:9022";

  @TempDir private Path work;

  @Test
  void theCommandsOfTheGuideWork() throws Exception {
    for (var tool : List.of("bash", "curl", "jq", "tar")) {
      assumeTrue(isThere(tool), "skipped: there is no " + tool + " on this machine");
    }
    var script =
        COMMANDS
            .matcher(Files.readString(GUIDE))
            .results()
            .map(block -> block.group(1))
            .collect(Collectors.joining("\n"));
    assertThat(script).contains("CC=" + ADDRESS);
    Files.createSymbolicLink(work.resolve("samples"), Path.of("samples").toAbsolutePath());
    var credentials = new Credentials("internal_user", "internal_password");

    try (var diego = new TinyDiego(credentials);
        var cc = MemoryCloudController.start(config(diego.uri(), credentials))) {
      diego.tells(cc.uri());

      var output = run("set -euo pipefail\n" + script.replace(ADDRESS, cc.uri().toString()));

      assertThat(output)
          .contains("\"package_state\": \"STAGED\"")
          .contains("\"detected_buildpack\": \"tiny\"")
          .contains("an instance")
          .contains("\"type\": \"app.crash\"")
          .contains("/completed\",200]")
          .contains("/upload\",200]")
          .contains("/crashed\",200]");
    }
  }

  private FakeCloudControllerConfig config(URI diego, Credentials credentials) {
    return new FakeCloudControllerConfig(
        new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
        Optional.empty(),
        work.resolve("data"),
        diego,
        diego,
        diego,
        credentials,
        credentials,
        FakeCloudControllerConfig.DEFAULT_STACK,
        List.of(),
        Duration.ofMinutes(5));
  }

  private String run(String script) throws Exception {
    var output = work.resolve("output");
    var bash =
        new ProcessBuilder("bash", "-c", script)
            .directory(work.toFile())
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    try {
      var exit = bash.waitFor();
      var text = Files.readString(output, StandardCharsets.UTF_8);
      assertThat(exit).as(text).isZero();
      return text;
    } finally {
      bash.destroyForcibly();
    }
  }

  private static boolean isThere(String tool) {
    return List.of(System.getenv("PATH").split(":")).stream()
        .anyMatch(directory -> Files.isExecutable(Path.of(directory, tool)));
  }
}
