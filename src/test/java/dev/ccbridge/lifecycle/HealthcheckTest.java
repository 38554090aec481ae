package dev.ccbridge.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(30)
class HealthcheckTest {
  private static final InetAddress LOOPBACK = InetAddress.getLoopbackAddress();
  private static final Duration LIMIT = Duration.ofSeconds(10);

  @Test
  void aPortThatAcceptsPasses() throws IOException {
    try (var app = new ServerSocket(0, 1, LOOPBACK)) {
      var check = new Healthcheck("", app.getLocalPort(), LIMIT);

      assertThat(check.passes(List.of(LOOPBACK))).isTrue();
    }
  }

  @Test
  void oneAddressThatAnswersIsEnough() throws IOException {
    try (var app = new ServerSocket(0, 1, LOOPBACK)) {
      var check = new Healthcheck("", app.getLocalPort(), LIMIT);
      var silent = InetAddress.ofLiteral("127.9.9.9");

      assertThat(check.passes(List.of(silent))).isFalse();
      assertThat(check.passes(List.of(silent, LOOPBACK))).isTrue();
    }
  }

  @Test
  void aPortThatNobodyListensOnFails() throws IOException {
    var free = new ServerSocket(0, 1, LOOPBACK);
    free.close();

    assertThat(new Healthcheck("", free.getLocalPort(), LIMIT).passes(List.of(LOOPBACK))).isFalse();
  }

  @ParameterizedTest
  @CsvSource({"200,true", "204,false", "404,false", "500,false"})
  void withAPathOnly200Passes(int status, boolean passes) throws IOException {
    var app = HttpServer.create(new InetSocketAddress(LOOPBACK, 0), 0);
    app.createContext(
        "/health",
        exchange -> {
          exchange.sendResponseHeaders(status, -1);
          exchange.close();
        });
    app.start();
    try {
      var check = new Healthcheck("/health", app.getAddress().getPort(), LIMIT);

      assertThat(check.passes(List.of(LOOPBACK))).isEqualTo(passes);
    } finally {
      app.stop(0);
    }
  }

  @Test
  void anAppThatAcceptsButNeverAnswersFailsAfterTheTimeout() throws IOException {
    try (var app = new ServerSocket(0, 1, LOOPBACK)) {
      var check = new Healthcheck("/", app.getLocalPort(), Duration.ofMillis(200));

      assertThat(check.passes(List.of(LOOPBACK))).isFalse();
    }
  }

  @Test
  void aMachineWithoutNetworkIsCheckedAtLoopback() {
    assertThat(Healthcheck.orLoopback(List.of()))
        .containsExactly(InetAddress.ofLiteral("127.0.0.1"));
    assertThat(Healthcheck.orLoopback(List.of(InetAddress.ofLiteral("192.0.2.1"))))
        .containsExactly(InetAddress.ofLiteral("192.0.2.1"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"-port=0", "-port=65536", "-port=http", "-network=udp"})
  void whatCannotBeCheckedFailsTheCheck(String flag) {
    assertThat(Healthcheck.run(List.of(flag))).isEqualTo(1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"-timeout=soon", "-unknown", "-port"})
  void whatIsNoFlagEndsWithTwo(String flag) {
    assertThat(Healthcheck.run(List.of(flag))).isEqualTo(2);
  }
}
