package dev.ccbridge.receptor.backend;

import static dev.ccbridge.receptor.backend.ArtifactServer.tar;
import static dev.ccbridge.receptor.backend.ArtifactServer.tgz;
import static dev.ccbridge.receptor.backend.ArtifactServer.zip;
import static dev.ccbridge.receptor.backend.Containers.instance;
import static dev.ccbridge.receptor.backend.Containers.sh;
import static dev.ccbridge.receptor.backend.Containers.task;
import static dev.ccbridge.receptor.backend.Containers.withSetup;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.ccbridge.receptor.model.Action;
import dev.ccbridge.receptor.model.EnvironmentVariable;
import dev.ccbridge.receptor.model.LogLine;
import dev.ccbridge.receptor.model.TaskProgress.Step;
import dev.ccbridge.receptor.model.TaskProgress.StepState;
import java.math.BigInteger;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * What every backend does with containers and the actions in them. The backend under test stops
 * programs after a second of grace and allows this machine's own addresses.
 */
@TestInstance(Lifecycle.PER_CLASS)
@Timeout(300)
public abstract class BackendContract {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final ArtifactServer server = new ArtifactServer();
  private RecordingListener listener = new RecordingListener();
  private Path directory;
  private Backend backend;

  /** A backend that is not started yet. */
  protected abstract Backend backend(Path directory) throws Exception;

  /**
   * How containers reach a server of this machine's loopback.
   *
   * @return the host; the port is the same
   */
  protected String hostOfLocalServer(int port) throws Exception {
    return "127.0.0.1";
  }

  /** Whether what one container has downloaded spares another the body. */
  protected boolean keepsDownloads() {
    return true;
  }

  /** Whether the next life goes on with LRP instances. */
  protected boolean keepsInstances() {
    return false;
  }

  @BeforeAll
  void startBackend(@TempDir Path itsDirectory) throws Exception {
    directory = itsDirectory;
    backend = backend(directory);
    server.reachedAt(hostOfLocalServer(server.port()));
    backend.start(listener, List.of());
  }

  @AfterAll
  void closeBackend() {
    if (backend != null) {
      backend.close();
    }
    server.close();
  }

  @AfterEach
  void listenerWasToldInOrder() {
    listener.assertThatOrderWasKept();
  }

  protected Backend backend() {
    return backend;
  }

  protected RecordingListener listener() {
    return listener;
  }

  protected void start(Container container) {
    backend.place(container);
    backend.run(container);
  }

  protected ContainerOutcome perform(Container container) throws Exception {
    start(container);
    return listener.awaitEnd(container.guid());
  }

  protected ContainerOutcome perform(Action action) throws Exception {
    return perform(task(action));
  }

  private List<String> log(Container task) {
    return backend.taskLogs(task.guid(), 100).stream().map(BackendContract::shown).toList();
  }

  private static String shown(LogLine line) {
    return line.source() + (line.stderr() ? " err " : " out ") + line.text();
  }

  private static Action.Serial serial(Action... actions) {
    return Action.serial(List.of(actions));
  }

  private static Action.Download download(String from, String to) {
    return Action.download("", from, to, "", "vcap");
  }

  // Run

  @Test
  void taskSucceedsWithTheContentOfItsResultFile() throws Exception {
    var task =
        task(
            sh("echo out; echo err >&2; printf '{\"a\":1}' > /tmp/result.json"),
            "/tmp/result.json");

    assertThat(perform(task)).isEqualTo(ContainerOutcome.succeeded("{\"a\":1}"));

    assertThat(log(task))
        .contains("CELL out out", "CELL err err")
        .last()
        .isEqualTo("CELL out Exit status 0");
  }

  @Test
  void exitStatusIsTheFailure() throws Exception {
    var task = task(sh("exit 4"));

    assertThat(perform(task)).isEqualTo(ContainerOutcome.failed("Exited with status 4"));

    assertThat(log(task)).containsExactly("CELL out Exit status 4");
  }

