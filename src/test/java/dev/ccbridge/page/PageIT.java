package dev.ccbridge.page;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ccbridge.api.StagingRequest;
import dev.ccbridge.kube.WatchedNamespaces;
import dev.ccbridge.kubernetes.Command;
import dev.ccbridge.web.HttpService;
import dev.ccbridge.web.Router;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.server.mock.EnableKubernetesMockClient;
import io.fabric8.kubernetes.client.server.mock.KubernetesMockServer;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The page as a browser shows it. */
@EnableKubernetesMockClient(crud = true)
@Timeout(120)
class PageIT {
  KubernetesMockServer server;
  KubernetesClient client;
  @TempDir Path profile;
  private HttpService page;

  @BeforeEach
  void serve() {
    var routes = new Router();
    new PageRoutes(client, WatchedNamespaces.ALL, true).addTo(routes);
    page = HttpService.start(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), routes);
  }

  @AfterEach
  void close() {
    page.close();
  }

  /** What a browser has made of it after a few seconds of the page's own time. */
  private String seen() {
    return Command.chromium()
        .run(
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--user-data-dir=" + profile,
            "--virtual-time-budget=3000",
            "--dump-dom",
            page.uri() + "/");
  }

  @Test
  void requestIsThereWithItsStepsAndNothingOfItIsTakenForMarkup() {
    client
        .resource(
            Serialization.unmarshal(
                """
                metadata: {name: web, namespace: apps, creationTimestamp: "2026-01-01T00:00:00Z"}
                status:
                  conditions:
                    - {type: Stalled, status: "True", reason: StagingError,
                       message: "<b id=canary>no</b>"}
                  steps:
                    - {name: run builder, state: Failed, message: "<script>x</script>"}
                """,
                StagingRequest.class))
        .create();

    var seen = seen();

    assertThat(seen)
        .contains("apps/web", "StagingError", "class=\"stalled\"")
        .contains("&lt;b id=canary&gt;no&lt;/b&gt;", "run builder: &lt;script&gt;x&lt;/script&gt;")
        .contains("none yet");
  }

  @Test
  void whatKeepsItFromReadingIsSaid() {
    server
        .expect()
        .get()
        .withPath("/apis/ccbridge.dev/v1alpha1/stagingrequests?limit=200")
        .andReturn(403, "")
        .always();

    assertThat(seen()).contains("the Kubernetes API answered 403");
  }
}
