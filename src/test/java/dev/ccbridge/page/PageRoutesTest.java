package dev.ccbridge.page;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ccbridge.api.StagingRequest;
import dev.ccbridge.kube.WatchedNamespaces;
import dev.ccbridge.web.Request;
import dev.ccbridge.web.Response;
import dev.ccbridge.web.Router;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.server.mock.EnableKubernetesMockClient;
import io.fabric8.kubernetes.client.server.mock.KubernetesMockServer;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@EnableKubernetesMockClient(crud = true)
@Timeout(60)
class PageRoutesTest {
  KubernetesMockServer server;
  KubernetesClient client;
  private final Router routes = new Router();
  private long now;

  @BeforeEach
  void serve() {
    new PageRoutes(client, WatchedNamespaces.of(List.of("a", "b")), true, () -> now).addTo(routes);
  }

  private Response get(String path) {
    return get(path, "localhost:8090");
  }

  private Response get(String path, String host) {
    var headers = Map.of("Host", List.of(host));
    return routes.handle(
        new Request("GET", URI.create(path), headers, InputStream.nullInputStream()));
  }

  private static String body(Response response) throws Exception {
    var out = new ByteArrayOutputStream();
    response.writer().writeTo(out);
    return out.toString(StandardCharsets.UTF_8);
  }

  private void make(String namespace, String name) {
    var request = new StagingRequest();
    request.setMetadata(new ObjectMetaBuilder().withNamespace(namespace).withName(name).build());
    client.resource(request).create();
  }

  @Test
  void showsTheWatchedNamespacesOnly() throws Exception {
    make("a", "one");
    make("b", "two");
    make("c", "three");

    assertThat(body(get("/shown"))).contains("one", "two").doesNotContain("three");
  }

  @Test
  void askingAgainAtOnceCostsTheApiServerNothing() throws Exception {
    get("/shown");
    make("a", "one");
    var before = server.getRequestCount();
    now += Duration.ofMillis(900).toNanos();
    assertThat(body(get("/shown"))).doesNotContain("one");
    assertThat(server.getRequestCount()).isEqualTo(before);

    now += Duration.ofMillis(200).toNanos();
    assertThat(body(get("/shown"))).contains("one");
  }

  @Test
  void anApiServerThatFailsIsSaidAndNotTakenForNothing() throws Exception {
    server
        .expect()
        .get()
        .withPath("/apis/ccbridge.dev/v1alpha1/namespaces/a/stagingrequests?limit=200")
        .andReturn(403, "")
        .always();

    var answer = get("/shown");

    assertThat(answer.status()).isEqualTo(503);
    assertThat(body(answer)).isEqualTo("{\"error\":\"the Kubernetes API answered 403\"}");
  }

  @Test
  void onLoopbackANameFromElsewhereIsRefused() {
    assertThat(get("/shown", "127.0.0.1:8090").status()).isEqualTo(200);
    assertThat(get("/shown", "[::1]:8090").status()).isEqualTo(200);
    assertThat(get("/", "rebound.example:8090").status()).isEqualTo(403);
    assertThat(get("/shown", "127.0.0.1.example").status()).isEqualTo(403);
  }

  @Test
  void pageLoadsNothingFromElsewhere() throws Exception {
    for (var path : List.of("/", "/page.css", "/page.js", "/shown")) {
      var answer = get(path);
      assertThat(answer.status()).as(path).isEqualTo(200);
      assertThat(answer.headers().get("Content-Security-Policy").getFirst())
          .as(path)
          .startsWith("default-src 'none'");
      assertThat(body(answer)).as(path).doesNotContain("http://", "https://", "innerHTML");
    }
  }
}
