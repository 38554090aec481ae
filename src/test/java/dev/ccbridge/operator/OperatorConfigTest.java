package dev.ccbridge.operator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OperatorConfigTest {
  private static final Path HOME = Path.of("/opt/cc-bridge");

  @TempDir Path dir;

  private static Settings settings(Map<String, String> environment, Map<Setting, String> options) {
    var said = new HashMap<SettingName, Said>();
    options.forEach(
        (setting, value) ->
            said.put(new SettingName(setting, false), new Said(value, setting.option())));
    return Settings.read(environment, said, Map.of());
  }

  private static OperatorConfig config(
      Map<String, String> environment, Map<Setting, String> options) {
    return OperatorConfig.from(settings(environment, options), environment, HOME);
  }

  private OperatorConfig fromFile(String yaml) throws Exception {
    var file = Files.writeString(dir.resolve("cc-bridge.yaml"), yaml);
    return config(Map.of("CC_BRIDGE_CONFIG", file.toString()), Map.of());
  }

  @Test
  void everySettingHasADefault() {
    var config = config(Map.of("XDG_STATE_HOME", "/state"), Map.of());
    assertThat(config.data()).isEqualTo(Path.of("/state/cc-bridge"));
    assertThat(config.logLevel()).isEqualTo("info");
    assertThat(config.logsAsJson()).isFalse();
    assertThat(config.debugAddress()).isEmpty();
    assertThat(config.cluster())
        .isEqualTo(
            new OperatorConfig.Cluster(
                Optional.empty(), List.of(), "default", Optional.empty(), Optional.empty()));
    assertThat(config.files().address().getHostString()).isEqualTo("127.0.0.1");
    assertThat(config.files().address().getPort()).isZero();
    assertThat(config.files().publicUrl()).isEmpty();
    assertThat(config.files().staticDirectory()).isEqualTo(HOME.resolve("target/static"));
    assertThat(config.receptor().url()).isEmpty();
    assertThat(config.receptor().address()).isEmpty();
    assertThat(config.cell().stacks()).containsExactly("cflinuxfs4", "cflinuxfs3", "cflinuxfs2");
    assertThat(config.staging().address()).isEmpty();
    assertThat(config.staging().lifecycles())
        .containsOnlyKeys(
            "buildpack/cflinuxfs4", "buildpack/cflinuxfs3", "buildpack/cflinuxfs2", "docker");
    assertThat(config.staging().dockerStagingStack()).isEqualTo("cflinuxfs4");
    assertThat(config.running()).isEqualTo(new OperatorConfig.Running(Optional.empty(), 2048));
    assertThat(config.bulk())
        .isEqualTo(
            new OperatorConfig.Bulk(false, 500, Duration.ofSeconds(30), Duration.ofMinutes(2)));
    assertThat(config.instances())
        .isEqualTo(
            new OperatorConfig.Instances(Optional.empty(), Optional.empty(), false, 200, false));
    assertThat(config.uploading())
        .isEqualTo(new OperatorConfig.Uploading(Optional.empty(), Duration.ofSeconds(1)));
    assertThat(config.cloudController().communicationTimeout()).isEqualTo(Duration.ofSeconds(30));
    assertThat(config.fakeCC().address().getPort()).isEqualTo(9022);
    assertThat(config.fakeCC().stagerUrl()).hasPort(8888);
    assertThat(config.fakeCC().nsyncUrl()).hasPort(8787);
    assertThat(config.fakeCC().tpsUrl()).hasPort(1518);
    assertThat(config.fakeCC().fileServerUrl()).hasPort(8080);
    assertThat(config.fakeCC().stack()).isEqualTo("cflinuxfs2");
  }

  @Test
  void optionsWinOverTheEnvironmentAndThatOverTheFile() throws Exception {
    var file =
        Files.writeString(
            dir.resolve("conf.yaml"),
            """
            namespaces: [from-file]
            data: /file
            cellMemoryMb: 256
            bulkPollingInterval: 45s
            """);
    var config =
        config(
            Map.of(
                "CC_BRIDGE_CONFIG", file.toString(),
                "CC_BRIDGE_NAMESPACES", "a, b",
                "CC_BRIDGE_DATA", "/env"),
            Map.of(
                Setting.DATA, "/option",
                Setting.LISTEN_ADDRESS, "0.0.0.0:8085",
                Setting.RECEPTOR_URL, "http://u:p@receptor.test/"));
    assertThat(config.cluster().namespaces()).containsExactly("a", "b");
    assertThat(config.data()).isEqualTo(Path.of("/option"));
    assertThat(config.files().address().getPort()).isEqualTo(8085);
    assertThat(config.receptor().url()).hasValue(URI.create("http://u:p@receptor.test"));
    assertThat(config.cell().memoryMb()).hasValue(256);
    assertThat(config.bulk().pollingInterval()).isEqualTo(Duration.ofSeconds(45));
  }

  @Test
  void aFileHasTheTypesOfItsSettings() throws Exception {
    var config =
        fromFile(
            """
            # a comment
            ccBaseUrl: https://cc.test:9022
            ccUsername: "0123"
            skipCertVerify: true
            bulkBatchSize: 100
            domainTtl: 2m30s
            lifecycles:
              - buildpack/cflinuxfs2:b/b.tgz
              - docker:http://files.test/d,1.tgz
            stagerAddress: ":8888"
            logLevel: null
            """);
    assertThat(config.cloudController().baseUrl()).hasValue(URI.create("https://cc.test:9022"));
    assertThat(config.cloudController().username()).isEqualTo("0123");
    assertThat(config.cloudController().skipCertVerify()).isTrue();
    assertThat(config.bulk())
        .isEqualTo(
            new OperatorConfig.Bulk(true, 100, Duration.ofSeconds(30), Duration.ofSeconds(150)));
    assertThat(config.instances().crashWatcher()).isTrue();
    assertThat(config.staging().lifecycles())
        .containsExactlyInAnyOrderEntriesOf(
            Map.of("buildpack/cflinuxfs2", "b/b.tgz", "docker", "http://files.test/d,1.tgz"));
    assertThat(config.staging().address().orElseThrow().getAddress().isLoopbackAddress()).isTrue();
    assertThat(config.logLevel()).isEqualTo("info");
    assertThat(fromFile("").logLevel()).isEqualTo("info");
    assertThat(fromFile("logFormat: json").logsAsJson()).isTrue();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "'logLvl: info'|unknown key \"logLvl\"|logLevel",
        "'config: other.yaml'|unknown key \"config\"|logLevel",
        "'data: /a\ndata: /b'|Duplicate field 'data'|each key once",
        "'bulkBatchSize: many'|bulkBatchSize is \"many\"|a number",
        "'bulkBatchSize: 1.5'|bulkBatchSize is 1.5|a number",
        "'skipCertVerify: maybe'|skipCertVerify is \"maybe\"|true or false",
        "'ccUsername: 0123'|ccUsername is|in quotes",
        "'domainTtl: 120'|domainTtl is 120|DURATION",
        "'domainTtl: two minutes'|domainTtl is \"two minutes\"|DURATION",
        "'domainTtl: 0s'|domainTtl is \"0s\"|DURATION",
        "'stacks: [1, 2]'|stacks is [1,2]|a list of texts",
        "'stacks: {a: b}'|stacks is {\"a\":\"b\"}|a list of texts",
        "'- data'|is no map|lines like",
        "'data: [unclosed'|cc-bridge.yaml|expected YAML",
        "'lifecycles: docker'|lifecycles is \"docker\"|KEY:PATH",
        "'ccPassword: 42'|ccPassword is of the wrong type|PASSWORD",
      })
  void whatIsWrongInAFileIsSaidWithItsKeyAndWhatWasExpected(
      String yaml, String problem, String expectation) {
    assertThatThrownBy(() -> fromFile(yaml))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining(dir.resolve("cc-bridge.yaml").toString())
        .hasMessageContaining(problem)
        .hasMessageContaining(expectation);
  }

  @Test
  void aFileThatIsNotThereStopsTheStart() {
    assertThatThrownBy(() -> config(Map.of(), Map.of(Setting.CONFIG, "/no/such.yaml")))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("--config is \"/no/such.yaml\"");
  }

  @ParameterizedTest
  @CsvSource({
    "LISTEN_ADDRESS, 8080, HOST:PORT",
    "LISTEN_ADDRESS, localhost:http, HOST:PORT",
    "LISTEN_ADDRESS, localhost:70000, HOST:PORT",
    "PUBLIC_URL, ftp://x, URL",
    "PUBLIC_URL, not a url, URL",
    "TRAFFIC_CONTROLLER_URL, ftp://x, URL",
    "CELL_MEMORY_MB, 0, MB",
    "CELL_MEMORY_MB, much, MB",
    "SKIP_CERT_VERIFY, yes, true|false",
    "COMMUNICATION_TIMEOUT, 30, DURATION",
    "COMMUNICATION_TIMEOUT, -1s, DURATION",
    "LIFECYCLES, docker, KEY:PATH",
    "LIFECYCLES, :path, KEY:PATH",
    "LIFECYCLES, docker:, KEY:PATH",
    "LOG_LEVEL, loud, LEVEL",
    "LOG_FORMAT, xml, text|json",
    "BACKEND, garden, process|pod",
    "POD_RUNTIME_DELIVERY, mail, image-volume|init-container",
    "POD_STACK_IMAGES, cflinuxfs4, STACK:IMAGE",
    "POD_REACHABLE, Team_A, NAMESPACE",
    "POD_REACHABLE, 10.0.0.0/33, CIDR",
    "POD_GATEWAY, gateway, NAMESPACE/NAME",
    "POD_USER_ID, root, NUMBER",
  })
  void aWrongValueIsRefusedWithItsNameAndWhatWasExpected(
      Setting setting, String value, String form) {
    assertThatThrownBy(() -> config(Map.of(setting.variable(), value), Map.of()))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining(setting.variable())
        .hasMessageContaining("\"" + value + "\"")
        .hasMessageContaining(form);
    assertThatThrownBy(() -> config(Map.of(), Map.of(setting, value)))
        .hasMessageContaining(setting.option());
  }

  @Test
  void aBlankValueIsAsGoodAsNone() {
    assertThat(config(Map.of("CC_BRIDGE_LISTEN_ADDRESS", " "), Map.of()).files().address())
        .isEqualTo(config(Map.of(), Map.of()).files().address());
  }

  @Test
  void anUnknownSettingStopsTheStart() {
    assertThatThrownBy(() -> config(Map.of("CC_BRIDGE_NAMESPACE", "x"), Map.of()))
        .hasMessageContaining("unknown setting CC_BRIDGE_NAMESPACE;")
        .hasMessageContaining("CC_BRIDGE_NAMESPACES");
  }

  @Test
  void secretsMayBeInFiles() throws Exception {
    var file = Files.writeString(dir.resolve("password"), "hunter2\n").toString();
    assertThat(
            config(Map.of("CC_BRIDGE_CC_PASSWORD_FILE", file), Map.of())
                .cloudController()
                .password())
        .isEqualTo("hunter2");
    assertThat(fromFile("ccPasswordFile: " + file).cloudController().password())
        .isEqualTo("hunter2");
    assertThatThrownBy(
            () ->
                config(
                    Map.of("CC_BRIDGE_CC_PASSWORD_FILE", file, "CC_BRIDGE_CC_PASSWORD", "hunter3"),
                    Map.of()))
        .hasMessageContaining("CC_BRIDGE_CC_PASSWORD_FILE")
        .message()
        .doesNotContain("hunter");
    assertThatThrownBy(() -> config(Map.of("CC_BRIDGE_CC_PASSWORD_FILE", "/no/file"), Map.of()))
        .hasMessageContaining("CC_BRIDGE_CC_PASSWORD_FILE is \"/no/file\"");
  }

  @Test
  void secretsAreHiddenWhereSettingsAreShown() {
    var secrets =
        Map.of(
            "CC_BRIDGE_CC_PASSWORD",
            "hunter2",
            "CC_BRIDGE_RECEPTOR_URL",
            "http://u:hunter2@r.test");
    assertThat(settings(secrets, Map.of()).describe().toString()).doesNotContain("hunter2");
    assertThat(config(secrets, Map.of()).cloudController().toString()).doesNotContain("hunter2");
    assertThat(config(secrets, Map.of()).receptor().toString()).doesNotContain("hunter2");
    assertThatThrownBy(() -> config(Map.of("CC_BRIDGE_RECEPTOR_URL", "u:hunter2@r"), Map.of()))
        .message()
        .doesNotContain("hunter2");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "RECEPTOR_URL=http://r.test RECEPTOR_ADDRESS=:1|RECEPTOR_URL|RECEPTOR_ADDRESS",
        "RECEPTOR_USERNAME=u|RECEPTOR_USERNAME|RECEPTOR_ADDRESS",
        "RECEPTOR_ADDRESS=:1 RECEPTOR_PASSWORD=p|RECEPTOR_PASSWORD|RECEPTOR_USERNAME",
        "BULK_SYNC=true|BULK_SYNC|CC_BASE_URL",
        "CRASH_WATCHER=true|CRASH_WATCHER|CC_BASE_URL",
        "CC_PASSWORD=p|CC_PASSWORD|CC_BASE_URL",
        "CC_BASE_URL=http://cc.test DOMAIN_TTL=10s|DOMAIN_TTL|BULK_POLLING_INTERVAL",
        "DOCKER_REGISTRY_ADDRESS=r:8080|DOCKER_REGISTRY_ADDRESS|CONSUL_URL",
        "INSECURE_DOCKER_REGISTRY=true|INSECURE_DOCKER_REGISTRY|DOCKER_REGISTRY_ADDRESS",
        "STAGER_ADDRESS=:8888 NSYNC_ADDRESS=:8888|STAGER_ADDRESS|NSYNC_ADDRESS",
        "BACKEND=pod POD_STACK_IMAGES=cflinuxfs4:r/s:4|BACKEND|POD_RUNTIME_IMAGE",
        "BACKEND=pod POD_RUNTIME_IMAGE=r/cell:1|BACKEND|POD_STACK_IMAGES",
        "LEASE_IDENTITY=me|LEASE_IDENTITY|BACKEND",
        "RECEPTOR_PEER_ADDRESS=:1|RECEPTOR_PEER_ADDRESS|BACKEND",
      })
  void contradictionsStopTheStartWithBothNames(String given, String one, String other) {
    var environment = new HashMap<String, String>();
    for (var each : given.split(" ")) {
      var parts = each.split("=", 2);
      environment.put("CC_BRIDGE_" + parts[0], parts[1]);
    }
    assertThatThrownBy(
            () ->
                Contradictions.refuse(
                    settings(environment, Map.of()), config(environment, Map.of())))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("CC_BRIDGE_" + one)
        .hasMessageContaining("CC_BRIDGE_" + other);
  }

  @Test
  void containersMayBePods() {
    var environment =
        Map.of(
            "CC_BRIDGE_BACKEND", "pod",
            "CC_BRIDGE_POD_RUNTIME_IMAGE", "r.test:5000/cell:1",
            "CC_BRIDGE_POD_STACK_IMAGES", "cflinuxfs4:r.test:5000/cf/stack:4,other:o");

    var pods = config(environment, Map.of()).pods();

    Contradictions.refuse(settings(environment, Map.of()), config(environment, Map.of()));
    assertThat(pods.enabled()).isTrue();
    assertThat(pods.mountsRuntime()).isTrue();
    assertThat(pods.stackImages())
        .isEqualTo(Map.of("cflinuxfs4", "r.test:5000/cf/stack:4", "other", "o"));
    assertThat(config(Map.of(), Map.of()).pods().enabled()).isFalse();
  }

  @Test
  void whatBelongsTogetherContradictsNothing() {
    var environment =
        Map.of(
            "CC_BRIDGE_CC_BASE_URL", "http://cc.test",
            "CC_BRIDGE_CC_PASSWORD", "p",
            "CC_BRIDGE_RECEPTOR_ADDRESS", "127.0.0.1:0",
            "CC_BRIDGE_STAGER_ADDRESS", "127.0.0.1:0",
            "CC_BRIDGE_DOCKER_REGISTRY_ADDRESS", "r:8080",
            "CC_BRIDGE_CONSUL_URL", "http://127.0.0.1:8500");
    Contradictions.refuse(settings(environment, Map.of()), config(environment, Map.of()));
  }
}
