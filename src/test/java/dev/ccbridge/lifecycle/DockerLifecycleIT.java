package dev.ccbridge.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ccbridge.registry.ImageReference;
import dev.ccbridge.registry.Manifest;
import dev.ccbridge.registry.RegistryClient;
import dev.ccbridge.registry.RegistryConfig;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** The programs of the Docker archive, run as a cell runs them, against real registries. */
@Timeout(300)
class DockerLifecycleIT {
  @TempDir Path work;
  private Lifecycle lifecycle;

  @BeforeEach
  void unpack() throws Exception {
    lifecycle = new Lifecycle(work, "docker_app_lifecycle/docker_app_lifecycle");
  }

  @Test
  void theArchiveBringsOnlyTheJarsItNeeds() {
    assertThat(Archives.list(Lifecycle.archive("docker_app_lifecycle/docker_app_lifecycle")))
        .containsExactlyInAnyOrder(
            "-rwxr-xr-x builder",
            "-rwxr-xr-x launcher",
            "-rwxr-xr-x healthcheck",
            "-rwxr-xr-x diego-sshd",
            "-rw-r--r-- lib/run.sh",
            "-rw-r--r-- lib/find-java.sh",
            "-rw-r--r-- lib/lifecycle.jar",
            "-rw-r--r-- lib/jackson-core.jar",
            "-rw-r--r-- lib/jackson-databind.jar",
            "-rw-r--r-- lib/jackson-annotations.jar",
            "-rw-r--r-- lib/slf4j-api.jar",
            "-rw-r--r-- lib/slf4j-simple.jar",
            "-rw-r--r-- lib/sshd-common.jar",
            "-rw-r--r-- lib/sshd-core.jar",
            "drwxr-xr-x lib/services/META-INF/services/",
            "-rw-r--r-- lib/services/META-INF/services/java.net.spi.InetAddressResolverProvider");
  }

  @Test
  void stagingTellsWhatTheRegistryKnowsOfTheImage() throws Exception {
    try (var registry = RealRegistry.start(work.resolve("registry"))) {
      push(registry, "me/img:1");

      var staged = build("-dockerRef", registry.host() + "/me/img:1");

      assertThat(staged.stderr()).isEmpty();
      assertThat(staged.status()).isZero();
      assertThat(staged.stdout())
          .isEqualTo("Staging process started ...\nStaging process finished\n");
      assertThat(Files.readString(work.resolve("docker-result/result.json")))
          .isEqualTo(
              "{\"execution_metadata\":\"{\\\"cmd\\\":[\\\"serve\\\"],\\\"entrypoint\\\":"
                  + "[\\\"/bin/app\\\",\\\"-v\\\"],\\\"workdir\\\":\\\"/data\\\",\\\"ports\\\":"
                  + "[{\\\"Port\\\":8080,\\\"Protocol\\\":\\\"tcp\\\"},"
                  + "{\\\"Port\\\":8080,\\\"Protocol\\\":\\\"udp\\\"}],\\\"user\\\":\\\"web\\\"}\","
                  + "\"detected_start_command\":{\"web\":\"/bin/app -v serve\"},"
                  + "\"docker_image\":\""
                  + registry.host()
                  + "/me/img:1\"}\n");
    }
  }

  @Test
  void aCachedImageIsTheSameUnderANewName() throws Exception {
    try (var source = RealRegistry.start(work.resolve("source"));
        var cache = RealRegistry.start(work.resolve("cache"));
        var client = new RegistryClient(RegistryConfig.defaults())) {
      var original = push(source, "me/img:latest");

      // No name server knows this host; only the address in the arguments leads there.
      var staged =
          build(
              "-dockerRef",
              source.host() + "/me/img",
              "-cacheDockerImage",
              "-dockerRegistryHost",
              "cache.invalid",
              "-dockerRegistryPort",
              String.valueOf(cache.port()),
              "-dockerRegistryIPs",
              "127.0.0.1",
              "-insecureDockerRegistries",
              "cache.invalid:" + cache.port());

      assertThat(staged.stderr()).isEmpty();
      assertThat(staged.status()).isZero();
      var name = dockerImage();
      assertThat(name).matches("cache\\.invalid:" + cache.port() + "/[0-9a-f-]{36}");
      var copy =
          ImageReference.parse("127.0.0.1:" + cache.port() + name.substring(name.indexOf('/')));
      var manifest = client.manifest(copy);
      assertThat(manifest.digest()).isEqualTo(original.digest());
      for (var layer : manifest.layers()) {
        client.download(copy, layer, work.resolve("layer"));
        assertThat(work.resolve("layer")).hasSize(layer.size());
      }
      assertThat(client.imageConfig(copy, manifest).command()).containsExactly("serve");
    }
  }

