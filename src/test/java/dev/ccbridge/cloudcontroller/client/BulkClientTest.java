package dev.ccbridge.cloudcontroller.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.ccbridge.cloudcontroller.model.DesiredAppFingerprint;
import dev.ccbridge.cloudcontroller.model.FingerprintPage;
import dev.ccbridge.nsync.bulk.ScriptedServer;
import dev.ccbridge.nsync.bulk.ScriptedServer.Answer;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(value = 120, unit = TimeUnit.SECONDS)
class BulkClientTest {
  private static final Duration LONG = Duration.ofSeconds(60);
  private final AtomicReference<Answer> answer = new AtomicReference<>();
  private final ScriptedServer cc = new ScriptedServer(request -> answer.get());

  @AfterEach
  void close() {
    cc.close();
  }

  private BulkClient client(String path, Duration timeout) {
    var base = URI.create(cc.uri() + path);
    return new BulkClient(
        new CloudControllerConfig(Optional.of(base), "bulk_api", "s3cret", timeout));
  }

  @Test
  void aPageIsReadWhateverElseIsInIt() {
    answer.set(
        Answer.json(
            """
            {"more": [{}], "Fingerprints": [{"process_guid": "a", "etag": "1.5", "x": {"y": []}},
             {"etag": null, "process_guid": "b"}], "token": {"id": 12345678901234567890, "n": 1.50}}
            """));
    try (var client = client("", LONG)) {
      assertThat(client.fingerprints(2, "{\"a b\":\"&+\"}"))
          .isEqualTo(
              new FingerprintPage(
                  List.of(
                      new DesiredAppFingerprint("a", "1.5"), new DesiredAppFingerprint("b", "")),
                  Optional.of("{\"id\":12345678901234567890,\"n\":1.50}")));
    }
    assertThat(cc.seen().getFirst().path())
        .isEqualTo("/internal/bulk/apps?batch_size=2&format=fingerprint&token={\"a b\":\"&+\"}");
  }

  @Test
  void theBaseUrlIsPutInFrontAsItIs() {
    answer.set(Answer.json("[{\"process_guid\":\"a\"}]"));
    try (var client = client("/prefix/", LONG)) {
      assertThat(client.apps(List.of("a", "\"b\""))).hasSize(1);
    }
    assertThat(cc.seen().getFirst().path()).isEqualTo("/prefix//internal/bulk/apps");
    assertThat(cc.seen().getFirst().body()).isEqualTo("[\"a\",\"\\\"b\\\"\"]");
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void whatDoesNotEndInTimeIsGivenUp(boolean headersCome) {
    answer.set(headersCome ? Answer.stall("[{\"process_guid\":") : Answer.HANG);
    try (var client = client("", Duration.ofSeconds(2))) {
      assertThat(failure(client)).hasMessageContaining("no answer within PT2S");
    }
  }

  @Test
  void whoIsInterruptedStopsWaiting() throws Exception {
    answer.set(Answer.stall("[{\"process_guid\":"));
    var ended = new CountDownLatch(1);
    try (var client = client("", LONG)) {
      var caller =
          Thread.ofVirtual()
              .start(
                  () -> {
                    failure(client);
                    ended.countDown();
                  });
      while (cc.seen().isEmpty()) {
        Thread.onSpinWait();
      }
      caller.interrupt();
      assertThat(ended.await(30, TimeUnit.SECONDS)).isTrue();
    }
  }

  @Test
  void anAnswerThatIsTooLongIsNotRead() {
    var value = "x".repeat(1 << 20);
    var element = "{\"process_guid\":\"a\",\"start_command\":\"" + value + "\"},";
    answer.set(Answer.json("[" + element.repeat(66) + "{}]"));
    try (var client = client("", LONG)) {
      assertThat(failure(client)).hasMessageContaining("longer than 64 MiB");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "[{\"process_guid\":\"a\",\"docker_password\":\"hidden\",\"memory_mb\":\"hidden\"}]",
        "[{\"process_guid\":\"a\",\"file_descriptors\":-1,\"docker_password\":\"hidden\"}]",
        "[{\"docker_password\":\"hidden\"",
        "hidden"
      })
  void whatCannotBeReadIsNotQuoted(String body) {
    answer.set(Answer.json(body));
    try (var client = client("", LONG)) {
      var failure = failure(client);
      assertThat(failure.getMessage()).doesNotContain("hidden").contains("cannot be used");
      assertThat(failure.kind().retryable()).isTrue();
    }
  }

  @Test
  void onlyA200IsSuccess() {
    answer.set(Answer.of(204, "application/json", ""));
    try (var client = client("", LONG)) {
      assertThat(failure(client).status()).isEqualTo(204);
    }
  }

  private static CloudControllerException failure(BulkClient client) {
    return catchThrowableOfType(CloudControllerException.class, () -> client.apps(List.of("a")));
  }
}
