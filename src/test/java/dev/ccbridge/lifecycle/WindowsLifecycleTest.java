package dev.ccbridge.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.sun.net.httpserver.HttpServer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The logic of the three programs, over a directory of this machine, whatever it is. */
class WindowsLifecycleTest {
  @TempDir Path root;
  private Path app;

  @BeforeEach
  void makeApp() throws Exception {
    app = Files.createDirectories(root.resolve("tmp/app"));
  }

  private void write(String name, String content) throws Exception {
    var file = app.resolve(name);
    Files.createDirectories(file.getParent());
    Files.writeString(file, content);
  }

  /** The flags as the stager gives them. */
  private int build(Map<String, String> environment, String... more) {
    var arguments =
        new ArrayList<>(
            List.of(
                "-buildArtifactsCacheDir=/tmp/cache",
                "-buildDir=/tmp/app",
                "-buildpackOrder=a,b",
                "-buildpacksDir=/tmp/buildpacks",
                "-outputBuildArtifactsCache=/tmp/output-cache",
                "-outputDroplet=/tmp/droplet",
                "-outputMetadata=/tmp/result.json",
                "-skipCertVerify=false",
                "-skipDetect=false"));
    arguments.addAll(List.of(more));
    return new WindowsBuilder(root, environment).run(arguments);
  }

  @Test
  void theWordsOfTheProcfileAreTheStartCommand() throws Exception {
    write("ProcFile", "worker: x\nweb:  run.exe -p  8080 \n");
    write("a.exe", "");
    write("b.exe", "");

    assertThat(WindowsStart.detect(app))
        .isEqualTo(new WindowsStart("run.exe", List.of("-p", "", "8080")));
  }

  @Test
  void aProcfileWithoutWebIsAFailure() throws Exception {
    write("Procfile", " web: x\n");

    assertThatExceptionOfType(LifecycleException.class)
        .isThrownBy(() -> WindowsStart.detect(app))
        .withMessage("Procfile didn't contain a web line");
    assertThat(build(Map.of())).isEqualTo(1);
  }

  @Test
  void aWebConfigGoesBeforePrograms() throws Exception {
    write("Web.Config", "<configuration/>");
    write("a.exe", "");

    assertThat(WindowsStart.detect(app))
        .isEqualTo(new WindowsStart("tmp/lifecycle/WebAppServer.exe", List.of(".")));
  }

  @Test
  void theOnlyProgramIsTheStartCommand() throws Exception {
    assertThat(WindowsStart.detect(app)).isEqualTo(new WindowsStart("", List.of()));
    write("below/other.exe", "");
    write("jane.exe", "");
    assertThat(WindowsStart.detect(app)).isEqualTo(new WindowsStart("jane.exe", List.of()));
    write("jill.exe", "");
    assertThatExceptionOfType(LifecycleException.class)
        .isThrownBy(() -> WindowsStart.detect(app))
        .withMessage("Directory contained more than 1 executable file.");
  }

  @Test
  void resultAndDropletAreBelowTheCurrentDirectory() throws Exception {
    write("web.config", "<configuration/>");
    write("bin/app.dll", "x");

    assertThat(build(Map.of())).isZero();

    assertThat(Files.readString(root.resolve("tmp/result.json")))
        .isEqualTo(
            "{\"ExecutionMetadata\":{\"start_command\":\"tmp/lifecycle/WebAppServer.exe\","
                + "\"start_command_args\":[\".\"]},\"execution_metadata\":\"{\\\"start_command\\\":"
                + "\\\"tmp/lifecycle/WebAppServer.exe\\\",\\\"start_command_args\\\":[\\\".\\\"]}\","
                + "\"detected_start_command\":{\"web\":\"tmp/lifecycle/WebAppServer.exe .\"}}");
    assertThat(Archives.list(root.resolve("tmp/droplet")))
        .extracting(line -> line.substring(line.indexOf(' ') + 1))
        .containsExactlyInAnyOrder("bin/", "bin/app.dll", "web.config");
    assertThat(root.resolve("tmp/output-cache")).doesNotExist();
  }

