package dev.ccbridge.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The three buildpacks and the samples: staged by the builder, run by the launcher, asked by HTTP.
 */
@Timeout(180)
class BuildpacksIT {
  private static final String SOURCE =
      """
      package demo;

      public class Main {
        public static void main(String[] arguments) {
          System.out.println("heap " + Runtime.getRuntime().maxMemory() / 1024 / 1024);
        }
      }
      """;

  @TempDir Path work;
  private Lifecycle lifecycle;
  private Path app;

  @BeforeEach
  void unpack() throws Exception {
    lifecycle = new Lifecycle(work);
    app = Files.createDirectories(work.resolve("app"));
  }

  private void assertStages(String key, String detected, String command) throws Exception {
    var staged = lifecycle.stage(app);
    assertThat(staged.stderr()).isEmpty();
    assertThat(staged.status()).isZero();
    assertThat(lifecycle.result()).isEqualTo(new StagingResult(key, detected, command).toJson());
  }

  private static HttpResponse<String> get(int port, String path) throws Exception {
    var request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
            .timeout(Duration.ofSeconds(10))
            .build();
    try (var client = HttpClient.newHttpClient()) {
      return client.send(request, HttpResponse.BodyHandlers.ofString());
    }
  }

  private static void awaitAnswer(int port) {
    Awaitility.await()
        .atMost(60, TimeUnit.SECONDS)
        .ignoreExceptionsInstanceOf(IOException.class)
        .untilAsserted(() -> assertThat(get(port, "/").statusCode()).isEqualTo(200));
  }

  @Test
  void theStaticSampleIsServedUntilItIsToldToStop() throws Exception {
    Lifecycle.unpack("samples/hello-static", app);
    Files.writeString(app.resolve("Staticfile"), "root: .\n");
    Files.writeString(app.resolve(".hidden"), "hidden");
    var port = Lifecycle.freePort();

    assertThat(lifecycle.stage(app).status()).isZero();
    var home = lifecycle.home("home");
    var server = lifecycle.start(home, Map.of("PORT", String.valueOf(port)));
    try {
      awaitAnswer(port);

      var page = get(port, "/");
      assertThat(page.body()).contains("Hello from cc-bridge");
      assertThat(page.headers().firstValue("Content-Type")).hasValue("text/html");
      assertThat(get(port, "/style.css").headers().firstValue("Content-Type")).hasValue("text/css");
      for (var secret :
          List.of("/Staticfile", "/.hidden", "/.profile.d/java.sh", "/../Staticfile")) {
        assertThat(get(port, secret).statusCode()).as(secret).isEqualTo(404);
      }
      assertThat(Files.readString(home.resolve("stdout"))).contains("\"GET /style.css");

      server.destroy();
      assertThat(server.waitFor(30, TimeUnit.SECONDS)).isTrue();
      assertThat(server.exitValue()).as("ended by SIGTERM").isEqualTo(143);
    } finally {
      server.destroyForcibly();
    }
  }

  @Test
  void aStaticfileNamesTheDirectoryOfTheSite() throws Exception {
    Files.createDirectories(app.resolve("dist/css"));
    Files.writeString(app.resolve("dist/index.html"), "site");
    Files.writeString(app.resolve("secret.txt"), "source");
    Files.writeString(app.resolve("Staticfile"), "root: dist\n");

    assertThat(lifecycle.stage(app).status()).isZero();

    assertThat(Archives.list(lifecycle.droplet()))
        .contains("-rw-r--r-- ./app/public/index.html", "drwxr-xr-x ./app/public/css/")
        .contains("-rw-r--r-- ./app/secret.txt")
        .doesNotContain("-rw-r--r-- ./app/public/secret.txt");
  }

  @Test
  void aStaticfileThatLeadsOutOfTheAppDoesNotCompile() throws Exception {
    Files.writeString(app.resolve("Staticfile"), "root: ../..\n");

    var staged = lifecycle.stage(app);

    assertThat(staged.status()).isEqualTo(223);
    assertThat(staged.stderr())
        .contains("Staticfile: root is \"../..\", want a directory inside the app");
  }

