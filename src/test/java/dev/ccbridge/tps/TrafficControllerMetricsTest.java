package dev.ccbridge.tps;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ccbridge.devserver.DevServer;
import dev.ccbridge.devserver.DevServerConfig;
import dev.ccbridge.vectors.Protobuf;
import dev.ccbridge.web.HttpService;
import dev.ccbridge.web.Response;
import java.io.ByteArrayOutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class TrafficControllerMetricsTest {
  private static final String TYPE = "multipart/x-protobuf; boundary=b";
  private final CountDownLatch closed = new CountDownLatch(1);
  private final AtomicReference<Response> answer = new AtomicReference<>(Response.empty(200));
  private final AtomicReference<String> asked = new AtomicReference<>("");
  private final HttpService http =
      HttpService.start(
          new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
          request -> {
            asked.set(request.rawPath() + " " + request.header("Authorization").orElse("none"));
            return answer.get();
          });

  @AfterEach
  void close() {
    closed.countDown();
    http.close();
  }

  @Test
  void readsTheMetricsAndSkipsWhatElseThereIs() {
    answer.set(multipart(metric(1, 12.5, 5, 6), other(), metric(0, 0, -1, 0)));
    assertThat(ask())
        .containsExactly(new ContainerMetric(1, 12.5, 5, 6), new ContainerMetric(0, 0, -1, 0));
    assertThat(asked).hasValue("/apps/the%2Fguid/containermetrics bearer t");
  }

  @Test
  void noPartsAreNoMetrics() {
    answer.set(multipart());
    assertThat(ask()).isEmpty();
  }

  @Test
  void partsMayHaveHeadersAndTheBoundaryQuotes() {
    var body = "--b\r\nContent-Type: x\r\n\r\n" + latin(metric(2, 1, 2, 3)) + "\r\n--b--";
    answer.set(bytes("multipart/x-protobuf; boundary=\"b\"; charset=x", body));
    assertThat(ask()).containsExactly(new ContainerMetric(2, 1, 2, 3));
  }

  @Test
  void aLogMessageIsAnErrorOfThoseBehind() {
    var message = new Protobuf().text(1, "the doppler is gone").toBytes();
    answer.set(multipart(new Protobuf().varint(2, 5).bytes(8, message).toBytes()));
    assertThatThrownBy(this::ask)
        .isInstanceOf(MetricsException.class)
        .hasMessage("upstream error: the doppler is gone");
  }

  @Test
  void whatIsNoAnswerIsToldWithItsReason() {
    answer.set(Response.empty(401));
    assertThatThrownBy(this::ask).hasMessageContaining("401");
    answer.set(Response.text(200, "hello"));
    assertThatThrownBy(this::ask).hasMessageContaining("text/plain");
    answer.set(bytes(TYPE, "--b\r\n\r\n" + latin(metric(0, 1, 2, 3))));
    assertThatThrownBy(this::ask).hasMessageContaining("cut off");
    answer.set(bytes(TYPE, "--b\r\n\r\n" + "\u0062\u007f" + "\r\n--b--"));
    assertThatThrownBy(this::ask).hasMessageContaining("no envelope");
    answer.set(multipart(metric(0, Double.NaN, 2, 3)));
    assertThatThrownBy(this::ask).hasMessageContaining("no envelope");
  }

  @Test
  void anAnswerWithoutEndIsGivenUp() {
    var block = new byte[1 << 20];
    answer.set(
        Response.stream(
            200,
            TYPE,
            out -> {
              while (true) {
                out.write(block);
              }
            }));
    assertThatThrownBy(this::ask).isInstanceOf(MetricsException.class);
  }

  @Test
  void silenceIsGivenUpInTheMiddleOfTheBodyToo() {
    answer.set(
        Response.stream(
            200,
            TYPE,
            out -> {
              out.write('-');
              out.flush();
              closed.await();
            }));
    try (var metrics = metrics("ws" + http.uri().toString().substring(4), Duration.ofMillis(300))) {
      assertThatThrownBy(() -> metrics.containerMetrics("g", "t"))
          .hasMessageContaining("no answer within");
    }
  }

  @Test
  void anyCertificateWillDoOnlyWhenToldSo() {
    try (var https = DevServer.start(DevServerConfig.inMemory(List.of()))) {
      var url = URI.create("wss://localhost:" + https.uri().getPort());
      var timeout = Duration.ofSeconds(30);
      try (var any = new TrafficControllerMetrics(new TrafficControllerConfig(url, true, timeout));
          var none =
              new TrafficControllerMetrics(new TrafficControllerConfig(url, false, timeout))) {
        assertThatThrownBy(() -> any.containerMetrics("g", "t"))
            .hasMessageContaining("the traffic controller answered 401");
        assertThatThrownBy(() -> none.containerMetrics("g", "t"))
            .hasMessageContaining("could not be asked");
      }
    }
  }

  private List<ContainerMetric> ask() {
    var url = "ws" + http.uri().toString().substring("http".length());
    try (var metrics = metrics(url, Duration.ofSeconds(30))) {
      return metrics.containerMetrics("the/guid", "bearer t");
    }
  }

  private static TrafficControllerMetrics metrics(String url, Duration timeout) {
    return new TrafficControllerMetrics(
        new TrafficControllerConfig(URI.create(url), true, timeout));
  }

  private static byte[] metric(int index, double cpu, long memory, long disk) {
    var metric =
        new Protobuf()
            .text(1, "app")
            .varint(2, index)
            .fixed64(3, cpu)
            .varint(4, memory)
            .varint(5, disk)
            .varint(6, 1)
            .toBytes();
    return new Protobuf().text(1, "rep").varint(2, 9).bytes(12, metric).toBytes();
  }

  private static byte[] other() {
    return new Protobuf().text(1, "rep").varint(2, 6).fixed64(99, 1).toBytes();
  }

  private static Response multipart(byte[]... parts) {
    var body = new ByteArrayOutputStream();
    for (var part : parts) {
      body.writeBytes("--b\r\n\r\n".getBytes(StandardCharsets.ISO_8859_1));
      body.writeBytes(part);
      body.writeBytes("\r\n".getBytes(StandardCharsets.ISO_8859_1));
    }
    body.writeBytes("--b--\r\n".getBytes(StandardCharsets.ISO_8859_1));
    return Response.bytes(200, TYPE, body.toByteArray());
  }

  private static Response bytes(String type, String body) {
    return Response.bytes(200, type, body.getBytes(StandardCharsets.ISO_8859_1));
  }

  private static String latin(byte[] bytes) {
    return new String(bytes, StandardCharsets.ISO_8859_1);
  }
}
