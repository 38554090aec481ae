package dev.ccbridge.receptor.backend.pod;

import static dev.ccbridge.receptor.backend.ArtifactServer.tgz;
import static dev.ccbridge.receptor.backend.Containers.instance;
import static dev.ccbridge.receptor.backend.Containers.withSetup;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.ccbridge.receptor.backend.ArtifactServer;
import dev.ccbridge.receptor.backend.Container;
import dev.ccbridge.receptor.backend.RecordingListener;
import dev.ccbridge.receptor.model.Action;
import dev.ccbridge.receptor.model.EnvironmentVariable;
import java.io.ByteArrayOutputStream;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.Timeout;

/** An app as nsync makes it, on a real node: setup, one program, the lifecycle's check. */
@TestInstance(Lifecycle.PER_CLASS)
@Timeout(180)
class SingleProgramIT {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final Action CHECK =
      Action.timeout(
          Duration.ofSeconds(30).toNanos(),
          Action.run(
              "vcap",
              "/tmp/lifecycle/healthcheck",
              List.of("-port=8080"),
              List.of(),
              null,
              "HEALTH"));
  private static final String SERVER =
      "exec /opt/java/bin/jwebserver -b 0.0.0.0 -p 8080 -d \"$HOME\"";

  /** The first word of each process's command, and its resident memory. */
  private static final String PROCESSES =
      "for p in /proc/[0-9]*; do read -r -d '' name <$p/cmdline; read -r _ rss _ <$p/statm;"
          + " echo \"$name $((rss * 4)) KiB\"; done";

  private final ArtifactServer server = new ArtifactServer();
  private final RecordingListener listener = new RecordingListener();
  private PodCluster cluster;
  private PodBackend backend;

  @BeforeAll
  void startBackend() {
    cluster = PodCluster.orSkip();
    server.reachedAt(cluster.expose(server.port()));
    backend = new PodBackend(cluster.newClient(), cluster.config(), Clock.systemUTC());
    backend.start(listener, List.of());
  }

  @AfterAll
  void closeBackend() {
    if (backend != null) {
      backend.close();
      cluster.close();
    }
    server.close();
  }

  private static Container app(String script, long startTimeoutSeconds) {
    var run =
        new Action.Run(
            "/bin/bash",
            List.of("-c", script),
            "",
            List.of(new EnvironmentVariable("PORT", "8080")),
            new Action.ResourceLimits(BigInteger.valueOf(321)),
            "vcap",
            "APP");
    return instance(
        "process-" + UUID.randomUUID(),
        0,
        Action.codependent(List.of(run)),
        CHECK,
        startTimeoutSeconds);
  }

  private Container withDroplet(Container app) throws Exception {
    server.serve("/droplet", tgz(Map.of("hello", "hello")));
    return withSetup(app, Action.download("droplet", server.url("/droplet"), ".", "", "vcap"));
  }

  private void start(Container container) {
    backend.place(container);
    backend.run(container);
  }

  private List<String> log(Container container) {
    return backend.lrpLogs(container.instance().processGuid(), 0, 100).stream()
        .map(line -> line.source() + (line.stderr() ? " err " : " out ") + line.text())
        .toList();
  }

  private String exec(Container container, String script) throws Exception {
    var out = new ByteArrayOutputStream();
    try (var exec =
        cluster
            .client()
            .pods()
            .inNamespace(cluster.namespace())
            .withName(PodMarks.podName(container.guid()))
            .inContainer(PodManifests.MAIN)
            .writingOutput(out)
            .writingError(out)
            .exec("/bin/bash", "-c", script)) {
      exec.exitCode().get(20, TimeUnit.SECONDS);
    }
    return out.toString(StandardCharsets.UTF_8);
  }

  @Test
  void nothingRunsBesideTheAppWhichHasWhatItIsPromised() throws Exception {
    var app =
        withDroplet(
            app("echo \"$CF_INSTANCE_ADDR $(ulimit -n) $PWD [cell RESULT] x\"; " + SERVER, 60));
    start(app);
    var running = listener.awaitRunning(app.guid());

    var processes = exec(app, PROCESSES);

    System.out.println("processes of an app's Pod:\n" + processes);
    assertThat(processes)
        .contains("/opt/java/bin/jwebserver")
        .doesNotContain("cc-bridge/runtime", "libc/ld.so");
    // The pause container's, the app, and the shell that looks.
    assertThat(processes.lines()).hasSize(3);
    assertThat(exec(app, "cat /home/vcap/hello")).isEqualTo("hello");
    assertThat(exec(app, "cat /run/cc-bridge/spec.json")).doesNotContain("/droplet");
    assertThat(log(app)).first().isEqualTo("CELL out Downloading droplet...");
    assertThat(log(app))
        .contains("APP out " + running.address() + ":8080 321 /home/vcap [cell RESULT] x");
    backend.stop(app.guid());
    assertThat(listener.awaitEnd(app.guid()).reason())
        .isEqualTo("2 error(s) occurred:\n\n* cancelled\n* 1 error(s) occurred:\n\n* cancelled");
  }

