package dev.ccbridge.receptor.backend.process;

import static dev.ccbridge.receptor.backend.Containers.task;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.ccbridge.receptor.backend.Container;
import dev.ccbridge.receptor.backend.ContainerOutcome;
import dev.ccbridge.receptor.backend.Containers;
import dev.ccbridge.receptor.backend.PlacementException;
import dev.ccbridge.receptor.backend.RecordingListener;
import dev.ccbridge.receptor.backend.image.Layers;
import dev.ccbridge.receptor.backend.image.TestRegistry;
import dev.ccbridge.receptor.model.Action;
import dev.ccbridge.receptor.model.EnvironmentVariable;
import dev.ccbridge.receptor.model.LogLine;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Containers whose root is an image from a registry. */
@Timeout(120)
class ImageRootIT {
  @TempDir private static Path compiled;
  private static byte[] program;

  @TempDir private Path data;
  private final TestRegistry registry = new TestRegistry();
  private final RecordingListener listener = new RecordingListener();
  private final HttpClient client = HttpClient.newHttpClient();
  private ProcessBackend backend;

  @BeforeAll
  static void compile() throws Exception {
    program = StaticProgram.compiled(compiled);
  }

  @BeforeEach
  void startBackend() {
    backend = start();
    if (backend.cells().getFirst().rootfsProviders().containsKey("docker")) {
      return;
    }
    System.out.println("skipped, as this machine does not let us have images as root");
    Assumptions.abort("no images here");
  }

  private ProcessBackend start(Container... tasks) {
    var made = new ProcessBackend(config());
    made.start(listener, List.of(tasks));
    return made;
  }

  private ProcessBackendConfig config() {
    return ProcessBackendConfig.defaults(data).withTiming(ProcessBackendContract.FAST);
  }

  @AfterEach
  void stopAll() throws IOException {
    backend.close();
    client.close();
    registry.close();
    assertThat(ContainerProcesses.directoriesInUse(data.resolve("containers"))).isEmpty();
    try (var mounts = Files.lines(Path.of("/proc/self/mounts"))) {
      assertThat(mounts).noneMatch(mount -> mount.contains(data.toString()));
    }
  }

  private static Action.Run app(String path, String user, String... arguments) {
    return listeningAt("8080", path, user, arguments);
  }

  /** For tasks, whose ports are the machine's: any that is free. */
  private static Action.Run endless(String... arguments) {
    return listeningAt("0", "/app", "root", arguments);
  }

  private static Action.Run listeningAt(
      String port, String path, String user, String... arguments) {
    return new Action.Run(
        path,
        List.of(arguments),
        "",
        List.of(new EnvironmentVariable("PORT", port)),
        null,
        user,
        "APP");
  }

  private Container run(Container container) {
    backend.place(container);
    backend.run(container);
    return container;
  }

  /** Where the instance answers. */
  private String address(Container instance) throws Exception {
    var running = listener.awaitRunning(instance.guid());
    var place = "http://127.0.0.1:" + running.ports().getFirst().hostPort();
    await().ignoreExceptions().until(() -> get(place + "/id"), answer -> true);
    return place;
  }

  private String get(String url) throws Exception {
    var request = HttpRequest.newBuilder(URI.create(url)).timeout(Duration.ofSeconds(10)).build();
    return client.send(request, BodyHandlers.ofString()).body();
  }

  private String scratch(String config) {
    return registry.publish(
        "me/scratch", "1", config, new Layers().file("app", 0755, program).gzip());
  }

  private String small(String config) {
    return registry.publish(
        "me/small",
        "1",
        config,
        new Layers()
            .directory("etc", 0755)
            .file("etc/os-release", "ID=other\n")
            .file("etc/gone", "1")
            .file("etc/passwd", "root:x:0:0::/root:/bin/sh\nweb:x:1000:100::/srv:/bin/sh\n")
            .gzip(),
        new Layers()
            .file("bin/app", 0755, program)
            .file("etc/os-release", "ID=small\n")
            .file("etc/.wh.gone", "")
            .link("etc/outside", "/etc/hostname")
            .directory("srv", 0755)
            .gzip());
  }

  @Test
  void imageFromScratchAnswersAndLeavesNoTrace() throws Exception {
    var instance =
        run(
            Containers.within(
                scratch("{}"), Containers.instance(app("/app", "root", "x"), null, 0)));
    var at = address(instance);

    assertThat(get(at + "/id")).isEqualTo("0:0");
    assertThat(get(at + "/env/PORT")).isEqualTo(at.substring(at.lastIndexOf(':') + 1));
    assertThat(get(at + "/file/etc/passwd")).isEqualTo("none");
    assertThat(get(at + "/file/etc/resolv.conf"))
        .isEqualTo(Files.readString(Path.of("/etc/resolv.conf")));

    backend.stop(instance.guid());
    assertThat(listener.awaitEnd(instance.guid())).isNotNull();
    await().until(() -> !Files.exists(data.resolve("containers").resolve(instance.guid())));
    assertThat(ContainerProcesses.directoriesInUse(data.resolve("containers"))).isEmpty();
  }

