package dev.ccbridge.receptor.backend.process;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.ccbridge.cloudcontroller.model.DesireAppRequestFromCC;
import dev.ccbridge.cloudcontroller.model.DockerStagingData;
import dev.ccbridge.cloudcontroller.model.StagingRequestFromCC;
import dev.ccbridge.lifecycle.RealRegistry;
import dev.ccbridge.lifecycle.TinyImage;
import dev.ccbridge.nsync.recipe.LRPOptions;
import dev.ccbridge.nsync.recipe.LRPRecipeBuilder;
import dev.ccbridge.nsync.recipe.RecipeConfig;
import dev.ccbridge.nsync.recipe.SshKeyPair;
import dev.ccbridge.receptor.backend.ArtifactServer;
import dev.ccbridge.receptor.backend.image.Layers;
import dev.ccbridge.receptor.model.ActualLRPResponse;
import dev.ccbridge.receptor.model.ActualLRPState;
import dev.ccbridge.receptor.model.EnvironmentVariable;
import dev.ccbridge.receptor.model.LogLine;
import dev.ccbridge.receptor.model.ReceptorJson;
import dev.ccbridge.receptor.model.TaskState;
import dev.ccbridge.receptor.store.ReceptorStore;
import dev.ccbridge.receptor.store.ReceptorStoreConfig;
import dev.ccbridge.receptor.store.Records;
import dev.ccbridge.registry.ImageReference;
import dev.ccbridge.registry.RegistryClient;
import dev.ccbridge.registry.RegistryConfig;
import dev.ccbridge.stager.recipe.DockerRecipeBuilder;
import dev.ccbridge.stager.recipe.RecipeTarget;
import java.io.IOException;
import java.math.BigInteger;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * An image from a registry, staged and run with the stager's and nsync's recipes and the programs
 * of the Docker archive.
 */
@Timeout(300)
class DockerAppIT {
  private static final String BUNDLE = "docker_app_lifecycle/docker_app_lifecycle.tgz";
  private static final Map<String, String> LIFECYCLES = Map.of("docker", BUNDLE);
  private static final Duration SOON = Duration.ofSeconds(120);
  private static final String CONFIG =
      """
      {"architecture":"amd64","os":"linux","rootfs":{"type":"layers","diff_ids":["%%s"]},
       "config":%s}
      """;

  /** What a program dies of that loads it. */
  private static final String POISON =
      "#include <unistd.h>\n__attribute__((constructor)) static void die(void) { _exit(99); }\n";

  @TempDir private static Path compiled;
  private static byte[] program;
  private static byte[] poison;

  @TempDir private Path work;
  private Path data;
  private final ArtifactServer files = new ArtifactServer();
  private final HttpClient client = HttpClient.newHttpClient();
  private RealRegistry registry;
  private ReceptorStore store;

  @BeforeAll
  static void compile() throws Exception {
    program = StaticProgram.compiled(compiled);
    var source = Files.writeString(compiled.resolve("poison.c"), POISON);
    var library = compiled.resolve("poison.so");
    var command = List.of("gcc", "-shared", "-fPIC", "-o", library + "", source + "");
    assertThat(new ProcessBuilder(command).inheritIO().start().waitFor()).isZero();
    poison = Files.readAllBytes(library);
  }

  @BeforeEach
  void start() throws Exception {
    data = work.resolve("cell");
    var backend =
        new ProcessBackend(
            ProcessBackendConfig.defaults(data).withTiming(ProcessBackendContract.FAST));
    store =
        new ReceptorStore(
            ReceptorStoreConfig.defaults(),
            Records.inFile(work.resolve("receptor")),
            backend,
            Clock.systemUTC());
    store.start();
    if (!backend.cells().getFirst().rootfsProviders().containsKey("docker")) {
      System.out.println("skipped, as this machine does not let us have images as root");
      Assumptions.abort("no images here");
    }
    registry = RealRegistry.start(work.resolve("registry"));
    var archive = Path.of("target/static", BUNDLE);
    assertThat(archive).as("packed by the package phase").exists();
    files.serve("/v1/static/" + BUNDLE, Files.readAllBytes(archive));
  }