  /** The stack has a Java of its own for its web server, at a place where no launcher looks. */
  @Test
  void launcherOfTheLifecycleNeedsNothingOfTheImageAndLeavesNothingBehind() throws Exception {
    server.serve(
        "/lifecycle",
        Files.readAllBytes(
            Path.of("target/static/buildpack_app_lifecycle/buildpack_app_lifecycle.tgz")));
    server.serve("/droplet", tgz(Map.of("app/hello", "hello")));
    var launched =
        instance(
            Action.codependent(
                List.of(
                    Action.run(
                        "vcap",
                        "/tmp/lifecycle/launcher",
                        List.of("app", SERVER, "{}"),
                        List.of(new EnvironmentVariable("PORT", "8080")),
                        null,
                        "APP"))),
            CHECK,
            60);
    var setup =
        Action.serial(
            List.of(
                Action.download("", server.url("/lifecycle"), "/tmp/lifecycle", "", "vcap"),
                Action.download("", server.url("/droplet"), ".", "", "vcap")));
    var app = withSetup(launched, setup);
    start(app);
    listener.awaitRunning(app.guid());

    assertThat(exec(app, PROCESSES))
        .contains("/opt/java/bin/jwebserver")
        .doesNotContain("cc-bridge/runtime", "libc/ld.so");
    backend.stop(app.guid());
    listener.awaitEnd(app.guid());
  }

  @Test
  void crashIsToldInDiegosWords() throws Exception {
    var app = app("echo bye; exit 4", 60);
    start(app);

    assertThat(listener.awaitEnd(app.guid()).reason())
        .isEqualTo(
            "2 error(s) occurred:\n\n"
                + "* 1 error(s) occurred:\n\n"
                + "* Exited with status 4\n"
                + "* cancelled");
    assertThat(log(app)).containsExactly("APP out bye", "APP out Exit status 4");
    assertThat(listener.isRunning(app.guid())).isFalse();
  }

  @Test
  void appThatNeverListensIsEndedAtItsStartTimeout() throws Exception {
    var app = app("exec sleep 100", 2);
    start(app);

    assertThat(listener.awaitEnd(app.guid()).reason())
        .isEqualTo(
            "2 error(s) occurred:\n\n"
                + "* Exited with status 1\n"
                + "* 1 error(s) occurred:\n\n"
                + "* cancelled");
    await()
        .atMost(PATIENCE)
        .untilAsserted(
            () ->
                assertThat(log(app))
                    .contains("CELL err Timed out after 2s: health check never passed."));
    assertThat(listener.isRunning(app.guid())).isFalse();
  }

  @Test
  void appThatStopsListeningIsEnded() throws Exception {
    var app = app("/opt/java/bin/jwebserver -b 0.0.0.0 -p 8080 & sleep 1000", 60);
    start(app);
    listener.awaitRunning(app.guid());

    exec(
        app,
        // By its name alone: the shells that name it in their arguments are not meant.
        "for p in /proc/[0-9]*; do read -r -d '' program < $p/cmdline;"
            + " [[ $program == */jwebserver ]] && kill ${p#/proc/}; done");

    assertThat(listener.awaitEnd(app.guid()).reason())
        .isEqualTo(
            "2 error(s) occurred:\n\n"
                + "* Exited with status 1\n"
                + "* 1 error(s) occurred:\n\n"
                + "* cancelled");
  }

  @Test
  void stopAsksEveryProgramAndWaits() throws Exception {
    var child = "trap 'sleep 0.3; echo asked; exit' TERM; while :; do sleep 0.1; done";
    var app =
        instance(
            Action.codependent(
                List.of(
                    new Action.Run(
                        "/bin/bash",
                        List.of(
                            "-c", "trap : TERM; (" + child + ") & echo up; wait; wait; echo over"),
                        "",
                        List.of(),
                        null,
                        "vcap",
                        "APP"))),
            null,
            0);
    start(app);
    listener.awaitRunning(app.guid());
    await().atMost(PATIENCE).until(() -> log(app).contains("APP out up"));

    backend.stop(app.guid());

    assertThat(listener.awaitEnd(app.guid()).reason())
        .isEqualTo("1 error(s) occurred:\n\n* cancelled");
    assertThat(log(app)).contains("APP out asked", "APP out over");
  }

  @Test
  void setupThatFailsIsTheEnd() throws Exception {
    var app =
        withSetup(
            app("exit 0", 60), Action.download("droplet", server.url("/none"), ".", "", "vcap"));
    start(app);

    assertThat(listener.awaitEnd(app.guid()).reason()).isEqualTo("Downloading failed");
    assertThat(log(app)).contains("CELL out Downloading droplet...");
  }
}
