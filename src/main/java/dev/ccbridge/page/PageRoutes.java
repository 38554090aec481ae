package dev.ccbridge.page;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.ccbridge.api.DesiredLRP;
import dev.ccbridge.api.StagingRequest;
import dev.ccbridge.kube.WatchedNamespaces;
import dev.ccbridge.web.Handler;
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
import java.util.Set;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** Serves the page and what it shows. Thread-safe. */
public final class PageRoutes {
  /** Of each kind; more than a person reads, and no burden for the API server. */
  private static final long MOST = 200;

  /** However many look, the API server is asked so often at the most. */
  private static final long FRESH_NANOS = Duration.ofSeconds(1).toNanos();

  private static final Set<String> LOOPBACK = Set.of("localhost", "127.0.0.1", "[::1]");

  /** Nothing from elsewhere, and no script that stands in a resource. */
  private static final String POLICY =
      "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:;"
          + " frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

  private final KubernetesClient kubernetes;
  private final WatchedNamespaces namespaces;
  private final boolean isLocal;
  private final LongSupplier nanoTime;
  private final ObjectMapper mapper = new ObjectMapper();

  /** What was asked for last, and when. Guarded by this. */
  private byte @Nullable [] last;

  private long lastAt;

  /**
   * @param kubernetes stays open
   * @param isLocal whether it is served on loopback. Then it is for who asks by a name of loopback
   *     only: any other name is one by which a page from elsewhere has itself led here
   */
  public PageRoutes(KubernetesClient kubernetes, WatchedNamespaces namespaces, boolean isLocal) {
    this(kubernetes, namespaces, isLocal, System::nanoTime);
  }

  PageRoutes(
      KubernetesClient kubernetes,
      WatchedNamespaces namespaces,
      boolean isLocal,
      LongSupplier nanoTime) {
    this.kubernetes = kubernetes;
    this.namespaces = namespaces;
    this.isLocal = isLocal;
    this.nanoTime = nanoTime;
  }

  /** The page at {@code /}, and what it shows at {@code /shown}. */
  public void addTo(Router routes) {
    routes.route("GET", "/", guarded(request -> file("page.html", "text/html; charset=utf-8")));
    routes.route("GET", "/page.css", guarded(request -> file("page.css", "text/css")));
    routes.route("GET", "/page.js", guarded(request -> file("page.js", "text/javascript")));
    routes.route("GET", "/shown", guarded(this::shown));
  }

  private Handler guarded(Handler handler) {
    return request -> {
      var name = request.header("Host").orElse("").replaceFirst(":[0-9]*$", "");
      return isLocal && !LOOPBACK.contains(name)
          ? Response.text(403, "by localhost only, not by the name " + name + "\n")
          : handler.handle(request);
    };
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