  @Test
  void theInstancesOfTheProcfileSampleCanBeToldApart() throws Exception {
    Lifecycle.unpack("samples/hello-procfile", app);
    var command = Files.readString(app.resolve("Procfile")).replace("web: ", "").strip();
    assertStages("binary_buildpack", "Binary", command);

    var port0 = Lifecycle.freePort();
    var instance0 = startInstance("0", port0);
    try {
      awaitAnswer(port0);
      var port1 = Lifecycle.freePort();
      var instance1 = startInstance("1", port1);
      try {
        awaitAnswer(port1);

        assertThat(get(port0, "/").body())
            .isEqualTo("Hello from instance 0 (guid-0) on port " + port0 + "\n");
        assertThat(get(port1, "/").body())
            .isEqualTo("Hello from instance 1 (guid-1) on port " + port1 + "\n");

        assertThat(get(port1, "/crash").body()).isEqualTo("crashing\n");
        assertThat(instance1.waitFor(30, TimeUnit.SECONDS)).isTrue();
        assertThat(instance1.exitValue()).isEqualTo(1);
      } finally {
        instance1.destroyForcibly();
      }
      instance0.destroy();
      assertThat(instance0.waitFor(30, TimeUnit.SECONDS)).isTrue();
      assertThat(instance0.exitValue()).isEqualTo(143);
    } finally {
      instance0.destroyForcibly();
    }
  }

  private Process startInstance(String index, int port) throws Exception {
    return lifecycle.start(
        lifecycle.home("home-" + index),
        Map.of(
            "PORT",
            String.valueOf(port),
            "INSTANCE_INDEX",
            index,
            "INSTANCE_GUID",
            "guid-" + index));
  }

  @Test
  void theOnlyJarIsRunWithAHeapThatFitsTheMemoryLimit() throws Exception {
    jar("--file", app.resolve("my app.jar").toString(), "--main-class", "demo.Main");
    assertStages("java_buildpack", "Java", "java $JAVA_OPTS -jar \"my app.jar\"");

    var finished =
        lifecycle.run(
            lifecycle.home("home"),
            Map.of("MEMORY_LIMIT", "128m"),
            List.of(lifecycle.program("launcher").toString(), "app", "", ""));

    assertThat(finished.stderr()).isEmpty();
    assertThat(finished.stdout()).matches("heap (9[0-9])\n"); // 96 MB less what the collector keeps
    assertThat(Archives.list(lifecycle.droplet()))
        .as("what was supplied")
        .contains("-rw-r--r-- ./deps/0/profile.d/java.sh");
  }

  @Test
  void anUnpackedJarIsRunByItsMainClass() throws Exception {
    var jar = work.resolve("demo.jar");
    jar("--file", jar.toString(), "--main-class", "demo.Main");
    tool("jar", "--extract", "--file", jar.toString(), "--dir", app.toString());
    assertStages("java_buildpack", "Java", "java $JAVA_OPTS -cp . demo.Main");

    var environment = Map.of("JAVA_OPTS", "-Xmx64m", "MEMORY_LIMIT", "1g");
    var finished =
        lifecycle.run(
            lifecycle.home("home"),
            environment,
            List.of(lifecycle.program("launcher").toString(), "app", "", ""));

    assertThat(finished.stdout()).matches("heap 6[0-4]\n");
  }

  @Test
  void twoJarsAreNotForTheJavaBuildpack() throws Exception {
    jar("--file", app.resolve("a.jar").toString(), "--main-class", "demo.Main");
    Files.copy(app.resolve("a.jar"), app.resolve("b.jar"));

    assertThat(lifecycle.stage(app).status()).isEqualTo(222);
  }

  private void jar(String... arguments) throws Exception {
    var source = Files.createDirectories(work.resolve("source")).resolve("Main.java");
    Files.writeString(source, SOURCE);
    var classes = work.resolve("classes");
    tool("javac", "-d", classes.toString(), source.toString());
    var command = new java.util.ArrayList<>(List.of("--create"));
    command.addAll(List.of(arguments));
    command.addAll(List.of("-C", classes.toString(), "."));
    tool("jar", command.toArray(String[]::new));
  }

  private void tool(String name, String... arguments) throws Exception {
    var command =
        new java.util.ArrayList<>(List.of(System.getProperty("java.home") + "/bin/" + name));
    command.addAll(List.of(arguments));
    var finished = lifecycle.run(work, Map.of(), command);
    assertThat(finished.status()).as(finished.stderr()).isZero();
  }
}