  @Test
  void programThatDoesNotExistFails() throws Exception {
    var outcome =
        perform(Action.run("vcap", "/tmp/no-such-program", List.of(), List.of(), null, ""));

    assertThat(outcome).isEqualTo(ContainerOutcome.failed("Exited with status 127"));
  }

  @Test
  void missingAndOversizedResultFilesFailTheTask() throws Exception {
    var missing = task(sh("true"), "/tmp/result");
    var tooLarge = task(sh("head -c 10241 /dev/zero > /tmp/result"), "/tmp/result");
    var justRight = task(sh("head -c 10240 /dev/zero > /tmp/result"), "/tmp/result");

    assertThat(perform(missing)).isEqualTo(ContainerOutcome.failed("failed to fetch result"));
    assertThat(perform(tooLarge)).isEqualTo(ContainerOutcome.failed("failed to fetch result"));
    assertThat(perform(justRight).result()).hasSize(10240);
  }

  @Test
  void argumentsAndVariablesArriveAsTheyAre() throws Exception {
    var odd = "a 'b' \"c\" $HOME `d` \\ \n é *";
    var run =
        new Action.Run(
            "/bin/sh",
            List.of(
                "-c", "printf '%s|%s|%s' \"$1\" \"$ODD\" \"$FROM_CONTAINER\" > /tmp/r", "sh", odd),
            "",
            List.of(
                new EnvironmentVariable("ODD", odd),
                new EnvironmentVariable("dotted.name", "x"),
                new EnvironmentVariable("FROM_CONTAINER", "action")),
            null,
            "vcap",
            "");

    assertThat(perform(task(run, "/tmp/r")).result()).isEqualTo(odd + "|" + odd + "|action");
  }

  @Test
  void programsSeeAnEnvironmentOfTheirOwn() throws Exception {
    var task = task(sh("env | sed 's/=.*//' | sort > names; cp names /tmp/names"), "/tmp/names");

    var names = perform(task).result().split("\n");

    assertThat(names)
        .contains("PATH", "HOME", "USER", "LANG", "FROM_CONTAINER", "CF_INSTANCE_PORTS")
        .doesNotContain("INSTANCE_GUID", "SHLVL", "MAVEN_CMD_LINE_ARGS", "SURE_FIRE_FORK");
  }

  @Test
  void openFilesAreLimited() throws Exception {
    var run =
        Action.run(
            "vcap",
            "/bin/sh",
            List.of("-c", "ulimit -n > /tmp/n"),
            List.of(),
            BigInteger.valueOf(123),
            "");

    assertThat(perform(task(run, "/tmp/n")).result().strip()).isEqualTo("123");
  }

  @Test
  void eachContainerHasItsOwnTmpAndHome() throws Exception {
    var first =
        task(
            sh(
                "echo one > \"$HOME/f\"; ls \"$HOME\" > /tmp/seen; pwd >> /tmp/seen; cat f >>"
                    + " /tmp/seen"),
            "/tmp/seen");
    var second = task(sh("echo two > g; ls \"$HOME\" > \"${TMPDIR:-/tmp}/seen\""), "/tmp/seen");

    assertThat(perform(first).result()).startsWith("f\n").endsWith("home/vcap\none\n");
    assertThat(perform(second).result()).isEqualTo("g\n");
  }

  // Composition

  @Test
  void serialStopsAtTheFirstFailure() throws Exception {
    var task = task(serial(sh("echo a"), sh("exit 3"), sh("echo never")));

    assertThat(perform(task).reason()).isEqualTo("Exited with status 3");

    assertThat(log(task))
        .containsExactly("CELL out a", "CELL out Exit status 0", "CELL out Exit status 3");
  }

  @Test
  void parallelWaitsForAllAndAggregates() throws Exception {
    var outcome =
        perform(Action.parallel(List.of(sh("sleep 0.3; exit 5"), sh("exit 4"), sh("true"))));

    assertThat(outcome.reason())
        .isEqualTo("2 error(s) occurred:\n\n* Exited with status 4\n* Exited with status 5");
  }