  @Test
  void programsSeeTheFilesOfTheImageAndWriteTheirOwn() throws Exception {
    var rootfs = small("{\"Env\":[\"FROM_IMAGE=image\",\"FROM_CONTAINER=image\"]}");
    var one = run(Containers.within(rootfs, Containers.instance(app("/bin/app", "root"), null, 0)));
    var two = run(Containers.within(rootfs, Containers.instance(app("/bin/app", "root"), null, 0)));
    var first = address(one);
    var second = address(two);

    assertThat(first).isNotEqualTo(second);
    assertThat(get(first + "/file/etc/os-release")).isEqualTo("ID=small\n");
    assertThat(get(first + "/file/etc/passwd")).startsWith("root:x:0:0::/root:/bin/sh\nweb");
    assertThat(get(first + "/file/etc/gone")).isEqualTo("none");
    assertThat(get(first + "/file/etc/outside")).isEqualTo("none");
    assertThat(get(first + "/file" + data.resolve("lock"))).isEqualTo("none");
    assertThat(get(first + "/file/.cc-bridge/old/etc/passwd")).isEqualTo("none");
    assertThat(get(first + "/env/FROM_IMAGE")).isEqualTo("image");
    assertThat(get(first + "/env/FROM_CONTAINER")).isEqualTo("container");
    assertThat(get(first + "/env/HOME")).isEqualTo("/root");
    assertThat(get(first + "/env/JAVA_HOME")).isEqualTo("none");
    assertThat(get(first + "/env/LD_LIBRARY_PATH")).isEqualTo("none");
    for (var place : List.of("/mine", "/etc/passwd", "/dev/shm/x", "/tmp/x", "/dev/null")) {
      assertThat(get(first + "/write" + place)).as(place).isEqualTo("yes");
    }
    assertThat(get(second + "/file/mine")).isEqualTo("none");
    assertThat(get(second + "/file/etc/passwd")).startsWith("root");
    assertThat(get(first + "/write/.cc-bridge/ld.so")).isEqualTo("no");
    assertThat(get(first + "/write/etc/hosts")).isEqualTo("no");
    assertThat(registry.downloads(new Layers().gzip())).isZero();
  }

  @Test
  void anotherUserOfTheImageOwnsItsFiles() throws Exception {
    var instance =
        run(Containers.within(small("{}"), Containers.instance(app("/bin/app", "web"), null, 0)));
    var at = address(instance);

    assertThat(get(at + "/id")).isEqualTo("1000:100");
    assertThat(get(at + "/env/HOME")).isEqualTo("/srv");
    assertThat(get(at + "/write/srv/mine")).isEqualTo("yes");
  }

  @Test
  void userOfTheImageIsTakenWhereTheActionNamesNone() throws Exception {
    var instance =
        run(
            Containers.within(
                small("{\"User\":\"2000:3000\"}"),
                Containers.instance(app("/bin/app", ""), null, 0)));

    assertThat(get(address(instance) + "/id")).isEqualTo("2000:3000");
  }

  @Test
  void userThatTheImageDoesNotKnowIsNamed() throws Exception {
    var task = run(Containers.within(small("{}"), task(app("/bin/app", "nobody", "once"))));

    assertThat(listener.awaitEnd(task.guid()).reason())
        .isEqualTo("user is nobody, wanted one of the image's /etc/passwd");
  }

  @Test
  void scriptsOfTheLifecycleRunWhereThereIsNoShellAndNoLibrary() throws Exception {
    var task =
        Containers.within(
            scratch("{}"), task(app("/tmp/lifecycle/launcher", "root", "a b", "it's")));
    var lifecycle = data.resolve("containers").resolve(task.guid()).resolve("tmp/lifecycle");
    Files.createDirectories(lifecycle);
    var script =
        """
        #!/bin/sh
        echo "read with $# arguments, the first is $1"
        "$CC_BRIDGE_JAVA_HOME/bin/java" -XshowSettings:properties -version 2>&1 | {
          while read -r line; do case $line in java.home*) echo "$line";; esac; done
        }
        exec /app once
        """;
    var file = Files.writeString(lifecycle.resolve("launcher"), script);
    assertThat(file.toFile().setExecutable(true)).isTrue();

    run(task);

    assertThat(listener.awaitEnd(task.guid())).isEqualTo(ContainerOutcome.succeeded(""));
    assertThat(backend.taskLogs(task.guid(), 10).stream().map(LogLine::text))
        .containsExactly(
            "read with 2 arguments, the first is a b",
            "java.home = /.cc-bridge/jdk",
            "hello from once",
            "Exit status 0");
  }

