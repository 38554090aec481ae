package dev.ccbridge.receptor.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ccbridge.receptor.Receptor;
import dev.ccbridge.receptor.model.ReceptorErrorName;
import dev.ccbridge.receptor.model.ReceptorException;
import dev.ccbridge.web.HttpService;
import java.lang.reflect.Proxy;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * What the suites of the original's handlers assert of a store that refuses or fails, byte for
 * byte; each row begins with the line's name. What they assert of one that works is in {@link
 * ConformanceTest} and {@link ReceptorServerTest}. Source: receptor/handlers/*_test.go.
 *
 * <p>H9's second attempt after a conflict is the store's: {@code ReceptorContract}.
 */
class HandlerConformanceTest {
  private static final String TASK = ReceptorUnderTest.TASK.formatted("t");
  private static final String LRP = ReceptorUnderTest.LRP.formatted("web");

  private static Receptor failing(ReceptorErrorName name) {
    return (Receptor)
        Proxy.newProxyInstance(
            Receptor.class.getClassLoader(),
            new Class<?>[] {Receptor.class},
            (proxy, method, arguments) -> {
              throw new ReceptorException(name, "ka-boom");
            });
  }

  private static String send(HttpService service, String method, String path, String body)
      throws Exception {
    try (var http = HttpClient.newHttpClient()) {
      var answer =
          http.send(
              HttpRequest.newBuilder(URI.create(service.uri() + path))
                  .method(method, BodyPublishers.ofString(body))
                  .build(),
              BodyHandlers.ofString());
      assertThat(answer.headers().firstValue("Content-Type").orElse(""))
          .isEqualTo("application/json");
      return answer.statusCode() + " " + answer.body();
    }
  }

  @ParameterizedTest(name = "{0}: {1} {2}, {3}: {4}")
  @CsvSource({
    "H1 H2, POST,   /v1/tasks,                    UnknownError,            500",
    "H2,    POST,   /v1/tasks,                    InvalidTask,             400",
    "H2,    POST,   /v1/tasks,                    TaskGuidAlreadyExists,   409",
    "H3,    GET,    /v1/tasks,                    UnknownError,            500",
    "H3,    GET,    /v1/tasks?domain=d,           UnknownError,            500",
    "H4,    GET,    /v1/tasks/t,                  TaskNotFound,            404",
    "H4,    GET,    /v1/tasks/t,                  UnknownError,            500",
    "H5,    DELETE, /v1/tasks/t,                  TaskNotFound,            404",
    "H5,    DELETE, /v1/tasks/t,                  TaskNotDeletable,        409",
    "H5,    DELETE, /v1/tasks/t,                  UnknownError,            500",
    "H6,    POST,   /v1/tasks/t/cancel,           TaskNotFound,            404",
    "H6,    POST,   /v1/tasks/t/cancel,           UnknownError,            500",
    "H7,    POST,   /v1/desired_lrps,             UnknownError,            500",
    "H7,    POST,   /v1/desired_lrps,             InvalidLRP,              400",
    "H7,    POST,   /v1/desired_lrps,             DesiredLRPAlreadyExists, 409",
    "H8,    GET,    /v1/desired_lrps/web,         DesiredLRPNotFound,      404",
    "H8,    GET,    /v1/desired_lrps/web,         UnknownError,            500",
    "H9,    PUT,    /v1/desired_lrps/web,         ResourceConflict,        500",
    "H9,    PUT,    /v1/desired_lrps/web,         DesiredLRPNotFound,      404",
    "H9,    PUT,    /v1/desired_lrps/web,         UnknownError,            500",
    "H10,   DELETE, /v1/desired_lrps/web,         UnknownError,            500",
    "H10,   DELETE, /v1/desired_lrps/web,         DesiredLRPNotFound,      404",
    "H11,   GET,    /v1/desired_lrps,             UnknownError,            500",
    "H12,   GET,    /v1/actual_lrps,              UnknownError,            500",
    "H12,   GET,    /v1/actual_lrps/web,          UnknownError,            500",
    "H12,   GET,    /v1/actual_lrps/web/index/0,  UnknownError,            500",
    "H13,   DELETE, /v1/actual_lrps/web/index/0,  ActualLRPIndexNotFound,  404",
    "H13,   DELETE, /v1/actual_lrps/web/index/0,  UnknownError,            500",
    "H14,   GET,    /v1/cells,                    UnknownError,            500",
    "H15,   PUT,    /v1/domains/d,                UnknownError,            500",
    "H15,   PUT,    /v1/domains/d,                InvalidDomain,           400",
    "H15,   GET,    /v1/domains,                  UnknownError,            500",
    "H19,   GET,    /v1/events,                   UnknownError,            500",
  })
  void tellsWhatTheStoreSays(
      String line, String method, String path, ReceptorErrorName name, int status)
      throws Exception {
    try (var service = ReceptorUnderTest.serve(ReceptorServerConfig.defaults(), failing(name))) {
      var body = method.equals("POST") ? (path.startsWith("/v1/tasks") ? TASK : LRP) : "null";
      assertThat(send(service, method, path, body))
          .isEqualTo(status + " {\"name\":\"" + name + "\",\"message\":\"ka-boom\"}");
    }
  }

  /** The store is not asked: it would fail. */
  @ParameterizedTest(name = "{0}: {1} {2}")
  @CsvSource(
      delimiter = '|',
      value = {
        "H2  | POST   | /v1/tasks            | InvalidJSON",
        "H7  | POST   | /v1/desired_lrps     | InvalidJSON",
        "H9  | PUT    | /v1/desired_lrps/web | InvalidJSON",
        "H12 | GET    | /v1/actual_lrps/web/index/x | InvalidRequest\",\"message\":\"index not a number",
        "H13 | DELETE | /v1/actual_lrps/web/index/x | InvalidRequest\",\"message\":\"index not a number",
      })
  void refusesBeforeTheStoreIsAsked(String line, String method, String path, String name)
      throws Exception {
    try (var service =
        ReceptorUnderTest.serve(
            ReceptorServerConfig.defaults(), failing(ReceptorErrorName.UnknownError))) {
      assertThat(send(service, method, path, "hello")).startsWith("400 {\"name\":\"" + name);
    }
  }

  @Test
  void aRouterInBetweenIsSeen() throws Exception {
    try (var service =
        HttpService.start(
            new java.net.InetSocketAddress(java.net.InetAddress.getLoopbackAddress(), 0),
            request ->
                dev.ccbridge.web.Response.text(404, "")
                    .header("X-Cf-Routererror", "unknown_route"))) {
      org.assertj.core.api.Assertions.assertThatExceptionOfType(OriginalClient.ReceptorError.class)
          .isThrownBy(() -> new OriginalClient(service.uri(), "").tasks())
          .withMessage("unknown_route");
    }
  }
}
