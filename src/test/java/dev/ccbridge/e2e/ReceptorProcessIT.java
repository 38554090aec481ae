package dev.ccbridge.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ccbridge.router.FakeNats;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * What the suite of the original's binary asserts of the process. S1, a start while the store is
 * down, cannot be: the store is in the process. Source: receptor/cmd/receptor/main_test.go.
 */
@Timeout(600)
class ReceptorProcessIT {
  private static final Duration LIMIT = Duration.ofSeconds(120);

  @TempDir private Path directory;

  private Program receptor(String... flags) {
    var words = new ArrayList<>(List.of("receptor", "-data", directory.resolve("d").toString()));
    words.addAll(List.of(flags));
    return Program.ccBridge(Map.of(), words.toArray(String[]::new));
  }

  private static String get(String url) throws Exception {
    try (var http = HttpClient.newHttpClient()) {
      var answer =
          http.send(HttpRequest.newBuilder(URI.create(url)).build(), BodyHandlers.ofString());
      return answer.statusCode() + " " + answer.body();
    }
  }

  @Test
  @DisplayName("F1 registering without names or NATS servers ends with 1")
  void f1() throws Exception {
    try (var nameless = receptor("-registerWithRouter=true", "-natsAddresses=127.0.0.1:4222");
        var serverless = receptor("-registerWithRouter", "-domainNames=r.test")) {
      assertThat(nameless.awaitEnd(LIMIT)).as(nameless.output()).isEqualTo(1);
      assertThat(nameless.output()).contains("-domainNames");
      assertThat(serverless.awaitEnd(LIMIT)).as(serverless.output()).isEqualTo(1);
      assertThat(serverless.output()).contains("-natsAddresses");
    }
  }

  @Test
  @DisplayName("N1 registers once NATS is there, stays up without it, unregisters on SIGINT")
  void n1() throws Exception {
    Files.writeString(Files.createDirectory(directory.resolve("v")).resolve("LTC"), "v1\r\n");
    Files.createDirectories(directory.resolve("a/linux"));
    Files.writeString(directory.resolve("a/linux/ltc"), "program");
    int natsPort;
    try (var free = new FakeNats(0)) {
      natsPort = free.port();
    }
    try (var receptor =
        receptor(
            "-address=127.0.0.1:0",
            "-registerWithRouter=true",
            "-domainNames=receptor.test,r.test",
            "-natsAddresses=127.0.0.1:" + natsPort,
            "-natsUsername=nats",
            "-natsPassword=hunter2",
            "-versionFilesPath=" + directory.resolve("v"),
            "-artifactPath=" + directory.resolve("a"),
            "-bbsAddress=http://bbs.test",
            "-etcdCluster=http://etcd.test",
            "-consulCluster=http://consul.test",
            "-lockTTL=1s",
            "-communicationTimeout=3s",
            "-taskHandlerAddress=127.0.0.1:1169")) {
      var url = receptor.awaitLine("receptor\\.started url=(http://\\S+)", LIMIT).group(1);
      receptor.awaitLine("connecting-to-nats-failed", LIMIT);
      assertThat(get(url + "/v1/version")).isEqualTo("200 {\"ltc\":\"v1\"}");
      assertThat(get(url + "/v1/sync/linux/ltc")).isEqualTo("200 program");
      assertThat(receptor.output()).containsOnlyOnce("flags-without-effect");
      try (var nats = new FakeNats(natsPort)) {
        var message =
            " {\"uris\":[\"receptor.test\",\"r.test\"],\"host\":\"127.0.0.1\",\"port\":"
                + URI.create(url).getPort()
                + "}";
        assertThat(nats.published.poll(60, TimeUnit.SECONDS))
            .isEqualTo("router.register" + message);
        assertThat(nats.connects.take()).contains("\"user\":\"nats\"", "hunter2");
        receptor.awaitLine("nats-heartbeat\\.started", LIMIT);
        receptor.interrupt();
        assertThat(receptor.awaitEnd(LIMIT)).as(receptor.output()).isZero();
        assertThat(nats.published.poll(60, TimeUnit.SECONDS))
            .isEqualTo("router.unregister" + message);
      }
      assertThat(receptor.output()).doesNotContain("hunter2");
    }
  }

  @Test
  void aTakenPortAndABadDirectoryAreNamed() throws Exception {
    try (var taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        var second = receptor("-address=127.0.0.1:" + taken.getLocalPort())) {
      assertThat(second.awaitEnd(LIMIT)).as(second.output()).isEqualTo(1);
      assertThat(second.output())
          .contains("-address (CC_BRIDGE_RECEPTOR_ADDRESS)", ":" + taken.getLocalPort());
    }
    var file = Files.writeString(directory.resolve("file"), "");
    try (var bad = receptor("-address=127.0.0.1:0", "-data", file.resolve("d").toString())) {
      assertThat(bad.awaitEnd(LIMIT)).as(bad.output()).isEqualTo(1);
      assertThat(bad.output()).contains("-data", file.toString());
    }
  }

  @Test
  void helpListsEveryFlag() throws Exception {
    try (var help = receptor("-h")) {
      assertThat(help.awaitEnd(LIMIT)).isZero();
      assertThat(help.output())
          .contains("-bbsAddress", "-etcdCaFile", "-natsPassword", "-artifactPath", "-lockTTL");
    }
  }
}
