package dev.ccbridge.operator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ccbridge.operator.RoleFlags.WrongUsageException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The flags of the originals, by name, default and what they set. */
class RoleFlagsTest {
  private static final String NONE = "-";

  /** flag, default, setting; of the roles that have a namesake. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "stager|ccBaseURL  CC_BASE_URL; ccUsername  CC_USERNAME; ccPassword  CC_PASSWORD;"
            + " skipCertVerify false SKIP_CERT_VERIFY; diegoAPIURL  RECEPTOR_URL;"
            + " stagerURL  STAGER_URL; fileServerURL  FILE_SERVER_URL;"
            + " ccUploaderURL  CC_UPLOADER_URL; dockerRegistryAddress  DOCKER_REGISTRY_ADDRESS;"
            + " insecureDockerRegistry false INSECURE_DOCKER_REGISTRY; consulCluster  CONSUL_URL;"
            + " dockerStagingStack  DOCKER_STAGING_STACK; lifecycle  LIFECYCLES;"
            + " debugAddr  DEBUG_ADDRESS; logLevel info LOG_LEVEL",
        "nsync-listener|diegoAPIURL  RECEPTOR_URL; nsyncURL  NSYNC_ADDRESS;"
            + " fileServerURL  FILE_SERVER_URL; communicationTimeout 30s COMMUNICATION_TIMEOUT;"
            + " lifecycle  LIFECYCLES; debugAddr  DEBUG_ADDRESS; logLevel info LOG_LEVEL",
        "nsync-bulker|diegoAPIURL  RECEPTOR_URL; consulCluster  -; lockTTL 10s -;"
            + " lockRetryInterval 5s -; ccBaseURL  CC_BASE_URL; ccUsername  CC_USERNAME;"
            + " ccPassword  CC_PASSWORD; communicationTimeout 30s COMMUNICATION_TIMEOUT;"
            + " pollingInterval 30s BULK_POLLING_INTERVAL; domainTTL 2m0s DOMAIN_TTL;"
            + " bulkBatchSize 500 BULK_BATCH_SIZE; skipCertVerify false SKIP_CERT_VERIFY;"
            + " fileServerURL  FILE_SERVER_URL; lifecycle  LIFECYCLES; debugAddr  DEBUG_ADDRESS;"
            + " logLevel info LOG_LEVEL",
        "tps-listener|listenAddr 0.0.0.0:1518 TPS_ADDRESS; diegoAPIURL  RECEPTOR_URL;"
            + " trafficControllerURL  TRAFFIC_CONTROLLER_URL;"
            + " skipSSLVerification true TRAFFIC_CONTROLLER_SKIP_CERT_VERIFY;"
            + " maxInFlightRequests 200 MAX_IN_FLIGHT_REQUESTS; debugAddr  DEBUG_ADDRESS;"
            + " logLevel info LOG_LEVEL",
        "tps-watcher|diegoAPIURL  RECEPTOR_URL; consulCluster  -; lockTTL 10s -;"
            + " lockRetryInterval 5s -; ccBaseURL  CC_BASE_URL; ccUsername  CC_USERNAME;"
            + " ccPassword  CC_PASSWORD; skipCertVerify false SKIP_CERT_VERIFY;"
            + " debugAddr  DEBUG_ADDRESS; logLevel info LOG_LEVEL",
        "cc-uploader|address 0.0.0.0:9090 CC_UPLOADER_ADDRESS;"
            + " skipCertVerify false SKIP_CERT_VERIFY;"
            + " ccJobPollingInterval 1s CC_JOB_POLLING_INTERVAL;"
            + " communicationTimeout 30s COMMUNICATION_TIMEOUT; debugAddr  DEBUG_ADDRESS;"
            + " logLevel info LOG_LEVEL",
        "receptor|address 127.0.0.1:8887 RECEPTOR_ADDRESS; username  RECEPTOR_USERNAME;"
            + " password  RECEPTOR_PASSWORD; corsEnabled false RECEPTOR_CORS;"
            + " registerWithRouter false REGISTER_WITH_ROUTER;"
            + " domainNames  RECEPTOR_DOMAIN_NAMES; natsAddresses  NATS_ADDRESSES;"
            + " natsUsername  NATS_USERNAME; natsPassword  NATS_PASSWORD; bbsAddress  -;"
            + " bbsCACert  -; bbsClientCert  -; bbsClientKey  -; consulCluster  -; lockTTL 10s -;"
            + " taskHandlerAddress  -; etcdCluster  -; etcdCertFile  -; etcdKeyFile  -;"
            + " etcdCaFile  -; communicationTimeout 10s COMMUNICATION_TIMEOUT;"
            + " versionFilesPath  RECEPTOR_VERSION_FILES; artifactPath  RECEPTOR_ARTIFACTS;"
            + " stacks cflinuxfs4,cflinuxfs3,cflinuxfs2 STACKS;"
            + " cellAddress 127.0.0.1 CELL_ADDRESS; cellMemoryMB  CELL_MEMORY_MB;"
            + " cellDiskMB  CELL_DISK_MB; cellMaxProcesses 1024 CELL_MAX_PROCESSES;"
            + " debugAddr  DEBUG_ADDRESS; logLevel info LOG_LEVEL",
        "file-server|address 0.0.0.0:8080 LISTEN_ADDRESS; staticDirectory  STATIC;"
            + " skipCertVerify false -; communicationTimeout 30s -; debugAddr  DEBUG_ADDRESS;"
            + " logLevel info LOG_LEVEL",
      })
  void everyFlagOfTheOriginalIsThereWithItsDefaultAndWhatItSets(String command, String table) {
    var role = Role.ofCommand(command).orElseThrow();
    var ours = List.of("data", "config", "kubeconfig");
    var found = new ArrayList<String>();
    for (var flag : role.flags()) {
      if (!ours.contains(flag.name())) {
        found.add(
            flag.name()
                + " "
                + flag.defaultValue()
                + " "
                + flag.setting().map(Setting::name).orElse(NONE));
      }
    }
    assertThat(found)
        .containsExactlyInAnyOrderElementsOf(
            Arrays.stream(table.split(";")).map(String::strip).toList());
  }

  @Test
  void everyDefaultIsAValueOfItsSetting() {
    for (var role : Role.values()) {
      OperatorConfig.from(
          Settings.read(Map.of(), Map.of(), RoleFlags.defaults(role)), Map.of(), Path.of("/"));
    }
  }

  private static OperatorConfig config(Role role, String... arguments) throws Exception {
    return config(Map.of(), role, arguments);
  }

  private static OperatorConfig config(
      Map<String, String> environment, Role role, String... arguments) throws Exception {
    var parsed = new RoleFlags(role).parse(List.of(arguments));
    return OperatorConfig.from(
        Settings.read(environment, parsed.settings(), RoleFlags.defaults(role)),
        environment,
        Path.of("/home"));
  }

  @Test
  void flagsAreReadAsGoDoes() throws Exception {
    var config =
        config(
            Role.STAGER,
            "-ccBaseURL=http://cc.test",
            "--ccUsername",
            "u",
            "-ccPassword",
            "-dash",
            "-skipCertVerify",
            "-insecureDockerRegistry=F",
            "-stagerURL",
            "http://stager.test:8888",
            "-dockerStagingStack=first",
            "-dockerStagingStack=second",
            "-lifecycle",
            "buildpack/a:a,b.tgz",
            "-lifecycle=docker:http://f.test/d.tgz",
            "-lifecycle=docker:d.tgz");
    assertThat(config.cloudController().username()).isEqualTo("u");
    assertThat(config.cloudController().password()).isEqualTo("-dash");
    assertThat(config.cloudController().skipCertVerify()).isTrue();
    assertThat(config.staging().insecureDockerRegistry()).isFalse();
    assertThat(config.staging().dockerStagingStack()).isEqualTo("second");
    assertThat(config.staging().lifecycles())
        .isEqualTo(Map.of("buildpack/a", "a,b.tgz", "docker", "d.tgz"));
  }

  @Test
  void flagsWinOverVariablesAndVariablesOverTheOriginalsDefaults() throws Exception {
    var environment =
        Map.of("CC_BRIDGE_BULK_BATCH_SIZE", "7", "CC_BRIDGE_BULK_POLLING_INTERVAL", "7s");
    var config = config(environment, Role.NSYNC_BULKER, "-pollingInterval=1m30s");
    assertThat(config.bulk().batchSize()).isEqualTo(7);
    assertThat(config.bulk().pollingInterval()).isEqualTo(Duration.ofSeconds(90));
    assertThat(config.bulk().domainTtl()).isEqualTo(Duration.ofMinutes(2));
  }

  @Test
  void addressesWithoutAHostAreAllOfTheMachineButForTheDebugServer() throws Exception {
    var config = config(Role.TPS_LISTENER, "-listenAddr=:1519", "-debugAddr=:17012");
    assertThat(config.instances().address().orElseThrow().getHostString()).isEqualTo("0.0.0.0");
    assertThat(config.debugAddress().orElseThrow().getAddress().isLoopbackAddress()).isTrue();
    assertThat(config.instances().skipCertVerify()).isTrue();
    assertThat(
            config(Role.NSYNC_LISTENER, "-nsyncURL=http://nsync.test:8787")
                .running()
                .address()
                .orElseThrow()
                .toString())
        .contains("0.0.0.0:8787");
  }

  @Test
  void whatHasNoEffectIsTaken() throws Exception {
    var parsed =
        new RoleFlags(Role.TPS_WATCHER)
            .parse(List.of("-lockTTL=1s", "-consulCluster", "http://c.test", "-lockTTL=2s"));
    assertThat(parsed.withoutEffect()).containsExactly("-lockTTL", "-consulCluster");
    assertThat(parsed.settings()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "-x|flag provided but not defined: -x",
        "-pollingIntervals=1s|flag provided but not defined: -pollingIntervals",
        "---x|bad flag syntax: ---x",
        "-=x|bad flag syntax: -=x",
        "-pollingInterval|flag needs an argument: -pollingInterval",
        "-pollingInterval=5|invalid value \"5\" for flag -pollingInterval: time: invalid duration 5",
        "-lockTTL=x|invalid value \"x\" for flag -lockTTL: time: invalid duration x",
        "-bulkBatchSize=x|invalid value \"x\" for flag -bulkBatchSize: strconv.ParseInt: parsing"
            + " \"x\": invalid syntax",
        "-skipCertVerify=maybe|invalid boolean value \"maybe\" for -skipCertVerify:"
            + " strconv.ParseBool: parsing \"maybe\": invalid syntax",
        "-lifecycle=docker|invalid value \"docker\" for flag -lifecycle: Invalid lifecycle value:"
            + " not of the form 'lifecycle-name:path'",
        "-lifecycle=:p|invalid value \":p\" for flag -lifecycle: Invalid lifecycle value: empty"
            + " lifecycle name",
        "-lifecycle=n:|invalid value \"n:\" for flag -lifecycle: Invalid lifecycle value: empty"
            + " path",
        "-logLevel=warn|unknown log level: warn",
        "word|unexpected argument: word",
      })
  void wrongUsageIsSaidInGosWords(String argument, String message) {
    assertThatThrownBy(() -> new RoleFlags(Role.NSYNC_BULKER).parse(List.of(argument)))
        .isInstanceOf(WrongUsageException.class)
        .hasMessage(message);
  }

  @ParameterizedTest
  @CsvSource({"http://stager.test", "stager.test:8888", "''", "http://%zz:1"})
  void aUrlWithoutAPortCannotBeListenedAt(String url) {
    assertThatThrownBy(() -> RoleFlags.port(url, "Invalid stager URL"))
        .isInstanceOf(WrongUsageException.class)
        .hasMessageStartingWith("Invalid stager URL: ");
  }

  @Test
  void usageListsEveryFlag() {
    for (var role : Role.values()) {
      var usage = new RoleFlags(role).usage();
      assertThat(usage).startsWith("Usage of " + role.command() + ":\n");
      role.flags().forEach(flag -> assertThat(usage).contains("  -" + flag.name()));
    }
    assertThat(new RoleFlags(Role.TPS_LISTENER).usage())
        .contains("  -listenAddr string\n    \twhere to listen (default \"0.0.0.0:1518\")\n")
        .contains(
            "  -skipSSLVerification\n    \tskip SSL certificate verification (default true)\n");
  }
}
