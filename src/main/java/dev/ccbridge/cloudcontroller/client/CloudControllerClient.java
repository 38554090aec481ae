package dev.ccbridge.cloudcontroller.client;

import com.fasterxml.jackson.core.JsonProcessingException;
import dev.ccbridge.cloudcontroller.model.AppCrashedRequest;
import dev.ccbridge.cloudcontroller.model.CloudControllerJson;
import dev.ccbridge.cloudcontroller.model.StagingResponseForCC;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Map;

/** Tells the Cloud Controller. Thread-safe. */
public final class CloudControllerClient implements AutoCloseable {
  private final CloudControllerConfig config;
  private final HttpClient http;

  public CloudControllerClient(CloudControllerConfig config) {
    this.config = config;
    this.http = config.httpClient().connectTimeout(config.timeout()).build();
  }

  /**
   * Tells {@code callback} of a staging's outcome, once.
   *
   * <p>Any answer of the 200s acknowledges it. Differs from Diego, where only 200 counts and every
   * other answer but 503 and 504 ends the matter all the same. Source: stager
   * cc_client/cc_client.go.
   *
   * @param headers more of the request, such as that of a trace
   * @throws CloudControllerException INVALID_REQUEST when CC refuses for good; UNAVAILABLE when
   *     another try may help
   */
  public void stagingComplete(
      URI callback, StagingResponseForCC response, Map<String, String> headers) {
    tell(request(callback, body(response), isOurs(callback), headers));
  }

  /**
   * Tells CC that an instance crashed, once: {@code POST <base URL>/internal/apps/<process
   * guid>/crashed}.
   *
   * <p>Any answer of the 200s counts as told. Differs from Diego, where only 200 does and every
   * other answer is logged all the same. Source: tps cc_client/cc_client.go.
   *
   * @throws CloudControllerException INVALID_REQUEST when CC refuses for good; UNAVAILABLE when
   *     another try may help
   */
  public void appCrashed(String processGuid, AppCrashedRequest crash) {
    var base =
        config
            .baseUrl()
            .orElseThrow(
                () -> CloudControllerException.unusable("no Cloud Controller is configured"));
    tell(request(crashed(base, processGuid), body(crash), true, Map.of()));
  }

  private static URI crashed(URI base, String processGuid) {
    try {
      return URI.create(base + "/internal/apps/" + processGuid + "/crashed");
    } catch (IllegalArgumentException noPath) {
      throw CloudControllerException.unusable(
          "the process guid cannot stand in a path: " + processGuid);
    }
  }

  private void tell(HttpRequest request) {
    try {
      var status = http.send(request, BodyHandlers.discarding()).statusCode();
      if (status < 200 || status > 299) {
        throw CloudControllerException.answered(status);
      }
    } catch (HttpTimeoutException slow) {
      throw CloudControllerException.unreachable(
          "no answer within " + config.timeout().toSeconds() + " s", slow);
    } catch (ConnectException refused) {
      throw CloudControllerException.unreachable("the connection was refused", refused);
    } catch (IOException broken) {
      throw CloudControllerException.unreachable("the connection broke", broken);
    } catch (InterruptedException stopping) {
      Thread.currentThread().interrupt();
      throw CloudControllerException.unreachable("we are stopping", stopping);
    }
  }

  @Override
  public void close() {
    http.shutdownNow();
  }

  private HttpRequest request(
      URI url, String body, boolean withCredentials, Map<String, String> headers) {
    try {
      var request =
          HttpRequest.newBuilder(withoutUserInfo(url))
              .timeout(config.timeout())
              .header("content-type", "application/json")
              .POST(BodyPublishers.ofString(body, StandardCharsets.UTF_8));
      headers.forEach(request::header);
      if (withCredentials) {
        request.header("authorization", "Basic " + credentials());
      }
      return request.build();
    } catch (IllegalArgumentException unusable) {
      throw CloudControllerException.unusable("it is no http or https URL");
    }
  }

  /**
   * The callback's URL comes from a resource; the credentials go only to the CC that they are for.
   */
  private boolean isOurs(URI callback) {
    return config
        .baseUrl()
        .filter(base -> base.getScheme().equalsIgnoreCase(callback.getScheme()))
        .filter(
            base -> base.getHost() != null && base.getHost().equalsIgnoreCase(callback.getHost()))
        .filter(base -> port(base) == port(callback))
        .isPresent();
  }

  private static int port(URI uri) {
    if (uri.getPort() >= 0) {
      return uri.getPort();
    }
    return "https".equalsIgnoreCase(uri.getScheme()) ? 443 : 80;
  }

  private String credentials() {
    var text = config.username() + ":" + config.password();
    return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
  }

  private static URI withoutUserInfo(URI uri) {
    var raw = uri.toString();
    var userInfo = uri.getRawUserInfo();
    return userInfo == null ? uri : URI.create(raw.replaceFirst("//[^/@]*@", "//"));
  }

  private static String body(Object message) {
    try {
      return CloudControllerJson.mapper().writeValueAsString(message);
    } catch (JsonProcessingException ourOwnRecord) {
      throw new IllegalStateException(ourOwnRecord);
    }
  }
}