  @Test
  void healthIsCheckedAtTheTranslatedPort() throws Exception {
    var check =
        new Action.Run("/app", List.of("-port=8080"), "", List.of(), null, "root", "HEALTH");
    var instance =
        run(Containers.within(scratch("{}"), Containers.instance(app("/app", "root"), check, 20)));

    var port = listener.awaitRunning(instance.guid()).ports().getFirst();

    assertThat(port.hostPort()).isNotEqualTo(8080);
    assertThat(get("http://127.0.0.1:" + port.hostPort() + "/id")).isEqualTo("0:0");
  }

  @Test
  void killedContainerLeavesNothing() throws Exception {
    var instance =
        run(Containers.within(scratch("{}"), Containers.instance(app("/app", "root"), null, 0)));
    var at = address(instance);

    backend.destroy(instance.guid());

    assertThatThrownBy(() -> get(at + "/id")).isInstanceOf(IOException.class);
    assertThat(ContainerProcesses.directoriesInUse(data.resolve("containers"))).isEmpty();
    await().untilAsserted(() -> assertThat(data.resolve("trash")).isEmptyDirectory());
  }

  @Test
  void instancesOfAnOperatorThatDiedAreEndedAndTheirImageIsKept() throws Exception {
    var layer = new Layers().file("app", 0755, program).gzip();
    var rootfs = registry.publish("me/kept", "1", "{}", layer);
    var task = run(Containers.within(rootfs, task(endless())));
    await().until(() -> !backend.taskLogs(task.guid(), 1).isEmpty());
    backend.close();
    registry.answerWith(503);

    backend = start();

    assertThat(ContainerProcesses.directoriesInUse(data.resolve("containers"))).isEmpty();
    registry.answerWith(200);
    var next = run(Containers.within(rootfs, task(app("/app", "root", "once"))));
    assertThat(listener.awaitEnd(next.guid()).failed()).isFalse();
    assertThat(registry.downloads(layer)).isEqualTo(1);
  }

  @Test
  void taskIsGoneOnWithThoughTheRegistryIsDown() throws Exception {
    var task = run(Containers.within(scratch("{}"), task(endless("served"))));
    await().until(() -> !backend.taskLogs(task.guid(), 1).isEmpty());
    backend.close();
    registry.answerWith(503);

    backend = start(task);
    backend.stop(task.guid());

    assertThat(listener.awaitEnd(task.guid()).reason()).isEqualTo("cancelled");
    assertThat(backend.taskLogs(task.guid(), 10).stream().map(LogLine::text))
        .startsWith("hello from served");
  }

  @Test
  void imageThatIsNotThereIsSaid() throws Exception {
    var rootfs = "docker://" + registry.host() + "/me/nothing#7";
    var instance =
        run(Containers.within(rootfs, Containers.instance(app("/app", "root"), null, 0)));

    assertThat(listener.awaitEnd(instance.guid()).reason())
        .startsWith("failed to fetch image " + registry.host() + "/me/nothing:7: ");
    var task = run(Containers.within(rootfs, task(app("/app", "root"))));
    assertThat(listener.awaitEnd(task.guid()).reason()).contains("failed to fetch image");
    assertThat(backend.taskLogs(task.guid(), 10).stream().map(LogLine::text))
        .anyMatch(line -> line.startsWith("failed to fetch image"));
  }

  @Test
  void imagesAreRefusedWhereThereAreNoNamespaces() {
    backend.close();
    backend = new ProcessBackend(config().withIsolation(Isolation.PATH_REWRITING));
    backend.start(listener, List.of());
    var task = Containers.within(scratch("{}"), task(app("/app", "root")));

    assertThatThrownBy(() -> backend.place(task))
        .isInstanceOf(PlacementException.class)
        .hasMessageStartingWith(
            "docker images need Linux namespaces, which this machine does not allow: ");
    assertThat(backend.cells().getFirst().rootfsProviders()).doesNotContainKey("docker");
  }

  @Test
  void imageIsNotChangedByWhatRunsInIt() throws Exception {
    var instance =
        run(Containers.within(small("{}"), Containers.instance(app("/bin/app", "root"), null, 0)));
    var at = address(instance);
    assertThat(get(at + "/write/etc/os-release")).isEqualTo("yes");

    try (Stream<Path> files = Files.walk(data.resolve("images/trees"))) {
      var release = files.filter(file -> file.endsWith("etc/os-release")).findFirst().orElseThrow();
      assertThat(release).hasContent("ID=small\n");
    }
  }
}