  @Test
  void codependentCancelsTheOthersAndAlwaysFails() throws Exception {
    var outcome = perform(Action.codependent(List.of(sh("true"), sh("sleep 100"))));

    assertThat(outcome.reason())
        .isEqualTo("2 error(s) occurred:\n\n* Codependent step exited\n* cancelled");
  }

  @Test
  void timeoutCancelsWhatTakesTooLong() throws Exception {
    var slow = Action.timeout(Duration.ofMillis(300).toNanos(), sh("sleep 100"));
    var quick = Action.timeout(Duration.ofMinutes(15).toNanos(), sh("exit 9"));

    assertThat(perform(slow).reason()).isEqualTo("exceeded 300ms timeout");
    assertThat(perform(quick).reason()).isEqualTo("Exited with status 9");
  }

  @Test
  void trySwallowsTheFailure() throws Exception {
    assertThat(perform(serial(Action.tolerate(sh("exit 1")), sh("true"))))
        .isEqualTo(ContainerOutcome.succeeded(""));
  }

  @Test
  void progressIsEmittedAroundAnAction() throws Exception {
    var good = task(Action.emitProgress("Compiling", "Done", "Failed", sh("true")));
    var bad = task(Action.emitProgress("Compiling", "Done", "Failed", sh("exit 2")));
    var silent = task(Action.emitProgress("", "", "", sh("exit 2")));

    perform(good);
    perform(bad);
    perform(silent);

    assertThat(log(good))
        .containsExactly("CELL out Compiling", "CELL out Exit status 0", "CELL out Done");
    assertThat(log(bad))
        .containsExactly(
            "CELL out Compiling",
            "CELL out Exit status 2",
            "CELL err Failed: Exited with status 2");
    assertThat(log(silent)).containsExactly("CELL out Exit status 2");
  }

  @Test
  void logSourceOfWrappersReachesInsideAllButSerial() throws Exception {
    var task =
        task(
            new Action.Serial(
                List.of(
                    new Action.Timeout(sh("echo a"), Long.MAX_VALUE, "TIM"),
                    new Action.Try(sh("echo b", "RUN"), "TRY"),
                    new Action.EmitProgress(sh("echo c"), "start", "", "", "EMI"),
                    new Action.Parallel(List.of(sh("echo d")), "PAR")),
                "SER"));

    perform(task);

    assertThat(log(task))
        .contains("TIM out a", "RUN out b", "EMI out start", "CELL out c", "PAR out d");
  }

  // Downloads and uploads

  @Test
  void downloadsUnpackWhateverTheArchive() throws Exception {
    server.serve("/a.tgz", tgz(Map.of("./dir/", "", "./dir/file", "tgz")));
    server.serve("/a.zip", zip(Map.of("dir/file", "zip")));
    server.serve("/a.tar", tar(Map.of("dir/file", "tar")));
    var task =
        task(
            serial(
                download(server.url("/a.tgz"), "/tmp/tgz"),
                download(server.url("/a.zip"), "/tmp/zip"),
                download(server.url("/a.tar"), "."),
                sh(
                    "cat /tmp/tgz/dir/file /tmp/zip/dir/file dir/file > /tmp/all; test -x"
                        + " dir/file")),
            "/tmp/all");

    assertThat(perform(task)).isEqualTo(ContainerOutcome.succeeded("tgzziptar"));
  }

  @Test
  void artifactsAreNamedInTheLog() throws Exception {
    var bits = tgz(Map.of("f", "x"));
    server.serve("/bits", bits);
    server.answer("/drop", 200);
    var task =
        task(
            serial(
                Action.download("app package", server.url("/bits"), "/tmp/app", "", "vcap"),
                sh("head -c 1536 /dev/zero > /tmp/droplet"),
                Action.upload("droplet", "/tmp/droplet", server.url("/drop"), "vcap")));

    assertThat(perform(task).failed()).isFalse();

    assertThat(log(task))
        .containsExactly(
            "CELL out Downloading app package...",
            "CELL out Downloaded app package (" + bits.length + "B)",
            "CELL out Exit status 0",
            "CELL out Uploading droplet...",
            "CELL out Uploaded droplet (1.5K)");
  }