  @AfterEach
  void stop() throws IOException {
    store.close();
    if (registry != null) {
      registry.close();
    }
    files.close();
    client.close();
    assertThat(ContainerProcesses.directoriesInUse(data.resolve("containers"))).isEmpty();
    try (var mounts = Files.lines(Path.of("/proc/self/mounts"))) {
      assertThat(mounts).noneMatch(mount -> mount.contains(data.toString()));
    }
  }

  private String push(String name, String config, Layers layer) {
    var reference = registry.host() + "/" + name;
    try (var client = new RegistryClient(RegistryConfig.defaults())) {
      TinyImage.push(
          client, ImageReference.parse(reference), CONFIG.formatted(config), layer.plain());
    }
    return reference;
  }

  private JsonNode stage(String image) throws Exception {
    var config =
        new dev.ccbridge.stager.recipe.RecipeConfig(
            LIFECYCLES, files.url(""), "", false, "cflinuxfs2");
    var lifecycleData =
        ReceptorJson.mapper().valueToTree(new DockerStagingData(image, "", "", "", ""));
    var request =
        new StagingRequestFromCC(
            "app",
            1024,
            256,
            256,
            List.of(),
            List.of(),
            240,
            "app",
            StagingRequestFromCC.DOCKER,
            lifecycleData);
    var target = new RecipeTarget("staging", RecipeTarget.CC_DOMAIN, "", false, false);
    store.createTask(new DockerRecipeBuilder(config).build(target, request, List.of()));
    await()
        .atMost(SOON)
        .until(() -> store.findTask("staging").orElseThrow().state() == TaskState.COMPLETED);
    var task = store.findTask("staging").orElseThrow();
    assertThat(task.failureReason()).isEmpty();
    store.deleteTask("staging");
    return ReceptorJson.mapper().readTree(task.result());
  }

  private ActualLRPResponse run(JsonNode staged, String startCommand) {
    var app =
        new DesireAppRequestFromCC(
            "process",
            "",
            staged.path("docker_image").asText(),
            "",
            "",
            "",
            "",
            "",
            startCommand,
            staged.path("execution_metadata").asText(),
            List.of(new EnvironmentVariable("FROM_APP", "it's")),
            256,
            256,
            BigInteger.ZERO,
            1,
            List.of(),
            false,
            "app",
            "port",
            60,
            List.of(),
            "1");
    var config = new RecipeConfig(LIFECYCLES, files.url(""));
    var recipe = LRPRecipeBuilder.of(app, config, () -> new SshKeyPair("", "", ""));
    store.createDesiredLRP(recipe.create(app, LRPOptions.CLOUD_CONTROLLER));
    await()
        .atMost(SOON)
        .untilAsserted(
            () ->
                assertThat(store.findActualLRP("process", 0).orElseThrow())
                    .as(() -> "logs " + logs())
                    .extracting(ActualLRPResponse::state)
                    .isEqualTo(ActualLRPState.RUNNING));
    return store.findActualLRP("process", 0).orElseThrow();
  }

  private List<String> logs() {
    return store.lrpLogs("process", 0, 100).stream().map(LogLine::text).toList();
  }

  private String get(ActualLRPResponse instance, String path) throws Exception {
    var port = instance.ports().getFirst().hostPort();
    var url = URI.create("http://" + instance.address() + ":" + port + path);
    var request = HttpRequest.newBuilder(url).timeout(Duration.ofSeconds(10)).build();
    return client.send(request, BodyHandlers.ofString()).body();
  }

  private List<String> environment(ActualLRPResponse instance) throws Exception {
    return List.of(get(instance, "/file/proc/self/environ").split("\0"));
  }

