package dev.ccbridge.stager;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.ccbridge.kube.WatchedNamespaces;
import dev.ccbridge.receptor.model.ReceptorJson;
import dev.ccbridge.tracing.Traces;
import dev.ccbridge.web.Request;
import dev.ccbridge.web.Router;
import io.javaoperatorsdk.operator.processing.event.source.inbound.SimpleInboundEventSource;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class CompletionHandlerTest {
  private final CallbackTokens tokens = new CallbackTokens("http://stager", new byte[32]);
  private final CompletionHandler handler =
      new CompletionHandler(
          tokens,
          new StagingState(
              new StagingRequests(null, WatchedNamespaces.ALL),
              new Completions(),
              new KnownTasks(),
              new SimpleInboundEventSource<>("test")),
          new StagingTraces(Traces.NONE, Clock.systemUTC()),
          Duration.ofSeconds(1));
  private final Router router =
      new Router().route("POST", "/v1/staging/:staging_guid/completed", handler);

  record Case(String name, JsonNode input, int status) {
    @Override
    public String toString() {
      return name;
    }
  }

  /** What the original refused before it looked at the result. */
  static Stream<Case> refusals() throws IOException {
    try (var in = CompletionHandlerTest.class.getResourceAsStream("/vectors/completion.json")) {
      return ReceptorJson.mapper()
          .readTree(in)
          .valueStream()
          .filter(
              c ->
                  c.get("kind")
                      .textValue()
                      .matches("annotation-.*|guid-mismatch|body-not.*|body-wrong.*|wrong-method"))
          .map(
              c ->
                  new Case(
                      c.get("name").textValue(),
                      c.get("input"),
                      c.get("expected").get("http_status").intValue()))
          .toList()
          .stream();
    }
  }

  @ParameterizedTest
  @MethodSource("refusals")
  void whatTheOriginalRefusedIsRefused(Case vector) {
    handler.open();
    var input = vector.input();
    var body =
        input.has("body") ? input.get("body").toString() : input.get("body_text").textValue();
    var path = input.get("path").textValue();
    assertThat(post(input.get("method").textValue(), path, token(path), body))
        .isEqualTo(vector.status());
  }

  @Test
  void thereAreRefusals() throws IOException {
    assertThat(refusals()).hasSizeGreaterThan(7);
  }

  @Test
  void beforeTheCachesAreFilledTheReceptorIsToTellAgain() {
    var path = "/v1/staging/g/completed";
    assertThat(post("POST", path, token(path), "{}")).isEqualTo(503);
    assertThat(post("POST", path, "wrong", "{}")).isEqualTo(403);
  }

  @Test
  void anUnexpectedErrorDoesNotMakeTheReceptorForgetTheTask() {
    handler.open();
    var path = "/v1/staging/g/completed";
    var body = "{\"task_guid\":\"g\",\"annotation\":\"{\\\"lifecycle\\\":\\\"buildpack\\\"}\"}";
    // There is no client to ask the API server with.
    assertThat(post("POST", path, token(path), body)).isEqualTo(503);
  }

  private String token(String path) {
    var url = tokens.url(path.split("/")[3], "uid-1");
    return url.substring(url.indexOf('=') + 1);
  }

  private int post(String method, String path, String token, String body) {
    return router
        .handle(
            new Request(
                method,
                URI.create(path + "?token=" + token),
                Map.of(),
                new ByteArrayInputStream(body.getBytes(StandardCharsets.UTF_8))))
        .status();
  }
}