  @Test
  void cachedDownloadsAreRevalidated() throws Exception {
    server.serveWithEtag("/cached", tgz(Map.of("f", "x")), "\"v1\"");
    var key = UUID.randomUUID().toString();
    Action again = Action.download("thing", server.url("/cached"), "/tmp/d", key, "vcap");
    var first = task(again);
    var second = task(serial(again, sh("cp /tmp/d/f /tmp/r")), "/tmp/r");

    perform(first);
    assertThat(perform(second).result()).isEqualTo("x");

    if (!keepsDownloads()) {
      assertThat(log(second)).anyMatch(line -> line.startsWith("CELL out Downloaded thing ("));
      return;
    }
    assertThat(log(second)).contains("CELL out Downloaded thing");
    assertThat(server.requests("/cached")).hasSize(2);
    assertThat(server.requests("/cached").getLast().header("If-none-match")).isEqualTo("\"v1\"");
  }

  @Test
  void bodyThatIsNotWhatItsEtagSaysIsRefused() throws Exception {
    server.serveWithEtag("/wrong", tgz(Map.of("f", "x")), "\"" + "0".repeat(32) + "\"");

    var task = task(download(server.url("/wrong"), "/tmp/d"));

    assertThat(perform(task).reason()).isEqualTo("Downloading failed");
    assertThat(server.requests("/wrong")).hasSize(3);
  }

  @Test
  void credentialsInUrlsAreUsedAndNeverTold() throws Exception {
    server.serve("/secret", "no archive".getBytes(StandardCharsets.UTF_8));
    var url = server.url("/secret?token=canary").replace("http://", "http://user:canary@");
    var task = task(Action.download("bits", url, "/tmp/d", "", "vcap"));

    assertThat(perform(task).reason()).isEqualTo("Downloading failed");

    var expected =
        Base64.getEncoder().encodeToString("user:canary".getBytes(StandardCharsets.UTF_8));
    assertThat(server.requests("/secret").getFirst().header("Authorization"))
        .isEqualTo("Basic " + expected);
    assertThat(log(task) + " " + backend.progress(task.guid())).doesNotContain("canary");
  }

  @Test
  void missingArtifactFailsAndItsStepSaysWhy() throws Exception {
    var task = task(download(server.url("/missing"), "/tmp/d"));

    assertThat(perform(task).reason()).isEqualTo("Downloading failed");

    assertThat(server.requests("/missing")).hasSize(3);
    assertThat(backend.progress(task.guid()).steps().getFirst().message())
        .isEqualTo("Downloading failed: status code 404");
  }

  @Test
  void linkLocalAddressesAreRefusedAlsoAfterARedirect() throws Exception {
    server.redirect("/redirect", "http://169.254.169.254/latest/meta-data");
    var direct = task(download("http://169.254.169.254/x", "/tmp/d"));
    var redirected = task(download(server.url("/redirect"), "/tmp/d"));
    var file = task(download("file:///etc/passwd", "/tmp/d"));

    for (var task : List.of(direct, redirected, file)) {
      assertThat(perform(task).reason()).isEqualTo("Downloading failed");
    }
    assertThat(backend.progress(redirected.guid()).steps().getFirst().message())
        .endsWith("host 169.254.169.254 is an address that is not allowed");
  }

  @Test
  void archiveThatEscapesIsRefused() throws Exception {
    server.serve("/evil", tar(Map.of("../../../evil", "x")));
    var task = task(download(server.url("/evil"), "/tmp/d"));

    assertThat(perform(task).reason()).isEqualTo("Downloading failed");

    assertThat(backend.progress(task.guid()).steps().getFirst().message())
        .contains("a name with \"..\" in the archive");
  }

  @Test
  void linksOfTheContainerDoNotLeadOutOfIt(@TempDir Path outside) throws Exception {
    server.serve("/f", tar(Map.of("planted", "x")));
    var task =
        task(serial(sh("ln -s " + outside + " /tmp/out"), download(server.url("/f"), "/tmp/out")));

    perform(task);

    assertThat(outside).isEmptyDirectory();
  }

