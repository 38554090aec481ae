package dev.ccbridge.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.ccbridge.kubernetes.RealApiServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * What a user gets wrong ends in a message that says so, in the status or from the API server. All
 * of it is applied at once; each test looks at its own resources.
 */
@Timeout(300)
@TestInstance(Lifecycle.PER_CLASS)
class BadInputE2E {
  private static final Duration LIMIT = Duration.ofSeconds(150);
  private static final Path INVALID = Path.of("src/test/resources/invalid");
  private static final String CANARY = "canary-7f3a91c04e";
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir static Path data;
  @TempDir static Path home;

  private ArchiveServer files;
  private Program quickstart;
  private Kubectl kubectl;

  @BeforeAll
  void applyAll() throws Exception {
    files = ArchiveServer.start();
    BadArchives.serve(files);
    quickstart = Program.ccBridge(Map.of(), "quickstart", "--data", data.toString());
    var kubeconfig = quickstart.awaitLine("export KUBECONFIG=(.+)", LIMIT).group(1);
    kubectl = Kubectl.with(Path.of(kubeconfig), home);
    var resources =
        Files.readString(Path.of("src/test/resources/bad-input.yaml"))
            .replace("http://files.example.com/", files.uri(""))
            .replace("CANARY", CANARY);
    kubectl.run("apply", "-f", Files.writeString(home.resolve("all.yaml"), resources).toString());
  }

