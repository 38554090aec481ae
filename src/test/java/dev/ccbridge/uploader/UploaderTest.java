package dev.ccbridge.uploader;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.ccbridge.web.Response;
import java.io.InputStream;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(120)
class UploaderTest {
  private final ScriptedCc cc = new ScriptedCc();
  private final UploaderFixture uploader = new UploaderFixture();

  @AfterEach
  void stop() {
    uploader.close();
    cc.close();
  }

  @Test
  void aDropletIsPostedAsMultipartAndItsJobAwaited() throws Exception {
    cc.answersJob("http://" + cc.host() + "/jobs/1", "queued")
        .answersJob("http://" + cc.host() + "/jobs/2", "running")
        .answersJob("", "finished");

    var answer =
        uploader.send(
            HttpRequest.newBuilder(uploader.droplet("http://u:p%40@" + cc.host() + "/up?z=1&a=b+c"))
                .header("Content-MD5", "4vxxTEcn7pOV8yTNLn8zHw==")
                .POST(BodyPublishers.ofString("the droplet")));

    assertThat(answer.statusCode()).isEqualTo(201);
    assertThat(answer.body()).isEmpty();
    var upload = cc.calls().getFirst();
    assertThat(upload.method()).isEqualTo("POST");
    assertThat(upload.uri()).hasToString("/up?a=b+c&async=true&z=1");
    assertThat(upload.header("Authorization")).containsExactly("Basic dTpwQA==");
    assertThat(upload.header("Content-MD5")).containsExactly("4vxxTEcn7pOV8yTNLn8zHw==");
    assertThat(upload.header("Transfer-Encoding")).isEmpty();
    assertThat(upload.header("Content-Length"))
        .containsExactly(String.valueOf(upload.body().length()));
    assertThat(upload.body()).isEqualTo(multipart(upload, "droplet.tgz", "the droplet"));
    assertThat(cc.calls())
        .extracting(call -> call.method() + " " + call.uri())
        .endsWith("GET /jobs/1", "GET /jobs/2")
        .hasSize(3);
  }