  @Test
  void uploadSendsTheFileWithItsDigest() throws Exception {
    server.answer("/upload", 201);
    var task =
        task(
            serial(
                sh("printf content > /tmp/droplet"),
                Action.upload("", "/tmp/droplet", server.url("/upload"), "vcap")));

    assertThat(perform(task).failed()).isFalse();

    var request = server.requests("/upload").getFirst();
    var md5 = MessageDigest.getInstance("MD5").digest("content".getBytes(StandardCharsets.UTF_8));
    assertThat(request.method()).isEqualTo("POST");
    assertThat(request.body()).asString(StandardCharsets.UTF_8).isEqualTo("content");
    assertThat(request.header("Content-type")).isEqualTo("application/octet-stream");
    assertThat(request.header("Content-length")).isEqualTo("7");
    assertThat(request.header("Content-md5")).isEqualTo(Base64.getEncoder().encodeToString(md5));
  }

  @Test
  void refusedUploadFailsWithTheStatus() throws Exception {
    server.answer("/full", 503);
    var task =
        task(
            serial(
                sh("echo x > /tmp/droplet"),
                Action.upload("droplet", "/tmp/droplet", server.url("/full"), "vcap")));

    assertThat(perform(task).reason()).isEqualTo("Upload failed: Status code 503");

    assertThat(server.requests("/full")).hasSize(3);
    assertThat(log(task)).last().isEqualTo("CELL err Failed to upload droplet");
  }

  @Test
  void missingFileCannotBeUploaded() throws Exception {
    assertThat(perform(Action.upload("", "/tmp/none", server.url("/upload"), "vcap")).reason())
        .isEqualTo("Failed to establish stream from container");
  }

  // Progress and cancellation

  @Test
  void progressTellsTheStepsInTreeOrder() throws Exception {
    server.serve("/app", tgz(Map.of("f", "x")));
    server.answer("/d", 200);
    var task =
        task(
            serial(
                Action.parallel(
                    List.of(
                        Action.download("app package", server.url("/app"), "/tmp/a", "", "vcap"),
                        Action.download("", server.url("/app"), "/tmp/b", "lifecycle", "vcap"),
                        download(server.url("/app?x=/y"), "/tmp/c"))),
                Action.run(
                    "vcap", "/bin/sh", List.of("-c", "echo building; exit 1"), List.of(), null, ""),
                Action.upload("droplet", "/tmp/d", server.url("/d"), "vcap")));

    perform(task);

    var progress = backend.progress(task.guid());
    assertThat(progress.steps().stream().map(Step::name))
        .containsExactly(
            "download app package",
            "download lifecycle",
            "download app",
            "run sh",
            "upload droplet");
    assertThat(progress.steps().stream().map(Step::state))
        .containsExactly(
            StepState.SUCCEEDED,
            StepState.SUCCEEDED,
            StepState.SUCCEEDED,
            StepState.FAILED,
            StepState.CANCELLED);
    assertThat(progress.steps().get(3).message()).isEqualTo("Exited with status 1");
    assertThat(progress.lastOutput()).isEqualTo("building");
    assertThat(listener.progress(task.guid())).hasSizeGreaterThan(4).last().isEqualTo(progress);
  }

  @Test
  void stopEndsTheProgramsOfATask() throws Exception {
    var task =
        task(
            serial(
                sh("trap 'echo asked; exit 0' TERM; echo up; while :; do sleep 0.1; done"),
                sh("echo never")));
    start(task);
    await().atMost(PATIENCE).until(() -> log(task).contains("CELL out up"));

    backend.stop(task.guid());

    assertThat(listener.awaitEnd(task.guid())).isEqualTo(ContainerOutcome.failed("cancelled"));
    assertThat(log(task)).contains("CELL out asked").doesNotContain("CELL out never");
  }

  @Test
  void stopKillsWhatDoesNotListen() throws Exception {
    var task = task(sh("trap '' TERM; echo up; while :; do sleep 0.1; done"));
    start(task);
    await().atMost(PATIENCE).until(() -> log(task).contains("CELL out up"));

    backend.stop(task.guid());

    assertThat(listener.awaitEnd(task.guid()).reason()).isEqualTo("cancelled");
  }

