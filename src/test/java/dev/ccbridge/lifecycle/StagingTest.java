package dev.ccbridge.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class StagingTest {
  @TempDir Path work;
  private Path app;

  @BeforeEach
  void makeApp() throws IOException {
    app = Files.createDirectories(work.resolve("app"));
    Files.writeString(app.resolve("source"), "text");
  }

  private BuilderConfig config(boolean skipDetect, String... order) {
    return new BuilderConfig(
        app,
        work.resolve("out/droplet"),
        work.resolve("out/result.json"),
        work.resolve("out/cache/cache.tgz"),
        work.resolve("buildpacks"),
        work.resolve("cache"),
        List.of(order),
        skipDetect,
        false);
  }

  private void stage(String... order) throws IOException {
    new Staging(config(false, order)).run();
  }

  private Path directoryOf(String key) {
    return config(false, key).buildpackPath(key);
  }

  private static void script(Path buildpack, String name, String body) throws IOException {
    var script = Files.createDirectories(buildpack.resolve("bin")).resolve(name);
    Files.writeString(script, "#!/bin/sh\n" + body + "\n");
    Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  /** A buildpack that wants every app, leaves its marks and starts it with "from release". */
  private static Path goodBuildpack(Path directory, String name) throws IOException {
    script(directory, "detect", "printf '" + name + "\\n\\n'");
    script(directory, "compile", "echo \"$1\" > \"$1/compiled\"; echo kept > \"$2/kept\"");
    script(directory, "release", "echo 'default_process_types: {web: from release}'");
    return directory;
  }

  private void assertFails(int exitCode, String message, ThrowingCallable staging) {
    assertThatThrownBy(staging)
        .isInstanceOfSatisfying(
            LifecycleException.class, e -> assertThat(e.exitCode()).isEqualTo(exitCode))
        .hasMessageContaining(message);
    assertThat(work.resolve("out/result.json")).doesNotExist();
  }

  private String result() throws IOException {
    return Files.readString(work.resolve("out/result.json"));
  }

  @Test
  void theFirstBuildpackThatDetectsMakesDropletCacheAndResult() throws IOException {
    script(directoryOf("no"), "detect", "exit 1");
    goodBuildpack(directoryOf("yes"), "Good");
    goodBuildpack(directoryOf("later"), "Later");

    stage("no", "yes", "later");

    assertThat(result()).isEqualTo(new StagingResult("yes", "Good", "from release").toJson());
    assertThat(Archives.list(work.resolve("out/droplet")))
        .containsExactly(
            "-rw-r--r-- ./staging_info.yml",
            "drwxr-xr-x ./app/",
            "-rw-r--r-- ./app/compiled",
            "-rw-r--r-- ./app/source",
            "drwxr-xr-x ./logs/",
            "drwxr-xr-x ./tmp/");
    assertThat(Archives.read(work.resolve("out/droplet"), "./app/compiled")).isEqualTo(app + "\n");
    assertThat(Archives.read(work.resolve("out/droplet"), "./staging_info.yml"))
        .isEqualTo("{\"detected_buildpack\":\"Good\",\"start_command\":\"from release\"}\n");
    assertThat(Archives.list(work.resolve("out/cache/cache.tgz")))
        .containsExactly("-rw-r--r-- ./kept");
  }

  @Test
  void withSkipDetectTheFirstUsableOneIsTakenUnasked() throws IOException {
    Files.createDirectories(directoryOf("malformed").resolve("a/b"));
    script(goodBuildpack(directoryOf("first"), "First"), "detect", "exit 1");

    new Staging(config(true, "absent", "malformed", "first")).run();

    assertThat(result()).isEqualTo(new StagingResult("first", "", "from release").toJson());
  }

  @Test
  void aBuildpackMayBeTheOnlyDirectoryInItsPlace() throws IOException {
    goodBuildpack(directoryOf("nested").resolve("buildpack-1.2"), "Nested");

    stage("nested");

    assertThat(result()).contains("\"detected_buildpack\":\"Nested\"");
  }

  @Test
  void noneThatDetectsIs222() throws IOException {
    script(directoryOf("no"), "detect", "exit 1");
    Files.createDirectories(directoryOf("no-detect").resolve("bin"));

    assertFails(
        222,
        "None of the buildpacks detected a compatible application",
        () -> stage("no", "absent", "no-detect"));
  }

  @Test
  void aFailedCompileIs223() throws IOException {
    script(goodBuildpack(directoryOf("bp"), "Bp"), "compile", "exit 3");

    assertFails(223, "Failed to compile droplet: exit status 3", () -> stage("bp"));
  }

  @Test
  void aMissingCompileIs223() throws IOException {
    Files.delete(goodBuildpack(directoryOf("bp"), "Bp").resolve("bin/compile"));

    assertFails(223, "Failed to compile droplet: bin/compile cannot be run", () -> stage("bp"));
  }

  @Test
  void aFailedReleaseIs224() throws IOException {
    script(goodBuildpack(directoryOf("bp"), "Bp"), "release", "exit 1");

    assertFails(224, "Failed to build droplet release: exit status 1", () -> stage("bp"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"a: b: c", "- list", "default_process_types: x", "text"})
  void aReleaseThatIsNotYamlIs224(String yaml) throws IOException {
    script(goodBuildpack(directoryOf("bp"), "Bp"), "release", "echo '" + yaml + "'");

    assertFails(224, "buildpack's release output invalid: invalid YAML", () -> stage("bp"));
  }

  @Test
  void theProcfileOverridesTheRelease() throws IOException {
    goodBuildpack(directoryOf("bp"), "Bp");
    Files.writeString(app.resolve("Procfile"), "worker: w\nweb: serve -p $PORT\n");

    stage("bp");

    assertThat(result()).contains("\"detected_start_command\":{\"web\":\"serve -p $PORT\"}");
  }

  @Test
  void aProcfileWithoutWebLeavesTheRelease() throws IOException {
    goodBuildpack(directoryOf("bp"), "Bp");
    Files.writeString(app.resolve("Procfile"), "worker: w\n");

    stage("bp");

    assertThat(result()).contains("{\"web\":\"from release\"}");
  }

  @ParameterizedTest
  @ValueSource(strings = {"web: a: b", "web", "web: [a]", "worker: {a: b}", "\"open"})
  void aProcfileThatIsNotYamlIsOne(String procfile) throws IOException {
    goodBuildpack(directoryOf("bp"), "Bp");
    Files.writeString(app.resolve("Procfile"), procfile);

    assertFails(1, "Failed to read command from Procfile: invalid YAML", () -> stage("bp"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"--- {}", "", "---\ndefault_process_types:\n", "config_vars: {}"})
  void noCommandAtAllIsStillASuccess(String yaml) throws IOException {
    script(goodBuildpack(directoryOf("bp"), "Bp"), "release", "echo '" + yaml + "'");

    stage("bp");

    assertThat(result()).contains("\"detected_start_command\":{\"web\":\"\"}");
  }

  @Test
  void supplyAndFinalizeTakeThePlaceOfCompileAndFillTheDependencies() throws IOException {
    var buildpack = goodBuildpack(directoryOf("bp"), "Bp");
    script(buildpack, "compile", "exit 9");
    script(buildpack, "supply", "[ $# = 4 ] && echo \"$1 $2\" > \"$3/$4/supplied\"");
    script(buildpack, "finalize", "[ -f \"$3/$4/supplied\" ] && touch \"$1/finalized\"");

    stage("bp");

    var droplet = work.resolve("out/droplet");
    assertThat(Archives.list(droplet))
        .contains("-rw-r--r-- ./app/finalized", "drwxr-xr-x ./deps/", "drwxr-xr-x ./deps/0/");
    assertThat(Archives.read(droplet, "./deps/0/supplied"))
        .isEqualTo(app + " " + work.resolve("cache") + "\n");
  }

  @Test
  void aFailedSupplyIs225AndAFailedFinalizeIs226() throws IOException {
    var buildpack = goodBuildpack(directoryOf("bp"), "Bp");
    script(buildpack, "finalize", "exit 1");
    assertFails(226, "Failed to run finalize script: exit status 1", () -> stage("bp"));

    script(buildpack, "supply", "exit 1");
    assertFails(225, "Failed to run all supply scripts: exit status 1", () -> stage("bp"));
  }

  @Test
  void aTalkativeDetectDoesNotHang() throws IOException {
    script(
        goodBuildpack(directoryOf("bp"), "Bp"),
        "detect",
        "i=0; while [ $i -lt 40000 ]; do echo " + "x".repeat(100) + "; i=$((i+1)); done");

    stage("bp");

    assertThat(result()).hasSizeBetween(1 << 20, 2 << 20);
  }

  @Test
  void aCustomBuildpackIsCloned() throws Exception {
    var repository = goodBuildpack(work.resolve("repository"), "Cloned");
    git(repository, "init", "-q", "-b", "main");
    git(repository, "add", ".");
    git(repository, "commit", "-q", "-m", "one");
    git(repository, "branch", "stable");
    script(repository, "detect", "exit 1");
    git(repository, "commit", "-q", "-a", "-m", "two");

    var url = repository.toUri() + "#stable";
    stage(url);

    assertThat(result()).isEqualTo(new StagingResult(url, "Cloned", "from release").toJson());
  }

  @Test
  void aRepositoryThatCannotBeClonedIsOneAndItsPasswordIsNotTold() {
    assertThatThrownBy(() -> stage("nonsense://user:s3cret@host.invalid/bp.git"))
        .isInstanceOfSatisfying(
            LifecycleException.class, e -> assertThat(e.exitCode()).isEqualTo(1))
        .hasMessage("Failed to clone git repository at nonsense://***@host.invalid/bp.git");
  }

  @Test
  void aCustomBuildpackIsDownloadedAndUnzipped() throws Exception {
    goodBuildpack(work.resolve("zipped/bp"), "Zipped");
    run(work.resolve("zipped"), "jar", "--create", "--file", "../bp.zip", "--no-manifest", "bp");
    var server = serve("/bp.zip", 200, Files.readAllBytes(work.resolve("bp.zip")));
    try {
      stage(url(server, "/bp.zip"));
    } finally {
      server.stop(0);
    }

    assertThat(result()).contains("\"detected_buildpack\":\"Zipped\"");
    try (var left = Files.list(work.resolve("buildpacks"))) {
      assertThat(left).as("only the unpacked one").hasSize(1);
    }
  }

  @Test
  void aZipFileThatIsNotThereIsOne() throws Exception {
    var server = serve("/bp.zip", 404, new byte[0]);
    try {
      assertFails(1, "HTTP status 404, want 200", () -> stage(url(server, "/bp.zip")));
    } finally {
      server.stop(0);
    }
  }

  private static HttpServer serve(String path, int status, byte[] body) throws IOException {
    var server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        path,
        exchange -> {
          exchange.sendResponseHeaders(status, body.length == 0 ? -1 : body.length);
          exchange.getResponseBody().write(body);
          exchange.close();
        });
    server.start();
    return server;
  }

  private static String url(HttpServer server, String path) {
    return "http://127.0.0.1:" + server.getAddress().getPort() + path;
  }

  private static void git(Path repository, String... arguments) throws Exception {
    var command = new java.util.ArrayList<>(List.of("git", "-c", "user.name=t", "-c"));
    command.add("user.email=t@test");
    command.addAll(List.of(arguments));
    run(repository, command.toArray(String[]::new));
  }

  private static void run(Path directory, String... command) throws Exception {
    if (command[0].equals("jar")) {
      command[0] = System.getProperty("java.home") + "/bin/jar";
    }
    var process = new ProcessBuilder(command).directory(directory.toFile()).start();
    assertThat(process.waitFor()).as(String.join(" ", command)).isZero();
  }
}