  @Test
  void buildArtifactsAreDoneWhenCcTookThem() throws Exception {
    cc.answers(201, "no JSON, and nobody reads it");

    var answer =
        uploader.post(uploader.buildArtifacts("http://" + cc.host() + "/b?z=1&a"), "cache");

    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.body()).isEmpty();
    assertThat(cc.calls()).hasSize(1);
    var upload = cc.calls().getFirst();
    assertThat(upload.uri()).hasToString("/b?z=1&a");
    assertThat(upload.header("Authorization")).isEmpty();
    assertThat(upload.header("Content-MD5")).containsExactly("");
    assertThat(upload.body()).isEqualTo(multipart(upload, "buildpack_cache.tgz", "cache"));
  }

  private static String multipart(ScriptedCc.Call call, String fileName, String content) {
    var type = call.header("Content-Type").getFirst();
    assertThat(type).startsWith("multipart/form-data; boundary=");
    var boundary = type.substring(type.indexOf('=') + 1);
    return "--%s\r\nContent-Disposition: form-data; name=\"file\"; filename=\"%s\"\r\n"
            .formatted(boundary, fileName)
        + "Content-Type: application/octet-stream\r\n\r\n"
        + content
        + "\r\n--"
        + boundary
        + "--\r\n";
  }

  @ParameterizedTest
  @CsvSource({
    "/v1/droplet/x, missing cc-droplet-upload-uri parameter",
    "/v1/droplet/x?cc-droplet-upload-uri=, missing cc-droplet-upload-uri parameter",
    "/v1/build_artifacts/x?cc-droplet-upload-uri=http%3A%2F%2Fx,"
        + " missing cc-build-artifacts-upload-uri parameter",
    "/v1/droplet/x?cc-droplet-upload-uri=%3Afoo&timeout=x,"
        + " 'cc-droplet-upload-uri: missing protocol scheme, wanted an http or https URL'",
    "/v1/droplet/x?cc-droplet-upload-uri=http%3A%2F%2Fu%3Asecret%25zz%40x%2F,"
        + " 'cc-droplet-upload-uri: invalid URL escape, wanted an http or https URL'",
    "/v1/build_artifacts/x?cc-build-artifacts-upload-uri=http%3A%2F%2Fx&timeout=5s,"
        + " 'timeout: was \"5s\", wanted a whole number of seconds'",
    "/v1/droplet/x?cc-droplet-upload-uri=http%3A%2F%2Fx&timeout=99999999999999999999,"
        + " 'timeout: was \"99999999999999999999\", wanted a whole number of seconds'",
  })
  void aBadQueryIsRefusedBeforeAMissingLength(String pathAndQuery, String body) throws Exception {
    var answer = uploader.post(uploader.uri(pathAndQuery, ""), "");

    assertThat(answer.statusCode()).isEqualTo(400);
    assertThat(answer.body()).isEqualTo(body);
  }

  @Test
  void aBodyWithoutLengthIsRefused() throws Exception {
    var uri = uploader.droplet("http://" + cc.host());

    var empty = uploader.post(uri, "");
    var chunked =
        uploader.post(uri, BodyPublishers.ofInputStream(() -> InputStream.nullInputStream()));

    assertThat(empty.statusCode()).isEqualTo(411);
    assertThat(empty.body()).isEqualTo("Missing Content Length");
    assertThat(chunked.statusCode()).isEqualTo(411);
    assertThat(chunked.body()).isEqualTo("Missing Content Length");
    assertThat(cc.calls()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({"500, oops", "401, ''", "302, elsewhere", "202, later"})
  void whatCcRefusesIsAnsweredWithItsStatusAndBody(int status, String body) throws Exception {
    cc.does(
        request ->
            Response.text(status, body).header("Location", "http://" + cc.host() + "/elsewhere"));

    var answer = uploader.post(uploader.droplet("http://u:pw@" + cc.host() + "/up"), "x");

    assertThat(answer.statusCode()).isEqualTo(status);
    assertThat(answer.body()).isEqualTo("status code: " + status + "\n" + body);
    assertThat(cc.calls()).hasSize(1);
  }

  @Test
  void anAnswerThatMayHaveNoBodyIsPassedOnWithout() throws Exception {
    cc.does(request -> Response.empty(204));

    var answer = uploader.post(uploader.buildArtifacts("http://" + cc.host() + "/up"), "x");

    assertThat(answer.statusCode()).isEqualTo(204);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"ftp://u:secret@x/y", "nothing", "http:///path", "http://u:secret@x:99999/"})
  void aTargetThatHttpCannotReachIsAFailureWithoutItsCredentials(String target) throws Exception {
    var answer = uploader.post(uploader.droplet(target), "x");

    assertThat(answer.statusCode()).isEqualTo(500);
    assertThat(answer.body()).containsAnyOf("protocol scheme", "host").doesNotContain("secret");
  }

  @Test
  void nobodyThereIsAFailureAfterThreeAttempts() throws Exception {
    var attempts = new AtomicReference<>(0);
    try (var patient = new UploaderFixture(UploaderFixture.CONFIG, attempts::set)) {
      var port = freePort();

      var answer =
          patient.post(patient.droplet("http://u:secret@127.0.0.1:" + port + "/up?sig=abc"), "x");

      assertThat(answer.statusCode()).isEqualTo(500);
      assertThat(answer.body()).isEqualTo("127.0.0.1:" + port + ": connection refused");
      assertThat(attempts).hasValue(3);
    }
  }

  @Test
  void anUnknownHostIsAFailure() throws Exception {
    var answer = uploader.post(uploader.droplet("http://no-such-host.invalid/up"), "x");

    assertThat(answer.statusCode()).isEqualTo(500);
    assertThat(answer.body()).isEqualTo("no-such-host.invalid: no such host");
  }

  @Test
  void theThirdAttemptSendsTheWholeBody() throws Exception {
    var port = freePort();
    var late = new AtomicReference<ScriptedCc>();
    try (var patient =
        new UploaderFixture(
            UploaderFixture.CONFIG,
            attempt -> {
              if (attempt == 2) {
                late.set(new ScriptedCc(port, null).answers(200, ""));
              }
            })) {
      var body = "0123456789".repeat(100_000);

      var answer = patient.post(patient.buildArtifacts("http://127.0.0.1:" + port + "/up"), body);

      assertThat(answer.statusCode()).isEqualTo(200);
      var upload = late.get().calls().getFirst();
      assertThat(upload.body()).isEqualTo(multipart(upload, "buildpack_cache.tgz", body));
    } finally {
      late.get().close();
    }
  }

  @Test
  void aConnectionThatBreaksIsNotTriedAgain() throws Exception {
    try (var breaking = new ServerSocket(0)) {
      var accepted = new AtomicReference<>(0);
      Thread.ofVirtual()
          .start(
              () -> {
                while (true) {
                  try (var socket = breaking.accept()) {
                    accepted.set(accepted.get() + 1);
                    socket.getInputStream().read();
                  } catch (java.io.IOException closed) {
                    return;
                  }
                }
              });

      var target = "http://u:secret@127.0.0.1:" + breaking.getLocalPort() + "/up";
      var answer = uploader.post(uploader.droplet(target), "x");

      assertThat(answer.statusCode()).isEqualTo(500);
      assertThat(answer.body())
          .isEqualTo("127.0.0.1:" + breaking.getLocalPort() + ": the connection broke");
      assertThat(accepted).hasValue(1);
    }
  }

  @ParameterizedTest
  @CsvSource({"1, not done within 1 s", "0, not done within 0 s", "-3, not done within -3 s"})
  void aCcThatDoesNotAnswerInTimeIsAFailure(int timeout, String reason) throws Exception {
    var over = new CountDownLatch(1);
    cc.does(
        request -> {
          over.await();
          return Response.empty(200);
        });

    var target = uploader.droplet("http://" + cc.host() + "/up") + "&timeout=" + timeout;
    var answer = uploader.post(URI.create(target), "x");
    over.countDown();

    assertThat(answer.statusCode()).isEqualTo(500);
    assertThat(answer.body()).isEqualTo("the upload was cancelled: " + reason);
  }

  @Test
  void theTimeoutCoversTheWaitForTheJob() throws Exception {
    cc.answersJob("/jobs/1", "queued");
    var slow = new UploaderConfig(false, Duration.ofHours(1), Duration.ofSeconds(30), 1);
    try (var waiting = new UploaderFixture(slow, attempt -> {})) {
      var target = waiting.droplet("http://" + cc.host() + "/up") + "&timeout=1";

      var answer = waiting.post(URI.create(target), "x");

      assertThat(answer.statusCode()).isEqualTo(500);
      assertThat(answer.body()).isEqualTo("upstream request was cancelled");
    }
  }

  @Test
  void aSlowJobAnswerIsAFailure() throws Exception {
    var over = new CountDownLatch(1);
    cc.answersJob("/jobs/1", "queued")
        .does(
            request -> {
              over.await();
              return Response.empty(200);
            });
    var hasty = new UploaderConfig(false, Duration.ofMillis(5), Duration.ofMillis(300), 1);
    try (var waiting = new UploaderFixture(hasty, attempt -> {})) {
      var answer = waiting.post(waiting.droplet("http://" + cc.host() + "/up"), "x");
      over.countDown();

      assertThat(answer.statusCode()).isEqualTo(500);
      assertThat(answer.body()).isEqualTo("no answer from " + cc.host() + " in time");
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"entity\":{\"status\":\"failed\"}}|upload job failed",
        "{\"entity\":{\"status\":\"odd\"}}|unknown job status: odd",
        "{\"entity\":{}}|unknown job status: ''",
        "null|unknown job status: ''",
        "{}|unknown job status: ''",
      })
  void aJobThatDoesNotFinishIsAFailure(String answer, String message) throws Exception {
    cc.answers(200, answer);

    var refused = uploader.post(uploader.droplet("http://" + cc.host() + "/up"), "x");

    assertThat(refused.statusCode()).isEqualTo(500);
    assertThat(refused.body()).isEqualTo(message.replace("''", ""));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"<html>", "", "[1]", "{\"entity\":7}", "{\"entity\":{\"status\":1}}", "{"})
  void anAnswerThatIsNoJobIsAFailure(String garbage) throws Exception {
    cc.answersJob("/jobs/1", "queued").answers(200, garbage);

    var answer = uploader.post(uploader.droplet("http://" + cc.host() + "/up"), "x");

    assertThat(answer.statusCode()).isEqualTo(500);
    assertThat(answer.body())
        .isEqualTo(
            "the answer about the job, with status 200, is not JSON with metadata.url and"
                + " entity.status");
  }

  @Test
  void aJobUrlThatCannotBeParsedIsAFailure() throws Exception {
    cc.answersJob("http://x:y/", "queued");

    var answer = uploader.post(uploader.droplet("http://" + cc.host() + "/up"), "x");

    assertThat(answer.statusCode()).isEqualTo(500);
    assertThat(answer.body()).isEqualTo("metadata.url of the job: invalid host or port");
  }

  /** The names in any case, as Go decodes them; the status of a look does not count. */
  @Test
  void aRelativeJobUrlIsOnTheHostOfTheUploadWithoutItsCredentials() throws Exception {
    cc.answers(201, "{\"Metadata\":{\"URL\":\"/jobs/1?x=y\"},\"ENTITY\":{\"status\":\"queued\"}}")
        .answers(500, "{\"metadata\":{\"url\":\"\"},\"entity\":{\"status\":\"finished\"}} more");

    var answer = uploader.post(uploader.droplet("http://u:p@" + cc.host() + "/up"), "x");

    assertThat(answer.statusCode()).isEqualTo(201);
    assertThat(cc.calls().getLast().uri()).hasToString("/jobs/1?x=y");
    assertThat(cc.calls().getLast().header("Authorization")).isEmpty();
  }

  @Test
  void theCredentialsOfAJobUrlAreSentAndStayOnItsHost() throws Exception {
    try (var other = new ScriptedCc().answersJob("", "finished")) {
      cc.answersJob("http://j:k@" + cc.host() + "/jobs/1", "running")
          .does(request -> Response.empty(302).header("Location", "/jobs/2"))
          .does(
              request -> Response.empty(302).header("Location", "http://" + other.host() + "/far"));

      var answer = uploader.post(uploader.droplet("http://u:p@" + cc.host() + "/up"), "x");

      assertThat(answer.statusCode()).isEqualTo(201);
      assertThat(cc.calls().get(1).header("Authorization")).containsExactly("Basic ajpr");
      assertThat(cc.calls().get(2).uri()).hasToString("/jobs/2");
      assertThat(cc.calls().get(2).header("Authorization")).containsExactly("Basic ajpr");
      assertThat(other.calls().getFirst().header("Authorization")).isEmpty();
    }
  }

  @Test
  void aJobThatRedirectsForeverIsAFailure() throws Exception {
    cc.answersJob("/jobs/1", "queued");
    for (int i = 0; i < 20; i++) {
      cc.does(request -> Response.empty(302).header("Location", "/jobs/1"));
    }

    var answer = uploader.post(uploader.droplet("http://" + cc.host() + "/up"), "x");

    assertThat(answer.statusCode()).isEqualTo(500);
    assertThat(answer.body()).isEqualTo("stopped after 10 redirects");
  }

  @Test
  void aCallerThatGoesAwayWhileSendingEndsTheUpload() throws Exception {
    var ended = new CompletableFuture<Boolean>();
    try (var upstream = new ServerSocket(0)) {
      Thread.ofVirtual()
          .start(
              () -> {
                try (var socket = upstream.accept()) {
                  socket.getInputStream().transferTo(java.io.OutputStream.nullOutputStream());
                  ended.complete(true);
                } catch (java.io.IOException reset) {
                  ended.complete(true);
                }
              });
      var target = uploader.buildArtifacts("http://127.0.0.1:" + upstream.getLocalPort() + "/");
      try (var caller = uploader.connect()) {
        caller
            .getOutputStream()
            .write(
                ("POST "
                        + target.getRawPath()
                        + "?"
                        + target.getRawQuery()
                        + " HTTP/1.1\r\n"
                        + "Host: x\r\nContent-Length: 1000\r\n\r\nonly this")
                    .getBytes(StandardCharsets.US_ASCII));
      }

      await().atMost(Duration.ofSeconds(60)).until(ended::isDone);
    }
  }

  @Test
  void oneUploadTooManyIsRefusedAndTheNextOneTaken() throws Exception {
    var arrived = new CountDownLatch(1);
    var over = new CountDownLatch(1);
    cc.does(
            request -> {
              arrived.countDown();
              over.await();
              return Response.empty(200);
            })
        .answers(200, "");
    var single = new UploaderConfig(false, Duration.ofMillis(5), Duration.ofSeconds(30), 1);
    try (var narrow = new UploaderFixture(single, attempt -> {})) {
      var target = narrow.buildArtifacts("http://" + cc.host() + "/up");
      var first =
          CompletableFuture.supplyAsync(
              () -> {
                try {
                  return narrow.post(target, "x").statusCode();
                } catch (Exception e) {
                  throw new IllegalStateException(e);
                }
              });
      arrived.await();

      var refused = narrow.post(target, "x");
      over.countDown();

      assertThat(refused.statusCode()).isEqualTo(503);
      assertThat(refused.body()).isEqualTo("too many uploads: 1 are under way");
      assertThat(first.get()).isEqualTo(200);
      await()
          .atMost(Duration.ofSeconds(60))
          .until(() -> narrow.post(target, "x").statusCode() != 503);
    }
  }

  private static int freePort() throws Exception {
    try (var socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    }
  }
}