  @Test
  void stopAbortsATransfer() throws Exception {
    server.hang("/hang");
    var task = task(download(server.url("/hang"), "/tmp/d"));
    start(task);
    await().atMost(PATIENCE).until(() -> !server.requests("/hang").isEmpty());

    backend.stop(task.guid());

    assertThat(listener.awaitEnd(task.guid()).reason()).isEqualTo("cancelled");
  }

  @Test
  void guidMayComeAgainAsSoonAsItsContainerIsDestroyed() throws Exception {
    for (var i = 0; i < 5; i++) {
      var first = task(sh("echo begun; sleep 600"));
      start(first);
      await().atMost(Duration.ofSeconds(20)).until(() -> log(first).contains("CELL out begun"));
      backend.destroy(first.guid());

      var again = task(sh("sleep 0.1; printf again > /tmp/result"), "/tmp/result");
      assertThat(perform(Containers.withGuid(again, first.guid())))
          .isEqualTo(ContainerOutcome.succeeded("again"));
    }
  }

  @Test
  void destroyEndsWithoutAWord() throws Exception {
    var task = task(sh("echo up; sleep 100"));
    start(task);
    await().atMost(PATIENCE).until(() -> log(task).contains("CELL out up"));

    backend.destroy(task.guid());

    assertThat(listener.hasEnded(task.guid())).isFalse();
    assertThat(backend.taskLogs(task.guid(), 10)).isEmpty();
  }

  // LRP instances

  @Test
  void nextLifeGoesOnWithInstancesOrHasThemEnded() throws Exception {
    var one = instance(sh("while :; do sleep 0.1; done"), null, 0);
    start(one);
    listener.awaitRunning(one.guid());
    backend.close();
    assertThat(keepsInstances() && listener.hasEnded(one.guid())).isFalse();
    listener.assertThatOrderWasKept();

    listener = new RecordingListener();
    backend = backend(directory);
    var goneOnWith = backend.start(listener, List.of(one));

    assertThat(goneOnWith).isEqualTo(keepsInstances() ? Set.of(one.guid()) : Set.of());
    if (keepsInstances()) {
      listener.awaitRunning(one.guid());
      backend.stop(one.guid());
      assertThat(listener.awaitEnd(one.guid()).reason()).isEqualTo("cancelled");
    }
    assertThat(listener.hasEnded(one.guid())).isEqualTo(keepsInstances());
  }

  private static final String SERVER =
      "echo \"listening on $PORT\"; exec \"${JAVA_HOME:-/opt/java}/bin/jwebserver\" -b 0.0.0.0 -p"
          + " \"$PORT\" -d \"$HOME\"";

  private static Action.Run app(String script) {
    return new Action.Run(
        "/bin/sh",
        List.of("-c", script),
        "",
        List.of(new EnvironmentVariable("PORT", "8080")),
        null,
        "vcap",
        "APP");
  }

  private static Action check() {
    return Action.timeout(
        Duration.ofSeconds(30).toNanos(),
        new Action.Run(
            "/bin/bash",
            List.of("-c", "exec 3<>/dev/tcp/127.0.0.1/${1#-port=}", "check", "-port=8080"),
            "",
            List.of(),
            null,
            "vcap",
            "HEALTH"));
  }

