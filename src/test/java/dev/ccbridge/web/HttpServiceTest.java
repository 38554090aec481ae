package dev.ccbridge.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class HttpServiceTest {
  private static final InetSocketAddress ANY_PORT =
      new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);

  @Test
  void aClientThatSendsMuchStillSeesWhyItWasRefused() throws Exception {
    var size = 50 << 20;
    try (var service =
            HttpService.start(
                ANY_PORT,
                new Router()
                    .route(
                        "POST",
                        "/",
                        request -> {
                          throw new RefusedException(403, "Forbidden", "not you");
                        }));
        var socket = connect(service)) {
      send(socket, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: " + size + "\r\n\r\n");
      socket.getOutputStream().write(new byte[size]);
      assertThat(answer(socket))
          .contains("403 Forbidden")
          .contains("{\"name\":\"Forbidden\",\"message\":\"not you\"}");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"GET", "HEAD"})
  void closesTheAnswerOnce(String method) throws Exception {
    var closed = new AtomicInteger();
    try (var service =
            HttpService.start(
                ANY_PORT, request -> new Response(200, Map.of(), 2, new Body(closed)));
        var socket = connect(service)) {
      send(socket, method + " / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
      assertThat(answer(socket)).contains("200 OK");
      await().untilAsserted(() -> assertThat(closed).hasValue(1));
    }
  }

  @Test
  void aBodyThatTricklesIsRefused() throws Exception {
    try (var service = start(new Router().route("POST", "/", HttpServiceTest::echo), 300, 60_000);
        var socket = connect(service);
        var other = connect(service)) {
      send(socket, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\nab");

      assertThat(answer(socket)).contains("408 Request Time-Out").contains("RequestTimeout");
      send(other, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nok");
      assertThat(answer(other)).contains("200 OK").endsWith("ok");
    }
  }

  @Test
  void aConnectionIsUsedAgainAfterARefusalForSlowness() throws Exception {
    try (var service = start(new Router().route("POST", "/", HttpServiceTest::echo), 300, 60_000);
        var socket = connect(service)) {
      send(socket, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nab");
      assertThat(answer(socket)).contains("408 Request Time-Out");

      send(socket, "cdePOST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nok");

      assertThat(answer(socket)).contains("200 OK").endsWith("ok");
    }
  }

  private static Response echo(Request request) throws IOException {
    return Response.bytes(200, "text/plain", request.body(1000));
  }

  @ParameterizedTest
  @ValueSource(strings = {"200 full", "200 empty", "403 full", "404 empty"})
  void aSenderThatGoesSilentIsHungUpOn(String kind) throws Exception {
    var status = Integer.parseInt(kind.substring(0, 3));
    var response = kind.endsWith("full") ? Response.text(status, "answer") : Response.empty(status);
    try (var service = start(request -> response, 60_000, 200);
        var socket = connect(service);
        var other = connect(service)) {
      send(socket, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\nab");
      send(other, "GET / HTTP/1.1\r\nHost: x\r\n\r\n");

      assertThat(answer(other)).contains(" " + status + " ");
      var seen = new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
      assertThat(seen.contains("answer")).isEqualTo(kind.endsWith("full"));
    }
  }

  private static HttpService start(Handler handler, int bodyMillis, int lingerMillis) {
    return HttpService.start(
        ANY_PORT,
        handler,
        null,
        new HttpService.Limits(Duration.ofMillis(bodyMillis), Duration.ofMillis(lingerMillis)));
  }

  private record Body(AtomicInteger closed) implements Response.BodyWriter {
    @Override
    public void writeTo(OutputStream out) throws IOException {
      out.write("ok".getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public void close() {
      closed.incrementAndGet();
    }
  }

  private static Socket connect(HttpService service) throws IOException {
    return new Socket(service.address().getAddress(), service.address().getPort());
  }

  private static void send(Socket socket, String text) throws IOException {
    socket.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
  }

  /** Head and, as far as it has come, body. */
  private static String answer(Socket socket) throws IOException {
    var reader =
        new BufferedReader(
            new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII));
    var text = new StringBuilder(reader.readLine());
    var length = 0;
    for (var line = reader.readLine(); !line.isEmpty(); line = reader.readLine()) {
      text.append('\n').append(line);
      if (line.toLowerCase(Locale.ROOT).startsWith("content-length: ")) {
        length = Integer.parseInt(line.substring("content-length: ".length()));
      }
    }
    for (var i = 0; i < length; i++) {
      var next = reader.read();
      if (next < 0) {
        break;
      }
      text.append((char) next);
    }
    return text.toString();
  }
}
