package dev.ccbridge.operator;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetSocketAddress;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DebugServerTest {
  @ParameterizedTest
  @CsvSource({
    "debug,debug", "DEBUG,debug", "d,debug", "0,debug",
    "info,info", "INFO,info", "i,info", "1,info",
    "error,error", "ERROR,error", "e,error", "2,error",
    "fatal,fatal", "FATAL,fatal", "f,fatal", "3,fatal",
  })
  void theOriginalsWordsMeanLevels(String body, String level) {
    assertThat(DebugServer.level(body)).hasValue(level);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "warn", "Debug", " info", "info\n", "4", "trace"})
  void everythingElseMeansNothing(String body) {
    assertThat(DebugServer.level(body)).isEmpty();
  }

  @Test
  void aProcessIsReadyOnceItHasStartedAndLacksNothing() throws Exception {
    try (var server = DebugServer.start(new InetSocketAddress("127.0.0.1", 0))) {
      assertThat(get(server, "/healthz")).isEqualTo("200 ok\n");
      assertThat(get(server, "/readyz")).isEqualTo("503 the process is starting\n");

      server.started(() -> List.of("a is out of step", "b is starting"));
      assertThat(get(server, "/readyz")).isEqualTo("503 a is out of step\nb is starting\n");

      server.started(List::of);
      assertThat(get(server, "/readyz")).isEqualTo("200 ok\n");
    }
  }

  private static String get(DebugServer server, String path) throws Exception {
    try (var client = HttpClient.newHttpClient()) {
      var answer =
          client.send(
              HttpRequest.newBuilder(server.uri().resolve(path)).build(), BodyHandlers.ofString());
      return answer.statusCode() + " " + answer.body();
    }
  }
}