  @Test
  void instancesRunSideBySide() throws Exception {
    server.serve("/droplet", tgz(Map.of("hello", "hello")));
    var process = "process-" + UUID.randomUUID();
    var instances = new ArrayList<Container>();
    for (int index = 0; index < 2; index++) {
      var plain = instance(process, index, Action.codependent(List.of(app(SERVER))), check(), 60);
      instances.add(withSetup(plain, download(server.url("/droplet"), ".")));
    }

    instances.forEach(this::start);

    var contents = new HashMap<Reached, String>();
    for (var one : instances) {
      var running = listener.awaitRunning(one.guid());
      var reached = new Reached(running.address(), running.ports().getFirst().hostPort());
      assertThat(running.ports().getFirst().containerPort()).isEqualTo(8080);
      contents.put(reached, get(reached, "/hello"));
    }
    assertThat(contents).hasSize(2);
    assertThat(contents.values()).containsOnly("hello");
    assertThat(backend.lrpLogs(process, 1, 1000).stream().map(BackendContract::shown))
        .anyMatch(line -> line.startsWith("APP out listening on "));
    instances.forEach(one -> backend.stop(one.guid()));
    for (var one : instances) {
      assertThat(listener.awaitEnd(one.guid()).reason())
          .isIn(
              "2 error(s) occurred:\n\n* cancelled\n* 1 error(s) occurred:\n\n* cancelled",
              "2 error(s) occurred:\n\n* 1 error(s) occurred:\n\n* cancelled\n* cancelled");
    }
    assertThat(contents.keySet()).allSatisfy(this::assertThatNobodyListens);
  }

  private void assertThatNobodyListens(Reached port) {
    assertThatThrownBy(() -> get(port, "/")).isInstanceOf(Exception.class);
  }

  /** Where an instance takes connections. */
  protected record Reached(String address, int port) {}

  /** What is served at an instance's port. */
  protected String get(Reached at, String path) throws Exception {
    try (var client = HttpClient.newHttpClient()) {
      var url = URI.create("http://" + at.address() + ":" + at.port() + path);
      var request = HttpRequest.newBuilder(url).timeout(Duration.ofSeconds(5)).build();
      return client.send(request, BodyHandlers.ofString()).body();
    }
  }

  @Test
  void withoutMonitorAnyExitEndsTheInstance() throws Exception {
    var failing = instance(Action.codependent(List.of(app("exit 4"))), null, 0);
    var leaving = instance(app("exit 0"), null, 0);

    assertThat(perform(failing).reason())
        .isEqualTo("1 error(s) occurred:\n\n* Exited with status 4");
    assertThat(perform(leaving).reason()).isEmpty();
    assertThat(listener.isRunning(leaving.guid())).isTrue();
  }

  @Test
  void crashBesideAMonitorIsANestedAggregate() throws Exception {
    var failing = instance(Action.codependent(List.of(app("exit 4"))), check(), 60);
    var leaving = instance(Action.codependent(List.of(app("exit 0"))), check(), 60);

    assertThat(perform(failing).reason())
        .isEqualTo(
            "2 error(s) occurred:\n\n"
                + "* 1 error(s) occurred:\n\n"
                + "* Exited with status 4\n"
                + "* cancelled");
    assertThat(perform(leaving).reason())
        .isEqualTo(
            "2 error(s) occurred:\n\n"
                + "* 1 error(s) occurred:\n\n"
                + "* Codependent step exited\n"
                + "* cancelled");
    assertThat(listener.isRunning(failing.guid())).isFalse();
  }

  @Test
  void instanceThatNeverBecomesHealthyTimesOut() throws Exception {
    var deaf = instance(app("sleep 100"), sh("exit 1", "HEALTH"), 1);

    assertThat(perform(deaf).reason())
        .isEqualTo("2 error(s) occurred:\n\n* Exited with status 1\n* cancelled");

    var process = deaf.instance().processGuid();
    assertThat(backend.lrpLogs(process, 0, 100).stream().map(BackendContract::shown))
        .contains("CELL err Timed out after 1s: health check never passed.");
    assertThat(listener.isRunning(deaf.guid())).isFalse();
  }

  @Test
  void failedCheckAfterHealthyIsACrash() throws Exception {
    var check = sh("test ! -e \"$HOME/sick\"");
    var sick =
        instance(app("while [ ! -e go ]; do sleep 0.05; done; touch sick; sleep 100"), check, 60);
    start(sick);
    listener.awaitRunning(sick.guid());

    assertThat(listener.hasEnded(sick.guid())).isFalse();
    makeSick(sick);

    assertThat(listener.awaitEnd(sick.guid()).reason())
        .isEqualTo("2 error(s) occurred:\n\n* Exited with status 1\n* cancelled");
  }

  /** Makes the file {@code go} in the home of a running instance. */
  protected abstract void makeSick(Container instance) throws Exception;