  @AfterAll
  void end() throws Exception {
    if (quickstart != null) {
      quickstart.interrupt();
      quickstart.close();
    }
    files.close();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "unreachable        | source at http://127.0.0.1:1/app.tgz cannot be had     | connection refused",
        "unknown-host       | source at http://no-such-host.invalid/app.tgz          | host no-such-host.invalid is unknown",
        "not-found          | /missing.tgz cannot be had                             | status code 404",
        "broken-archive     | /broken.tgz cannot be had                              | neither a gzip'd tar, nor a zip, nor a tar",
        "cut-off-archive    | /cut-off.tgz cannot be had                             | the archive is broken",
        "escaping-archive   | /escaping.tgz cannot be had                            | a name with \"..\" in the archive: ../../evil",
        "missing-buildpack  | the buildpack ruby at                                  | /ruby.tgz cannot be had: Downloading failed: status code 404",
        "unknown-buildpack  | spec.buildpack.buildpacks: ruby has no uri             | none of the built-in ones [java_buildpack, static_buildpack, binary_buildpack]",
        "unknown-stack      | spec.buildpack.stack: was windows                      | there are [cflinuxfs2, cflinuxfs3, cflinuxfs4]",
        "docker-image       | the builder failed                                     | registry localhost:1",
      })
  void aSourceThatCannotBeStagedIsNamedWithTheReason(String name, String what, String why)
      throws Exception {
    var failure = failure(name);
    assertThat(failure.path("id").asText()).isEqualTo("StagingError");
    assertThat(failure.path("message").asText()).contains(what, why).doesNotContain("geheim");
  }

  @Test
  void whereNoBuildpackDetectsThoseAskedAreNamed() throws Exception {
    var failure = failure("undetected");
    assertThat(failure.path("id").asText()).isEqualTo("NoAppDetectedError");
    assertThat(failure.path("message").asText())
        .contains("java_buildpack, static_buildpack, binary_buildpack recognised the source")
        .contains("skipDetect: true");
  }

  @Test
  void aBuildThatFailsShowsItsLastLinesAndNowhereAValueFromASecret() throws Exception {
    var failure = failure("failing-build");
    assertThat(failure.path("id").asText()).isEqualTo("BuildpackCompileFailed");
    assertThat(failure.path("message").asText())
        .contains("the buildpack could not build the app", "using ***", "libfoo 1.2 not found");
    stalled("dlrp/crashing");
    assertThat(kubectl.run("get", "sr,dlrp,events", "-o", "yaml"))
        .contains("failing-build")
        .doesNotContain(CANARY);
    assertThat(Files.readString(data.resolve("quickstart/cc-bridge.log")))
        .isNotEmpty()
        .doesNotContain(CANARY);
    assertThat(quickstart.output()).doesNotContain(CANARY);
  }

  @Test
  void aReleaseThatFailsIsToldFromABuild() throws Exception {
    var failure = failure("failing-release");
    assertThat(failure.path("id").asText()).isEqualTo("BuildpackReleaseFailed");
    assertThat(failure.path("message").asText()).contains("bin/release", "cannot tell");
  }

  @Test
  void aStagingThatTakesTooLongNamesTheSettingTheStepAndWhatItDidLast() throws Exception {
    var failure = failure("too-slow");
    assertThat(failure.path("id").asText()).isEqualTo("StagingError");
    assertThat(failure.path("message").asText())
        .contains("spec.timeoutSeconds (3)", "in step: run builder", "resolving dependencies");
  }

  @Test
  void moreMemoryThanThereIsIsRefusedWithTheFigures() throws Exception {
    var failure = failure("too-big");
    assertThat(failure.path("id").asText()).isEqualTo("InsufficientResources");
    assertThat(failure.path("message").asText()).contains("99999999 MB", "spec.memoryMB");
    assertThat(stalled("dlrp/too-big")).contains("insufficient resources", "ask for less");
  }

  @Test
  void aMissingSecretIsNamedWithItsKey() throws Exception {
    for (var resource : List.of("sr/no-secret", "dlrp/no-secret")) {
      assertThat(stalled(resource)).contains("TOKEN", "Secret nowhere", "key token", "create it");
    }
    assertThat(stalled("sr/no-key")).contains("TOKEN", "key other", "Secret creds", "add it");
  }

  @Test
  void anAppThatNeverListensIsToldToListen() throws Exception {
    assertThat(stalled("dlrp/deaf"))
        .contains("instance 0 crashed", "the health check never passed within 1s")
        .contains("listen on the port that PORT names");
  }

  @Test
  void anAppThatCrashesAtOnceShowsItsStatusAndItsLastWords() throws Exception {
    assertThat(stalled("dlrp/crashing"))
        .contains("instance 0 crashed", "Exited with status 7", "cannot connect with ***")
        .doesNotContain("error(s) occurred");
  }

  @Test
  void aDropletThatCannotBeHadIsNamedWithTheReason() throws Exception {
    assertThat(stalled("dlrp/no-droplet"))
        .contains("Downloading failed", "/missing.tgz: status code 404");
  }

  @Test
  void anAppWhoseStagingFailedSaysWhy() throws Exception {
    assertThat(stalled("dlrp/failing-build"))
        .contains("StagingRequest failing-build failed", "BuildpackCompileFailed", "libfoo");
    assertThat(stalled("dlrp/unknown-stack"))
        .contains("spec.stack: was windows", "[cflinuxfs2, cflinuxfs3, cflinuxfs4]");
  }

  @Test
  void theListsSayWhatIsWrong() throws Exception {
    failure("undetected");
    stalled("sr/no-secret");
    stalled("dlrp/crashing");
    stalled("dlrp/too-big");
    assertThat(kubectl.run("get", "sr,dlrp"))
        .containsPattern("/undetected +Failed +NoAppDetectedError")
        .containsPattern("/no-secret +Pending +SecretMissing")
        .containsPattern("/crashing +0/1 +False +CrashLooping")
        .containsPattern("/too-big +0/1 +False +PlacementFailed");
  }

  @Test
  void aWrongFieldIsRefusedByItsNameAndTheRealApiServerSaysTheSame() throws Exception {
    assertRefused(kubectl);
    var kubernetes = RealApiServer.shared();
    var real = Kubectl.with(kubernetes.kubeconfig(), home);
    real.run("apply", "-f", "crds/");
    real.run(
        "wait",
        "--for=condition=Established",
        "crd/stagingrequests.ccbridge.dev",
        "crd/desiredlrps.ccbridge.dev");
    assertRefused(real);
  }

  /** Each file says in its first lines what it must be refused with. */
  private static void assertRefused(Kubectl kubectl) throws Exception {
    try (Stream<Path> all = Files.list(INVALID)) {
      var answer = kubectl.refused("create", "-f", INVALID.toString());
      for (var file : all.toList()) {
        for (var wanted : wanted(file)) {
          assertThat(answer).as("%s", file).containsPattern(Pattern.quote(wanted) + "(?![.\\d])");
        }
      }
      assertThat(answer).doesNotContain(" created");
    }
  }

  private static List<String> wanted(Path file) throws IOException {
    var wanted =
        Files.readAllLines(file).stream()
            .filter(line -> line.startsWith("# wants: "))
            .map(line -> line.substring("# wants: ".length()))
            .toList();
    assertThat(wanted).as("what %s wants", file).isNotEmpty();
    return wanted;
  }

  /** Of a StagingRequest that ends as failed; its condition says the same. */
  private JsonNode failure(String name) throws Exception {
    kubectl.run("wait", "--for=jsonpath={.status.phase}=Failed", "sr/" + name, "--timeout=100s");
    var failure = get("sr/" + name).at("/status/failure");
    assertThat(stalled("sr/" + name)).isEqualTo(failure.path("message").asText());
    return failure;
  }

  /** The message of the condition Stalled, once it holds; Ready says the same. */
  private String stalled(String resource) throws Exception {
    kubectl.run("wait", "--for=condition=Stalled", resource, "--timeout=100s");
    var conditions = get(resource).at("/status/conditions");
    var messages =
        Stream.of("Stalled", "Ready")
            .map(type -> condition(conditions, type))
            .map(condition -> condition.path("message").asText())
            .toList();
    assertThat(messages.getFirst()).isNotEmpty().isEqualTo(messages.getLast());
    return messages.getFirst();
  }

  private static JsonNode condition(JsonNode conditions, String type) {
    for (var condition : conditions) {
      if (condition.path("type").asText().equals(type)) {
        return condition;
      }
    }
    throw new AssertionError("no condition " + type + " in " + conditions);
  }

  private JsonNode get(String... resource) throws Exception {
    var arguments = Stream.concat(Stream.of("get", "-o", "json"), Arrays.stream(resource));
    return JSON.readTree(kubectl.run(arguments.toArray(String[]::new)));
  }
}