  @Test
  void whatCannotBeStagedExitsWith2() throws Exception {
    try (var registry = RealRegistry.start(work.resolve("registry"))) {
      var unknown = build("-dockerRef", registry.host() + "/me/nothing");
      assertThat(unknown.status()).isEqualTo(2);
      assertThat(unknown.stderr())
          .isEqualTo(
              "Staging process failed: manifest latest of me/nothing at "
                  + registry.host()
                  + ": HTTP status 404 (MANIFEST_UNKNOWN)\n");
      assertThat(build("-dockerRef=IMG").status()).isEqualTo(2);
      assertThat(build("-nonsense").status()).isEqualTo(2);
      assertThat(build().status()).isEqualTo(1);
      assertThat(work.resolve("docker-result/result.json")).doesNotExist();
    }
  }

  @Test
  void aLayerCanBeSharedBetweenRepositories() throws Exception {
    try (var registry = RealRegistry.start(work.resolve("registry"));
        var client = new RegistryClient(RegistryConfig.defaults())) {
      var manifest = push(registry, "me/img:1");
      var other = ImageReference.parse(registry.host() + "/you/img:1");
      var layer = manifest.layers().getFirst();

      assertThat(client.hasBlob(other, layer.digest())).isFalse();
      assertThat(client.mount(other, layer.digest(), "me/img")).isTrue();
      assertThat(client.hasBlob(other, layer.digest())).isTrue();
    }
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void theLauncherBecomesTheProcessOfTheImage() throws Exception {
    var metadata =
        "{\"entrypoint\":[\"readlink\"],\"cmd\":[\"/proc/self/cwd\"],\"workdir\":\"%s\"}"
            .formatted(work);

    var finished = launch("", metadata);

    assertThat(finished.stderr()).isEmpty();
    assertThat(finished.stdout()).isEqualTo(work.toRealPath() + "\n");
    var shell =
        launch("ls /proc/self/fd | wc -l; echo $HOME $TMPDIR $CC_BRIDGE_JAVA_HOME.; exit 7", "{}");
    // Three, and the directory that ls reads.
    assertThat(shell.stdout()).isEqualTo("4\napp app/tmp .\n");
    assertThat(shell.status()).isEqualTo(7);
    assertThat(launch("", "{}").stderr()).isEqualTo("No start command found or specified\n");
  }

  private Lifecycle.Finished launch(String command, String metadata) throws Exception {
    return lifecycle.run(
        work,
        Map.of("CC_BRIDGE_JAVA_HOME", System.getProperty("java.home"), "JAVA_HOME", "/nowhere"),
        List.of(lifecycle.program("launcher").toString(), "app", command, metadata));
  }

  private Lifecycle.Finished build(String... arguments) throws Exception {
    var command = new ArrayList<>(List.of(lifecycle.program("builder").toString()));
    command.add("-outputMetadataJSONFilename");
    command.add(work.resolve("docker-result/result.json").toString());
    command.addAll(List.of(arguments));
    return lifecycle.run(work, Map.of(), command);
  }

  private String dockerImage() throws Exception {
    var result = Json.parseObject(Files.readString(work.resolve("docker-result/result.json")));
    return String.valueOf(result.get("docker_image"));
  }

  private static Manifest push(RealRegistry registry, String name) {
    try (var client = new RegistryClient(RegistryConfig.defaults())) {
      return TinyImage.push(client, ImageReference.parse(registry.host() + "/" + name));
    }
  }
}
