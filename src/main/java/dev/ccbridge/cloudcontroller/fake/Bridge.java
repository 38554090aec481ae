package dev.ccbridge.cloudcontroller.fake;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import dev.ccbridge.cloudcontroller.fake.App.Snapshot;
import dev.ccbridge.cloudcontroller.model.CloudControllerJson;
import dev.ccbridge.cloudcontroller.model.DesireAppRequestFromCC;
import dev.ccbridge.cloudcontroller.model.StagingRequestFromCC;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpClient.Version;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpTimeoutException;
import java.time.Duration;
import java.util.Optional;

/**
 * What CC asks of stager, nsync and tps: 10 s for a connection and for an answer, up to three tries
 * when the connection is refused. Thread-safe. Source: cloud_controller_ng stager_client.rb,
 * nsync_client.rb, tps_client.rb @3c047cc.
 */
final class Bridge implements AutoCloseable {
  private static final Duration TIMEOUT = Duration.ofSeconds(10);
  private static final int TRIES = 3;
  private static final int MAX_ANSWER_BYTES = 4 << 20;

  private final FakeCloudControllerConfig config;
  private final HttpClient http =
      HttpClient.newBuilder().version(Version.HTTP_1_1).connectTimeout(TIMEOUT).build();

  Bridge(FakeCloudControllerConfig config) {
    this.config = config;
  }

  /**
   * @throws CcError 503 unless the stager answers 202; with its {@code error.message} if it has one
   */
  void stage(Snapshot app, StagingRequestFromCC message) {
    var uri = config.stagerUrl() + "/v1/staging/" + app.stagingGuid();
    var answer = send("stager", put(uri, message));
    if (answer.statusCode() != 202) {
      throw CcError.bridge("stager", reason(answer));
    }
  }

  private static String reason(HttpResponse<String> answer) {
    try {
      var message = CloudControllerJson.mapper().readTree(answer.body()).at("/error/message");
      if (message.isTextual()) {
        return message.textValue();
      }
    } catch (JsonProcessingException notJson) {
      return "staging failed: " + answer.statusCode();
    }
    return "staging failed: " + answer.statusCode();
  }

  void stopStaging(Snapshot app) {
    var uri = config.stagerUrl() + "/v1/staging/" + app.stagingGuid();
    requireGone("stager", send("stager", request(uri).DELETE()));
  }

  void desire(Snapshot app, DesireAppRequestFromCC message) {
    var uri = config.nsyncUrl() + "/v1/apps/" + app.processGuid();
    var answer = send("nsync", put(uri, message));
    if (answer.statusCode() != 202) {
      throw CcError.bridge("nsync", "desire app failed: " + answer.statusCode());
    }
  }

  void stop(String processGuid) {
    var uri = config.nsyncUrl() + "/v1/apps/" + processGuid;
    requireGone("nsync", send("nsync", request(uri).DELETE()));
  }

  void stopIndex(String processGuid, int index) {
    var uri = config.nsyncUrl() + "/v1/apps/" + processGuid + "/index/" + index;
    requireGone("nsync", send("nsync", request(uri).DELETE()));
  }

  /** The array of instances that tps tells of. */
  JsonNode instances(String processGuid) {
    return array(send("tps", request(config.tpsUrl() + "/v1/actual_lrps/" + processGuid).GET()));
  }

  /** The same with statistics; the caller's token goes to whoever has the container metrics. */
  JsonNode stats(String processGuid, Optional<String> authorization) {
    var uri = config.tpsUrl() + "/v1/actual_lrps/" + processGuid + "/stats";
    return array(
        send("tps", request(uri).header("Authorization", authorization.orElse("bearer none"))));
  }

  private static JsonNode array(HttpResponse<String> answer) {
    try {
      var instances = CloudControllerJson.mapper().readTree(answer.body());
      if (answer.statusCode() == 200 && instances.isArray()) {
        return instances;
      }
    } catch (JsonProcessingException notJson) {
      throw CcError.bridge("tps", "the answer is no JSON");
    }
    throw CcError.bridge("tps", "response code: " + answer.statusCode());
  }

  private static void requireGone(String part, HttpResponse<String> answer) {
    if (answer.statusCode() != 202 && answer.statusCode() != 404) {
      throw CcError.bridge(part, "stop failed: " + answer.statusCode());
    }
  }

  private static HttpRequest.Builder request(String uri) {
    return HttpRequest.newBuilder(URI.create(uri)).timeout(TIMEOUT);
  }

  private static HttpRequest.Builder put(String uri, Object message) {
    try {
      return request(uri)
          .header("Content-Type", "application/json")
          .PUT(BodyPublishers.ofString(CloudControllerJson.mapper().writeValueAsString(message)));
    } catch (JsonProcessingException ourOwnRecord) {
      throw new IllegalStateException(ourOwnRecord);
    }
  }

  private HttpResponse<String> send(String part, HttpRequest.Builder request) {
    for (int tried = 1; ; tried++) {
      try {
        return http.send(
            request.build(), BodyHandlers.limiting(BodyHandlers.ofString(), MAX_ANSWER_BYTES));
      } catch (ConnectException refused) {
        if (tried == TRIES) {
          throw CcError.bridge(part, "the connection was refused");
        }
      } catch (IOException broken) {
        throw CcError.bridge(
            part,
            "no answer, "
                + (broken instanceof HttpTimeoutException ? "too late" : "the connection broke"));
      } catch (InterruptedException stopping) {
        Thread.currentThread().interrupt();
        throw CcError.bridge(part, "we are stopping");
      }
    }
  }

  @Override
  public void close() {
    http.shutdownNow();
  }
}