  private void stopWithoutTrace(ActualLRPResponse instance) throws IOException {
    store.deleteDesiredLRP("process");
    await().atMost(SOON).until(() -> store.actualLRPsOf("process").isEmpty());
    var containers = data.resolve("containers");
    await()
        .atMost(SOON)
        .untilAsserted(
            () -> assertThat(containers.resolve(instance.instanceGuid())).doesNotExist());
    await().atMost(SOON).untilAsserted(() -> assertThat(containers).isEmptyDirectory());
    await().atMost(SOON).untilAsserted(() -> assertThat(data.resolve("trash")).isEmptyDirectory());
    assertThat(ContainerProcesses.directoriesInUse(containers)).isEmpty();
  }

  /** Neither shell nor library, and variables that no program of the machine could start with. */
  @Test
  void imageOfOneStaticProgramIsStagedAndRuns() throws Exception {
    var config =
        """
        {"Entrypoint":["/app"],"Cmd":["from metadata"],"User":"1000:100","WorkingDir":"/srv",
         "ExposedPorts":{"7000/tcp":{}},
         "Env":["GREETING=hello","LD_PRELOAD=/poison.so","LD_LIBRARY_PATH=/lib/mine"]}
        """;
    var layer =
        new Layers()
            .file("app", 0755, program)
            .file("poison.so", 0755, poison)
            .directory("srv", 0755);

    var instance = run(stage(push("me/scratch:1", config, layer)), "");

    assertThat(instance.ports().getFirst().containerPort()).isEqualTo(7000);
    assertThat(get(instance, "/id")).isEqualTo("1000:100");
    assertThat(get(instance, "/file/proc/self/cmdline")).isEqualTo("/app\0from metadata\0");
    // What a program prints is in the log soon, not at once.
    await()
        .atMost(SOON)
        .untilAsserted(() -> assertThat(logs()).contains("hello from from metadata"));
    assertThat(logs()).noneMatch(line -> line.contains("ld.so"));
    assertThat(environment(instance))
        .contains("GREETING=hello", "FROM_APP=it's", "HOME=app", "TMPDIR=app/tmp")
        .contains("LD_PRELOAD=/poison.so", "LD_LIBRARY_PATH=/lib/mine")
        .noneMatch(variable -> variable.startsWith("CC_BRIDGE"))
        .noneMatch(variable -> variable.startsWith("CCBRIDGE_APP"))
        .noneMatch(variable -> variable.startsWith("ccbridge"))
        .noneMatch(variable -> variable.startsWith("LC_ALL"));
    stopWithoutTrace(instance);
  }

  /** A shell of its own, with nothing that it could call. */
  @Test
  void startCommandIsReadByTheShellOfTheImage() throws Exception {
    var layer = new Layers().file("opt/app", 0755, program);
    addShell(layer);
    var image = push("me/shell:1", "{\"Cmd\":[\"/nothing\"],\"Env\":[\"NAME=of image\"]}", layer);

    var instance = run(stage(image), "cd /opt && ./app \"$NAME\" & wait");

    assertThat(instance.ports().getFirst().containerPort()).isEqualTo(8080);
    assertThat(get(instance, "/id")).isEqualTo("0:0");
    assertThat(get(instance, "/file/proc/self/cmdline")).isEqualTo("./app\0of image\0");
    assertThat(environment(instance))
        .noneMatch(variable -> variable.startsWith("CC_BRIDGE"))
        .noneMatch(variable -> variable.startsWith("CCBRIDGE_APP"));
    stopWithoutTrace(instance);
  }

  private static void addShell(Layers layer) throws Exception {
    var ldd = new ProcessBuilder("ldd", "/bin/sh").redirectErrorStream(true).start();
    var needed = Pattern.compile("(/\\S+) \\(0x");
    var found = needed.matcher(new String(ldd.getInputStream().readAllBytes(), UTF_8));
    layer.file("bin/sh", 0755, Files.readAllBytes(Path.of("/bin/sh")));
    while (found.find()) {
      var library = found.group(1);
      layer.file(library.substring(1), 0755, Files.readAllBytes(Path.of(library)));
    }
  }
}
