package dev.ccbridge.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** The programs, run from the archive as a cell runs them. */
@Timeout(180)
class LifecycleArchiveIT {
  @TempDir Path work;
  private Lifecycle lifecycle;
  private Path home;

  @BeforeEach
  void unpack() throws Exception {
    lifecycle = new Lifecycle(work);
    home = work.resolve("home");
    Files.createDirectories(home.resolve("app"));
  }

  private String stdout(String command) throws Exception {
    var finished = lifecycle.launch(home, Map.of(), command);
    assertThat(finished.stderr()).isEmpty();
    assertThat(finished.status()).isZero();
    return finished.stdout().strip();
  }

  @Test
  void theProgramsAreExecutableAndBringOnlyTheJarsTheyNeed() {
    var entries =
        Archives.list(Lifecycle.archive("buildpack_app_lifecycle/buildpack_app_lifecycle"));

    assertThat(entries)
        .containsExactlyInAnyOrder(
            "-rwxr-xr-x builder",
            "-rwxr-xr-x launcher",
            "-rwxr-xr-x healthcheck",
            "-rwxr-xr-x diego-sshd",
            "-rw-r--r-- lib/run.sh",
            "-rw-r--r-- lib/find-java.sh",
            "-rw-r--r-- lib/lifecycle.jar",
            "-rw-r--r-- lib/jackson-core.jar",
            "-rw-r--r-- lib/snakeyaml.jar",
            "-rw-r--r-- lib/commons-compress.jar",
            "-rw-r--r-- lib/commons-io.jar",
            "-rw-r--r-- lib/commons-lang3.jar",
            "-rw-r--r-- lib/commons-codec.jar",
            "-rw-r--r-- lib/sshd-core.jar",
            "-rw-r--r-- lib/sshd-common.jar",
            "-rw-r--r-- lib/slf4j-api.jar",
            "-rw-r--r-- lib/slf4j-simple.jar");
  }

