package dev.ccbridge.page;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.ccbridge.api.DesiredLRP;
import dev.ccbridge.api.StagingRequest;
import dev.ccbridge.kube.WatchedNamespaces;
import dev.ccbridge.web.Request;
import dev.ccbridge.web.Response;
import dev.ccbridge.web.Router;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ListOptions;
import io.fabric8.kubernetes.api.model.ListOptionsBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** Serves the page and what it shows. Thread-safe. */
public final class PageRoutes {
  /** Of each kind; more than a person reads, and no burden for the API server. */
  private static final long MOST = 200;

  /** However many look, the API server is asked so often at the most. */
  private static final long FRESH_NANOS = Duration.ofSeconds(1).toNanos();

  /** Nothing from elsewhere, and no script that stands in a resource. */
  private static final String POLICY =
      "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:;"
          + " frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

  private final KubernetesClient kubernetes;
  private final WatchedNamespaces namespaces;
  private final LongSupplier nanoTime;
  private final ObjectMapper mapper = new ObjectMapper();

  /** What was asked for last, and when. Guarded by this. */
  private byte @Nullable [] last;

  private long lastAt;

  /**
   * @param kubernetes stays open
   */
  public PageRoutes(KubernetesClient kubernetes, WatchedNamespaces namespaces) {
    this(kubernetes, namespaces, System::nanoTime);
  }

  PageRoutes(KubernetesClient kubernetes, WatchedNamespaces namespaces, LongSupplier nanoTime) {
    this.kubernetes = kubernetes;
    this.namespaces = namespaces;
    this.nanoTime = nanoTime;
  }

  /** The page at {@code /}, and what it shows at {@code /shown}. */
  public void addTo(Router routes) {
    routes.route("GET", "/", request -> file("page.html", "text/html; charset=utf-8"));
    routes.route("GET", "/page.css", request -> file("page.css", "text/css; charset=utf-8"));
    routes.route("GET", "/page.js", request -> file("page.js", "text/javascript; charset=utf-8"));
    routes.route("GET", "/shown", this::shown);
  }

  private static Response file(String name, String contentType) throws IOException {
    try (InputStream content = PageRoutes.class.getResourceAsStream(name)) {
      return withPolicy(
          Response.bytes(200, contentType, Objects.requireNonNull(content, name).readAllBytes()));
    }
  }

  private static Response withPolicy(Response response) {
    return response
        .header("Content-Security-Policy", POLICY)
        .header("X-Content-Type-Options", "nosniff")
        .header("Cache-Control", "no-cache");
  }

  private Response shown(Request request) throws IOException {
    try {
      return withPolicy(Response.json(200, shown()));
    } catch (KubernetesClientException failure) {
      var why = failure.getCode() == 0 ? "does not answer" : "answered " + failure.getCode();
      var error = Map.of("error", "the Kubernetes API " + why);
      return withPolicy(Response.json(503, mapper.writeValueAsBytes(error)));
    }
  }

  private synchronized byte[] shown() throws IOException {
    var known = last;
    if (known != null && nanoTime.getAsLong() - lastAt < FRESH_NANOS) {
      return known;
    }
    var requests = new Part<StagingRequest>();
    var lrps = new Part<DesiredLRP>();
    requests.read(StagingRequest.class);
    lrps.read(DesiredLRP.class);
    var fresh =
        mapper.writeValueAsBytes(Shown.of(requests.found, lrps.found, requests.more + lrps.more));
    last = fresh;
    lastAt = nanoTime.getAsLong();
    return fresh;
  }

  /** What is shown of a kind. */
  private final class Part<T extends HasMetadata> {
    private final List<T> found = new ArrayList<>();
    private long more;

    void read(Class<T> kind) {
      if (namespaces.names().isEmpty()) {
        add(kind, null);
      }
      namespaces.names().stream().sorted().forEach(name -> add(kind, name));
    }

    /**
     * @param namespace null: all
     */
    private void add(Class<T> kind, @Nullable String namespace) {
      var all = kubernetes.resources(kind);
      var list =
          namespace == null
              ? all.inAnyNamespace().list(options())
              : all.inNamespace(namespace).list(options());
      found.addAll(list.getItems());
      more += Objects.requireNonNullElse(list.getMetadata().getRemainingItemCount(), 0L);
    }

    private ListOptions options() {
      return new ListOptionsBuilder().withLimit(Math.max(1, MOST - found.size())).build();
    }
  }
}