  @Test
  void actionMayExitWithSuccessBesideAMonitor() throws Exception {
    var check = sh("test ! -e \"$HOME/go\"");
    var daemon = instance(app("(sleep 100 &) ; exit 0"), check, 60);
    var process = daemon.instance().processGuid();
    start(daemon);
    listener.awaitRunning(daemon.guid());
    await()
        .atMost(PATIENCE)
        .until(
            () ->
                backend.lrpLogs(process, 0, 100).stream()
                    .map(BackendContract::shown)
                    .anyMatch("APP out Exit status 0"::equals));

    makeSick(daemon);

    assertThat(listener.awaitEnd(daemon.guid()).reason())
        .isEqualTo("1 error(s) occurred:\n\n* Exited with status 1");
  }

  @Test
  void failedSetupEndsTheInstance() throws Exception {
    var broken = withSetup(instance(app("sleep 100"), null, 0), sh("exit 7"));

    assertThat(perform(broken).reason()).isEqualTo("Exited with status 7");
    assertThat(listener.isRunning(broken.guid())).isFalse();
  }

  @Test
  void instanceKnowsWhoItIs() throws Exception {
    var process = "process-" + UUID.randomUUID();
    var one =
        instance(
            process,
            3,
            app(
                "echo \"$INSTANCE_GUID $INSTANCE_INDEX $CF_INSTANCE_PORTS $CF_INSTANCE_ADDR"
                    + " $PORT\""),
            null,
            0);

    perform(one);

    var running = listener.awaitRunning(one.guid());
    var ports = running.ports().getFirst();
    assertThat(backend.lrpLogs(process, 3, 10).getFirst().text())
        .isEqualTo(
            "%s 3 [{\"external\":%d,\"internal\":8080}] %s:%d %d"
                .formatted(
                    one.guid(),
                    ports.hostPort(),
                    running.address(),
                    ports.hostPort(),
                    ports.hostPort()));
  }

  @Test
  void logOfAnInstanceIsKeptAcrossItsRestartsUntilForgotten() throws Exception {
    var process = "process-" + UUID.randomUUID();
    perform(instance(process, 0, app("echo first"), null, 0));
    perform(instance(process, 0, app("echo second"), null, 0));

    assertThat(backend.lrpLogs(process, 0, 10).stream().map(LogLine::text))
        .containsExactly("first", "Exit status 0", "second", "Exit status 0");
    backend.forget(process);
    assertThat(backend.lrpLogs(process, 0, 10)).isEmpty();
  }

  // Placement

  @Test
  void cellTakesOnlyWhatItOffers() {
    var cell = backend.cells().getFirst();
    assertThat(cell.rootfsProviders().get("preloaded")).contains("cflinuxfs4");
    var good = task(sh("true"));

    assertThatThrownBy(() -> backend.place(withRootfs(good, "tar:///busybox")))
        .isInstanceOf(PlacementException.class)
        .hasMessage("found no compatible cell");
    var image = withRootfs(good, "docker:///busybox");
    if (cell.rootfsProviders().containsKey("docker")) {
      assertThat(backend.place(image)).isEqualTo(cell.cellId());
      backend.destroy(image.guid());
    } else {
      assertThatThrownBy(() -> backend.place(image)).isInstanceOf(PlacementException.class);
    }
    assertThatThrownBy(() -> backend.place(withRootfs(good, "preloaded:lucid64")))
        .hasMessage("found no compatible cell");
    assertThat(backend.place(good)).isEqualTo(cell.cellId());
    backend.destroy(good.guid());
  }

  private static Container withRootfs(Container c, String rootfs) {
    return new Container(
        c.guid(),
        c.instance(),
        c.domain(),
        rootfs,
        c.env(),
        c.setup(),
        c.action(),
        c.monitor(),
        c.startTimeoutSeconds(),
        c.ports(),
        c.memoryMb(),
        c.diskMb(),
        c.cpuWeight(),
        c.privileged(),
        c.egressRules(),
        c.logGuid(),
        c.logSource(),
        c.resultFile(),
        c.imageCredentials());
  }
}