  @Test
  void theWindowsArchiveHasTheProgramsUnderNamesThatWindowsFinds() {
    var entries = Archives.list(Lifecycle.archive("windows_app_lifecycle/windows_app_lifecycle"));

    assertThat(entries)
        .contains(
            "-rwxr-xr-x builder.cmd",
            "-rwxr-xr-x launcher.cmd",
            "-rwxr-xr-x healthcheck.cmd",
            "-rw-r--r-- lib/lifecycle.jar");
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void theLauncherBecomesTheApp() throws Exception {
    var launcher = lifecycle.program("launcher").toString();
    var process =
        new ProcessBuilder(
                launcher, "app", "echo $$; readlink /proc/$$/exe; ls /proc/$$/fd; true", "")
            .directory(home.toFile())
            .redirectInput(Path.of("/dev/null").toFile())
            .start();
    try (var lines = process.inputReader()) {
      assertThat(lines.readLine()).as("process id").isEqualTo(String.valueOf(process.pid()));
      assertThat(lines.readLine()).endsWith("/bash");
      assertThat(lines.readAllLines()).as("open files").containsExactly("0", "1", "2");
    }
    assertThat(process.waitFor()).isZero();
  }

  @Test
  void theAppsExitStatusIsTheLaunchers() throws Exception {
    assertThat(lifecycle.launch(home, Map.of(), "exit 7").status()).isEqualTo(7);
  }

  @Test
  void theAppStartsInItsDirectoryAfterItsProfileScripts() throws Exception {
    var profile = Files.createDirectories(home.resolve("app/.profile.d"));
    Files.writeString(profile.resolve("a b.sh"), "export GREETING=\"grüß $HOME\"");
    Files.writeString(profile.resolve("b.sh"), "GREETING=\"$GREETING!\"");

    assertThat(stdout("pwd; echo $GREETING")).isEqualTo(home + "/app\ngrüß " + home + "/app!");
  }

  @Test
  void theEnvironmentMeantForTheAppReachesItWhole() throws Exception {
    var environment =
        Map.of(
            "VCAP_APPLICATION", "{\"name\":\"x\"}",
            "PORT", "8080",
            "INSTANCE_INDEX", "1",
            "INSTANCE_GUID", "ig-1",
            "spring.profiles.active", "cloud",
            "JAVA_TOOL_OPTIONS", "-Dapp=own -Xmx1x",
            "LC_ALL", "POSIX",
            "QUOTES", "a 'b' \"c\" $d\nline two");

    var finished = lifecycle.launch(home, environment, "env; echo \"$0\" 'ü'");

    assertThat(finished.stderr()).isEmpty();
    assertThat(finished.stdout())
        .contains(
            "VCAP_APPLICATION={\"host\":\"0.0.0.0\",\"instance_id\":\"ig-1\","
                + "\"instance_index\":1,\"name\":\"x\",\"port\":8080}\n")
        .contains("TMPDIR=" + home + "/tmp\n")
        .contains("spring.profiles.active=cloud\n")
        .contains("JAVA_TOOL_OPTIONS=-Dapp=own -Xmx1x\n")
        .contains("LC_ALL=POSIX\n")
        .contains("QUOTES=a 'b' \"c\" $d\nline two\n")
        .contains("ü\n")
        .doesNotContainIgnoringCase("ccbridge_");
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void signalsAndLimitsAreUntouchedByTheJvmInBetween() throws Exception {
    var finished =
        lifecycle.run(
            home,
            Map.of(),
            List.of(
                "sh",
                "-c",
                "ulimit -Sn 333; exec \"$0\" \"$@\"",
                lifecycle.program("launcher").toString(),
                "app",
                "ulimit -Sn; grep -E 'Sig(Blk|Ign)' /proc/self/status",
                ""));

    // As without us: whatever started this test may have had signals ignored.
    var untouched =
        lifecycle.run(
            home, Map.of(), List.of("sh", "-c", "grep -E 'Sig(Blk|Ign)' /proc/self/status"));
    assertThat(finished.stdout()).startsWith("333\nSigBlk:\t0000000000000000\n");
    assertThat(ignoredSignals(finished.stdout())).isEqualTo(ignoredSignals(untouched.stdout()));
  }

  /** Signals 32 and 33 are the C library's own; a JVM leaves them ignored or not. */
  private static long ignoredSignals(String status) {
    var mask = status.substring(status.indexOf("SigIgn:") + "SigIgn:".length()).strip();
    return Long.parseUnsignedLong(mask, 16) & 0x7fff_ffffL;
  }

  @Test
  void terminateAndQuitReachTheApp() throws Exception {
    for (var signal : List.of("TERM", "QUIT")) {
      var ready = home.resolve("app/ready-" + signal);
      Files.writeString(
          home.resolve("staging_info.yml"),
          "start_command: \"trap 'exit 42' %s; touch %s; while :; do sleep 0.05; done\"\n"
              .formatted(signal, ready));
      var app = lifecycle.start(home, Map.of());
      try {
        Awaitility.await().atMost(30, TimeUnit.SECONDS).until(() -> Files.exists(ready));

        new ProcessBuilder("kill", "-" + signal, String.valueOf(app.pid())).start().waitFor();

        assertThat(app.waitFor(30, TimeUnit.SECONDS)).isTrue();
        assertThat(app.exitValue()).as(signal).isEqualTo(42);
      } finally {
        app.destroyForcibly();
      }
    }
  }

  @Test
  void withoutAnythingToStartTheUsageNamesTheProgram() throws Exception {
    var finished = lifecycle.launch(home, Map.of(), "");

    assertThat(finished.status()).isEqualTo(1);
    assertThat(finished.stderr())
        .isEqualTo(
            "Usage: "
                + lifecycle.program("launcher")
                + " <app directory> <start command> <metadata>\n");
  }

  @Test
  void theHealthcheckPassesWhenTheAppListensAndFailsWhenNot() throws Exception {
    try (var app = new ServerSocket()) {
      app.bind(new InetSocketAddress(InetAddress.ofLiteral("0.0.0.0"), 0));
      var check = healthcheck("-port=" + app.getLocalPort());
      assertThat(check.stdout()).isEqualTo("healthcheck passed\n");
      assertThat(check.status()).isZero();
    }
    var check = healthcheck("-port=" + Lifecycle.freePort(), "-timeout", "500ms");
    assertThat(check.stdout()).isEqualTo("healthcheck failed\n");
    assertThat(check.status()).isEqualTo(1);
    assertThat(healthcheck("-nonsense").status()).isEqualTo(2);
  }

  private Lifecycle.Finished healthcheck(String... arguments) throws Exception {
    var command = new java.util.ArrayList<>(List.of(lifecycle.program("healthcheck").toString()));
    command.addAll(List.of(arguments));
    return lifecycle.run(home, Map.of("JAVA_TOOL_OPTIONS", "-Xmx1x"), command);
  }

  @Test
  void opensshIsServedByBothArchives() throws Exception {
    assumeThat(Stream.of("ssh", "ssh-keygen").map(Path.of("/usr/bin")::resolve))
        .as("OpenSSH")
        .allMatch(Files::isExecutable);
    var docker = work.resolve("docker");
    Files.createDirectories(docker);
    for (var archive :
        List.of(lifecycle, new Lifecycle(docker, "docker_app_lifecycle/docker_app_lifecycle"))) {
      serveOpenssh(archive.program("diego-sshd"));
    }
  }

  private void serveOpenssh(Path program) throws Exception {
    var keys = Files.createTempDirectory(work, "keys");
    for (var name : List.of("host", "user")) {
      var made =
          lifecycle.run(
              keys,
              Map.of(),
              List.of(
                  "ssh-keygen",
                  "-q",
                  "-t",
                  "rsa",
                  "-b",
                  "2048",
                  "-m",
                  "PEM",
                  "-N",
                  "",
                  "-f",
                  name));
      assertThat(made.status()).isZero();
    }
    var port = Lifecycle.freePort();
    var builder =
        new ProcessBuilder(
                program.toString(),
                "-address=127.0.0.1:" + port,
                "-hostKey=" + Files.readString(keys.resolve("host")),
                "-authorizedKey=" + Files.readString(keys.resolve("user.pub")),
                "-inheritDaemonEnv",
                "-logLevel=fatal")
            .directory(home.toFile())
            .inheritIO();
    builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
    builder.environment().put("JAVA_TOOL_OPTIONS", "-Dapp=own -Xmx1x");
    var daemon = builder.start();
    try {
      Awaitility.await().atMost(60, TimeUnit.SECONDS).until(() -> accepts(port));
      var done = ssh(keys, port, "pwd; echo $JAVA_TOOL_OPTIONS; env | grep -c CCBRIDGE_; exit 9");
      assertThat(done.status()).as(done.stderr()).isEqualTo(9);
      assertThat(done.stdout()).isEqualTo(home + "\n-Dapp=own -Xmx1x\n0\n");
      assertThat(Files.readString(keys.resolve("known")))
          .as("the host key that the client saw")
          .contains(Files.readString(keys.resolve("host.pub")).split(" ")[1]);
    } finally {
      daemon.destroy();
      assertThat(daemon.waitFor(30, TimeUnit.SECONDS)).isTrue();
    }
  }

  private static boolean accepts(int port) {
    try (var socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      return socket.isConnected();
    } catch (IOException e) {
      return false;
    }
  }

  private Lifecycle.Finished ssh(Path keys, int port, String command) throws Exception {
    return lifecycle.run(
        keys,
        Map.of(),
        List.of(
            "ssh",
            "-F/dev/null",
            "-p" + port,
            "-iuser",
            "-oIdentitiesOnly=yes",
            "-oBatchMode=yes",
            "-oStrictHostKeyChecking=accept-new",
            "-oUserKnownHostsFile=" + keys.resolve("known"),
            "-oPubkeyAcceptedAlgorithms=rsa-sha2-256,rsa-sha2-512",
            "app:guid/0@127.0.0.1",
            command));
  }

  @Test
  void anAppOf256MbIsStagedWithAHeapOf64() throws Exception {
    var app = Files.createDirectories(work.resolve("app"));
    Files.writeString(app.resolve("index.html"), "big");
    try (var file = new RandomAccessFile(app.resolve("big").toFile(), "rw")) {
      file.setLength(256L << 20);
    }

    var staged = lifecycle.stage(app);

    assertThat(staged.stderr()).isEmpty();
    assertThat(staged.status()).isZero();
    assertThat(staged.stdout()).contains("-----> Static files").contains("2 files in public/");
  }

  @Test
  void theBuildersExitCodeReachesTheStager() throws Exception {
    var staged = lifecycle.stage(Files.createDirectories(work.resolve("app")));

    assertThat(staged.status()).isEqualTo(222);
    assertThat(staged.stderr())
        .contains("None of the buildpacks detected a compatible application");
  }

  @Test
  void theFirstJavaThatIsNewEnoughIsTaken() throws Exception {
    var old = fakeJava("old", "release", "JAVA_VERSION=\"17.0.15\"");
    var odd = fakeJava("odd", "bin/java", "#!/bin/sh\necho 'x version \"1.8.0_1\"' >&2");
    var right = fakeJava("right", "release", "JAVA_VERSION=\"99.0.1\"");

    assertThat(findJava(99, old, right).stdout()).isEqualTo(right + "/bin/java\n");
    assertThat(findJava(99, right, old).stdout()).isEqualTo(right + "/bin/java\n");
    assertThat(findJava(17, old, right).stdout()).isEqualTo(old + "/bin/java\n");

    var none = findJava(99, odd, old);
    assertThat(none.stdout()).isEmpty();
    assertThat(none.stderr())
        .startsWith("Java 99 or newer is needed, and was not found: not at JAVA_HOME (" + odd);
  }

  private Lifecycle.Finished findJava(int version, Path javaHome, Path onPath) throws Exception {
    return lifecycle.run(
        home,
        Map.of("JAVA_HOME", javaHome.toString(), "PATH", onPath + "/bin:/usr/bin:/bin"),
        List.of(
            "sh",
            "-c",
            ". \"$0\"; ccbridge_find_java " + version + " && echo \"$ccbridge_java\"",
            lifecycle.program("lib/find-java.sh").toString()));
  }

  private Path fakeJava(String name, String file, String content) throws IOException {
    var javaHome = work.resolve(name);
    Files.createDirectories(javaHome.resolve("bin"));
    Files.writeString(javaHome.resolve("bin/java"), "#!/bin/sh\n");
    Files.writeString(javaHome.resolve(file), content + "\n");
    Files.setPosixFilePermissions(
        javaHome.resolve("bin/java"), PosixFilePermissions.fromString("rwxr-xr-x"));
    return javaHome;
  }
}
