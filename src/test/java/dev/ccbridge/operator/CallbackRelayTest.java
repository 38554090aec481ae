package dev.ccbridge.operator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ccbridge.web.HttpService;
import dev.ccbridge.web.Request;
import dev.ccbridge.web.Response;
import dev.ccbridge.web.Router;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class CallbackRelayTest {
  private final Started running = new Started();
  private final List<String> told = new CopyOnWriteArrayList<>();
  private CallbackRelay first;
  private CallbackRelay second;
  private HttpService leader;
  private HttpService other;

  @BeforeEach
  void start() {
    first = running.keep(new CallbackRelay());
    second = running.keep(new CallbackRelay());
    leader = serve("first", first);
    other = serve("second", second);
  }

  @AfterEach
  void stop() {
    running.close();
  }

  private HttpService serve(String name, CallbackRelay relay) {
    var routes = new LateRoutes(new Router(), relay);
    routes.add(
        router ->
            router.route("POST", "/v1/staging/:staging_guid/completed", r -> answer(name, r)));
    return running.keep(
        HttpService.start(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), routes));
  }

  private Response answer(String name, Request request) throws Exception {
    told.add(
        name
            + " "
            + request.param("staging_guid")
            + " "
            + request.query("token").orElse("")
            + " "
            + new String(request.body(1000), StandardCharsets.UTF_8));
    return Response.text(name.equals("first") ? 200 : 503, name);
  }

  private int post() throws Exception {
    try (var client = HttpClient.newHttpClient()) {
      return client
          .send(
              HttpRequest.newBuilder(
                      URI.create(other.uri() + "/v1/staging/a%20guid/completed?token=t%2B1"))
                  .POST(BodyPublishers.ofString("{}"))
                  .build(),
              BodyHandlers.ofString())
          .statusCode();
    }
  }

  @Test
  void whoDoesNotLeadGivesACallbackToWhoDoes() throws Exception {
    first.lead();
    second.follow(Optional.of(leader.uri()));
    assertThat(post()).isEqualTo(200);
    assertThat(told).containsExactly("first a guid t+1 {}");
  }

  @Test
  void whoLeadsOrKnowsNobodyAnswersItself() throws Exception {
    assertThat(post()).isEqualTo(503);
    second.follow(Optional.of(leader.uri()));
    second.lead();
    assertThat(post()).isEqualTo(503);
    assertThat(told).containsExactly("second a guid t+1 {}", "second a guid t+1 {}");
  }

  @Test
  void nothingGoesInCircles() throws Exception {
    second.follow(Optional.of(leader.uri()));
    first.follow(Optional.of(other.uri()));
    assertThat(post()).isEqualTo(200);
    assertThat(told).containsExactly("first a guid t+1 {}");
  }

  @Test
  void aLeaderThatIsGoneIsNoAnswer() throws Exception {
    second.follow(Optional.of(URI.create("http://127.0.0.1:1")));
    assertThat(post()).isEqualTo(503);
    assertThat(told).isEmpty();
  }
}
