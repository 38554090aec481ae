package dev.ccbridge.cloudcontroller.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.ccbridge.ErrorKind;
import dev.ccbridge.cloudcontroller.model.StagingResponseForCC;
import dev.ccbridge.cloudcontroller.model.StagingResponseForCC.StagingError;
import dev.ccbridge.web.HttpService;
import dev.ccbridge.web.Request;
import dev.ccbridge.web.Response;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(30)
class CloudControllerClientTest {
  private static final StagingResponseForCC FAILED =
      StagingResponseForCC.failed(new StagingError("StagingError", "staging failed"));
  private volatile int status = 200;
  private volatile String authorization;
  private volatile String contentType;
  private volatile String body;
  private final CountDownLatch released = new CountDownLatch(1);
  private HttpService cc;

  @BeforeEach
  void start() {
    cc =
        HttpService.start(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), this::answer);
  }

  @AfterEach
  void stop() {
    released.countDown();
    cc.close();
  }

  private Response answer(Request request) throws Exception {
    authorization = request.header("Authorization").orElse(null);
    contentType = request.header("Content-Type").orElse(null);
    body = new String(request.body(10_000), StandardCharsets.UTF_8);
    if (request.rawPath().equals("/hangs")) {
      released.await();
    }
    return Response.empty(status);
  }

  @Test
  void ccIsToldWithItsCredentials() {
    try (var client = client(Optional.of(cc.uri()))) {
      client.stagingComplete(cc.uri().resolve("/internal/staging/g/completed"), FAILED, Map.of());
    }
    assertThat(authorization).isEqualTo("Basic dXNlcjpwYXNz");
    assertThat(contentType).isEqualTo("application/json");
    assertThat(body)
        .isEqualTo(
            "{\"execution_metadata\":\"\",\"detected_start_command\":null,"
                + "\"error\":{\"id\":\"StagingError\",\"message\":\"staging failed\"}}");
  }

  @Test
  void nobodyElseGetsTheCredentials() {
    try (var client = client(Optional.of(URI.create("http://cc.example.com")))) {
      client.stagingComplete(cc.uri().resolve("/x"), FAILED, Map.of());
    }
    assertThat(body).isNotEmpty();
    assertThat(authorization).isNull();
  }

  @ParameterizedTest
  @CsvSource({
    "404,false",
    "400,false",
    "403,false",
    "401,true",
    "408,true",
    "429,true",
    "500,true",
    "503,true",
    "302,true"
  })
  void aRefusalIsTriedAgainUnlessItIsForGood(int answered, boolean again) {
    status = answered;
    try (var client = client(Optional.empty())) {
      var failure = tell(client, cc.uri().resolve("/x"));
      assertThat(failure.status()).isEqualTo(answered);
      assertThat(failure.kind().retryable()).isEqualTo(again);
    }
  }

  @Test
  void aHangEndsAtTheTimeout() {
    var config = new CloudControllerConfig(Optional.empty(), "", "", Duration.ofMillis(300));
    try (var client = new CloudControllerClient(config)) {
      assertThat(tell(client, cc.uri().resolve("/hangs")).kind()).isEqualTo(ErrorKind.UNAVAILABLE);
    }
  }

  @Test
  void nobodyThereIsTriedAgain() {
    var uri = cc.uri().resolve("/x");
    cc.close();
    try (var client = client(Optional.empty())) {
      assertThat(tell(client, uri).status()).isZero();
      assertThat(tell(client, uri).kind()).isEqualTo(ErrorKind.UNAVAILABLE);
    }
  }

  @Test
  void aCallbackThatIsNoHttpUrlIsRefusedForGood() {
    try (var client = client(Optional.empty())) {
      assertThat(tell(client, URI.create("ftp://x/y")).kind()).isEqualTo(ErrorKind.INVALID_REQUEST);
    }
  }

  private static CloudControllerException tell(CloudControllerClient client, URI uri) {
    return catchThrowableOfType(
        CloudControllerException.class, () -> client.stagingComplete(uri, FAILED, Map.of()));
  }

  private static CloudControllerClient client(Optional<URI> base) {
    return new CloudControllerClient(
        new CloudControllerConfig(base, "user", "pass", Duration.ofSeconds(20)));
  }
}
