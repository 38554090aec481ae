package dev.ccbridge.receptor.history;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import dev.ccbridge.receptor.history.Lives.Life;
import dev.ccbridge.receptor.model.ReceptorJson;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** One call of the API, with its times. Nothing is tried a second time. */
final class Wire {
  private static final Duration LIMIT = Duration.ofSeconds(60);

  /**
   * @param status 0: the process died before it answered
   * @param body missing when there was none
   */
  record Answer(int status, JsonNode body, long invoked, long answered) {
    boolean isKnown() {
      return status != 0;
    }
  }

  private final HttpClient http;

  Wire(HttpClient http) {
    this.http = http;
  }

  /** Empty when the request cannot have arrived anywhere. */
  Optional<Answer> call(Life life, String method, String path, String body) throws Exception {
    var request =
        HttpRequest.newBuilder(URI.create(life.url() + path))
            .timeout(LIMIT)
            .header("Content-Type", "application/json")
            .method(
                method, body.isEmpty() ? BodyPublishers.noBody() : BodyPublishers.ofString(body))
            .build();
    var invoked = System.nanoTime();
    try {
      var response = http.send(request, BodyHandlers.ofByteArray());
      var content = response.body();
      return Optional.of(
          new Answer(
              response.statusCode(),
              content.length == 0
                  ? MissingNode.getInstance()
                  : ReceptorJson.mapper().readTree(content),
              invoked,
              System.nanoTime()));
    } catch (IOException cut) {
      if (cut instanceof ConnectException && life.diedAt().getNow(Long.MAX_VALUE) < invoked) {
        return Optional.empty();
      }
      // Only its death excuses it.
      var died = life.diedAt().get(LIMIT.toSeconds(), TimeUnit.SECONDS);
      return Optional.of(new Answer(0, MissingNode.getInstance(), invoked, died));
    }
  }
}
