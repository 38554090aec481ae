package dev.ccbridge.web;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ccbridge.CcBridgeException;
import dev.ccbridge.ErrorKind;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RouterTest {
  private final Router router =
      new Router()
          .route("GET", "/v1/tasks", r -> Response.text(200, "all"))
          .route(
              "POST",
              "/v1/tasks",
              r -> Response.text(201, new String(r.body(5), StandardCharsets.UTF_8)))
          .route("GET", "/v1/tasks/:guid", r -> Response.text(200, "one " + r.param("guid")))
          .route("GET", "/files/*path", r -> Response.text(200, "file " + r.param("path")))
          .route(
              "GET",
              "/fails",
              r -> {
                throw new CcBridgeException(ErrorKind.CONFLICT, "taken");
              });

  @ParameterizedTest
  @CsvSource({
    "GET, /v1/tasks, 200, all",
    "GET, /v1/tasks/a%2Fb+c, 200, one a/b+c",
    "GET, /v1/tasks/%zz, 200, one %zz",
    "GET, /files/a/b%20c, 200, file a/b c",
    "GET, /fails, 409, '{\"name\":\"CONFLICT\",\"message\":\"taken\"}'",
  })
  void takesTheRouteOfMethodAndPath(String method, String path, int status, String body)
      throws Exception {
    var response = router.handle(request(method, path, ""));
    assertThat(response.status()).isEqualTo(status);
    assertThat(bodyOf(response)).isEqualTo(body);
  }

  @ParameterizedTest
  @CsvSource({"GET, /", "GET, /v1/tasks/", "GET, /v1", "POST, /v2/tasks"})
  void answersAnUnknownPathAsTheOriginalsDid(String method, String path) throws Exception {
    var response = router.handle(request(method, path, ""));
    assertThat(response.status()).isEqualTo(404);
    assertThat(bodyOf(response)).isEqualTo("404 page not found\n");
  }

  @Test
  void namesTheMethodsOfAPathThatHasOthers() {
    var response = router.handle(request("DELETE", "/v1/tasks", ""));
    assertThat(response.status()).isEqualTo(405);
    assertThat(response.headers().get("Allow")).containsExactly("GET, HEAD, POST");
  }

  @Test
  void refusesABodyOverTheLimitOfItsRoute() {
    assertThat(router.handle(request("POST", "/v1/tasks", "12345")).status()).isEqualTo(201);
    assertThat(router.handle(request("POST", "/v1/tasks", "123456")).status()).isEqualTo(413);
  }

  @Test
  void servesOverHttpAndAnswersHeadWithoutABody() throws Exception {
    try (var service =
            HttpService.start(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), router);
        var client = HttpClient.newHttpClient()) {
      var tasks = URI.create(service.uri() + "/v1/tasks?a=1");
      var get = client.send(HttpRequest.newBuilder(tasks).build(), BodyHandlers.ofString());
      assertThat(get.body()).isEqualTo("all");
      var head = client.send(HttpRequest.newBuilder(tasks).HEAD().build(), BodyHandlers.ofString());
      assertThat(head.statusCode()).isEqualTo(200);
      assertThat(head.body()).isEmpty();
      assertThat(head.headers().firstValue("Content-Length")).hasValue("3");
    }
  }

  private static Request request(String method, String path, String body) {
    return new Request(
        method,
        URI.create(path.replace("%zz", "%25zz")),
        Map.of("X", List.of("y")),
        new ByteArrayInputStream(body.getBytes(StandardCharsets.UTF_8)));
  }

  private static String bodyOf(Response response) throws Exception {
    var out = new ByteArrayOutputStream();
    response.writer().writeTo(out);
    return out.toString(StandardCharsets.UTF_8);
  }
}