  @Test
  void threeFlagsAreNeeded() {
    assertThat(new WindowsBuilder(root, Map.of()).run(List.of("-buildDir=/tmp/app"))).isEqualTo(1);
    assertThat(build(Map.of(), "-nonsense")).isEqualTo(1);
  }

  @Test
  void connectionStringsOfUserProvidedServicesGetIntoTheConfiguration() throws Exception {
    write(
        "Web.config",
        "<configuration><connectionStrings><add name=\"db\" connectionString=\"old\"/>"
            + "<add name=\"mine\" connectionString=\"kept\"/></connectionStrings></configuration>");
    var services =
        """
        {"user-provided":[
          {"name":"x","credentials":{"name":"db","connectionString":"a=\\"b\\"","providerName":"p"}},
          {"name":"new","credentials":{"connectionString":"c"}},
          {"name":"other","credentials":{"uri":"u"}}]}
        """;

    assertThat(build(Map.of("VCAP_SERVICES", services))).isZero();

    assertThat(Files.readString(app.resolve("Web.config")))
        .contains(
            "<connectionStrings>"
                + "<add connectionString=\"a=&quot;b&quot;\" name=\"db\" providerName=\"p\"/>"
                + "<add connectionString=\"kept\" name=\"mine\"/>"
                + "<add connectionString=\"c\" name=\"new\"/></connectionStrings>");
  }

  @Test
  void aConfigurationCannotMakeUsReadOtherFiles() throws Exception {
    write(
        "Web.config",
        "<!DOCTYPE c [<!ENTITY e SYSTEM \"file:///etc/hostname\">]><configuration>&e;</configuration>");

    var services =
        "{\"user-provided\":[{\"name\":\"a\",\"credentials\":{\"connectionString\":\"c\"}}]}";
    assertThat(build(Map.of("VCAP_SERVICES", services))).isEqualTo(1);
    assertThat(root.resolve("tmp/result.json")).doesNotExist();
  }

  @Test
  void theLaunchersCommandIsGivenOrInTheMetadata() {
    assertThat(WindowsLauncher.command(List.of("/app", "my app.exe -x", "")))
        .containsExactly("my app.exe -x");
    assertThat(
            WindowsLauncher.command(
                List.of(
                    "/app",
                    "",
                    "{\"start_command\":\"a.bat\",\"start_command_args\":[\"b c\",\"d\\\\2\"]}")))
        .containsExactly("a.bat", "b c", "d\\2");
    assertThat(WindowsLauncher.arguments(List.of(), Map.of("ARGJSON", "[\"/app\",\"x.exe\",\"\"]")))
        .containsExactly("/app", "x.exe", "");
    for (var bad : List.of(List.of("/app", "x"), List.of("/app", "", "{}"), List.of("", "", "x"))) {
      assertThatExceptionOfType(LifecycleException.class)
          .isThrownBy(() -> WindowsLauncher.command(bad));
    }
  }

  @Test
  void theHealthcheckWantsAnAnswerOfThe200s() throws Exception {
    var server = HttpServer.create(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0), 0);
    server.createContext(
        "/",
        exchange -> {
          exchange.sendResponseHeaders(204, -1);
          exchange.close();
        });
    server.start();
    try {
      var port = String.valueOf(server.getAddress().getPort());
      var here = List.of(InetAddress.ofLiteral("127.0.0.1"));
      assertThat(WindowsHealthcheck.passes(here, port)).isTrue();
      server.removeContext("/");
      assertThat(WindowsHealthcheck.passes(here, port)).isFalse();
    } finally {
      server.stop(0);
    }
    assertThat(WindowsHealthcheck.run("")).isEqualTo(1);
  }
}
