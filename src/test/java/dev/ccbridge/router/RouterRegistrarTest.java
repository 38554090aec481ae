package dev.ccbridge.router;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.ccbridge.CcBridgeException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class RouterRegistrarTest {
  private static final String MESSAGE =
      " {\"uris\":[\"receptor.test\",\"r.test\"],\"host\":\"10.1.2.3\",\"port\":8887}";
  private static final Duration LONG = Duration.ofHours(1);
  private static final Duration SHORT = Duration.ofMillis(20);

  private static RegistrationConfig config(Duration interval, int... ports) {
    var servers =
        java.util.Arrays.stream(ports)
            .mapToObj(port -> InetSocketAddress.createUnresolved("127.0.0.1", port))
            .toList();
    return new RegistrationConfig(
        servers,
        "user",
        "s3cret",
        List.of("receptor.test", "r.test"),
        "10.1.2.3",
        8887,
        interval,
        SHORT);
  }

  private static String next(FakeNats nats) throws InterruptedException {
    return nats.published.poll(30, TimeUnit.SECONDS);
  }

  @Test
  void registersAgainAndAgainAndTakesItBackAtTheEnd() throws Exception {
    try (var nats = new FakeNats(0)) {
      var registrar = RouterRegistrar.start(config(SHORT, nats.port()));
      for (var i = 0; i < 3; i++) {
        assertThat(next(nats)).isEqualTo("router.register" + MESSAGE);
      }
      assertThat(nats.connects.take()).contains("\"user\":\"user\"", "\"pass\":\"s3cret\"");
      nats.pingAll();
      assertThat(nats.pongs.poll(30, TimeUnit.SECONDS)).isEqualTo("PONG");
      registrar.close();
      var last = next(nats);
      while (last != null && last.startsWith("router.register")) {
        last = next(nats);
      }
      assertThat(last).isEqualTo("router.unregister" + MESSAGE);
      assertThat(nats.connects).isEmpty();
    }
  }

  @Test
  void waitsForAServerThatIsDownAndRegistersAtOnceWhenItIsBack() throws Exception {
    int port;
    try (var nats = new FakeNats(0)) {
      port = nats.port();
    }
    try (var registrar = RouterRegistrar.start(config(LONG, port))) {
      assertThat(registrar).isNotNull();
      for (var life = 0; life < 2; life++) {
        try (var nats = new FakeNats(port)) {
          assertThat(next(nats)).isEqualTo("router.register" + MESSAGE);
        }
      }
    }
  }

  @Test
  void goesOnToTheNextServerWhenOneRefuses() throws Exception {
    try (var refusing = new FakeNats(0, "Authorization Violation");
        var nats = new FakeNats(0);
        var registrar = RouterRegistrar.start(config(LONG, refusing.port(), nats.port()))) {
      assertThat(registrar).isNotNull();
      assertThat(next(nats)).startsWith("router.register");
      assertThat(refusing.published).isEmpty();
    }
  }

  @Test
  void endsAtOnceWhenThereNeverWasAServer() throws Exception {
    int port;
    try (var nats = new FakeNats(0)) {
      port = nats.port();
    }
    RouterRegistrar.start(config(LONG, port)).close();
  }

  @Test
  void readsServersAndTellsAnAddressThatOthersReach() throws Exception {
    var config =
        RegistrationConfig.of(
            List.of("nats://10.0.0.1:4223", "nats.test"),
            "",
            "s3cret",
            List.of("r.test"),
            new InetSocketAddress(InetAddress.ofLiteral("0.0.0.0"), 8887));
    assertThat(config.nats())
        .containsExactly(
            InetSocketAddress.createUnresolved("10.0.0.1", 4223),
            InetSocketAddress.createUnresolved("nats.test", 4222));
    assertThat(config.host()).isNotEqualTo("0.0.0.0");
    assertThat(config.toString()).doesNotContain("s3cret");
    var own = new InetSocketAddress(InetAddress.getLoopbackAddress(), 1);
    assertThat(RegistrationConfig.of(List.of("a"), "", "", List.of("r"), own).host())
        .isEqualTo("127.0.0.1");
  }

  @ParameterizedTest
  @ValueSource(strings = {"nats:x", ":4222", "nats:99999"})
  void namesWhatIsNoServer(String text) {
    var own = new InetSocketAddress(InetAddress.getLoopbackAddress(), 1);
    assertThatExceptionOfType(CcBridgeException.class)
        .isThrownBy(() -> RegistrationConfig.of(List.of(text), "", "", List.of("r"), own))
        .withMessageContaining(text);
  }
}
