package dev.ccbridge.receptor.backend.pod.route;

import dev.ccbridge.receptor.LRPFeed;
import dev.ccbridge.receptor.Receptor;
import dev.ccbridge.receptor.model.DesiredLRPResponse;
import dev.ccbridge.receptor.model.ReceptorEvent;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.net.HttpURLConnection;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the Services and HTTPRoutes that the Receptor's LRPs ask for, and removes those that none
 * asks for any more, also those of an earlier life. Writes only what has changed, and only what it
 * has made itself: an object of that name that somebody else has made stays as it is.
 */
public final class RouteEmitter implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(RouteEmitter.class);
  private static final PatchContext APPLY =
      new PatchContext.Builder()
          .withPatchType(PatchType.SERVER_SIDE_APPLY)
          .withFieldManager("cc-bridge-routes")
          .withForce(true)
          .build();
  private static final Duration FIRST_PAUSE = Duration.ofSeconds(1);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(30);
  private static final Duration STOP_PATIENCE = Duration.ofSeconds(5);

  private final KubernetesClient kubernetes;
  private final RouteConfig config;
  private final RouteManifests manifests;
  private final LRPFeed feed;
  private final Thread writer = Thread.ofVirtual().name("routes").unstarted(this::write);

  // All guarded by this.
  private final Map<String, AppRoute> wanted = new TreeMap<>();
  private final Set<Work> work = new LinkedHashSet<>();
  private final Set<String> toldWhileListing = new HashSet<>();
  private boolean isClosed;

  /** Known to the thread that lists. */
  private boolean hasLooked;

  /** What may have to be written. */
  private sealed interface Work {
    record OfService(String processGuid) implements Work {}

    record OfHost(String host) implements Work {}
  }

  /**
   * @param kubernetes stays open when this closes
   * @param receptor stays open when this closes
   */
  public RouteEmitter(KubernetesClient kubernetes, RouteConfig config, Receptor receptor) {
    this.kubernetes = kubernetes;
    this.config = config;
    this.manifests = new RouteManifests(config);
    this.feed =
        new LRPFeed(receptor, new Sink(), config.compareInterval(), config.reconnectPause());
  }

  public void start() {
    writer.start();
    feed.start();
  }

  @Override
  public void close() {
    feed.close();
    synchronized (this) {
      isClosed = true;
      notifyAll();
    }
    writer.interrupt();
    try {
      writer.join(STOP_PATIENCE);
    } catch (InterruptedException stopping) {
      Thread.currentThread().interrupt();
    }
  }

  private final class Sink implements LRPFeed.Sink {
    @Override
    public void accept(ReceptorEvent event) {
      switch (event) {
        case ReceptorEvent.DesiredLRPCreated(var lrp) -> told(lrp, AppRoute.of(lrp));
        case ReceptorEvent.DesiredLRPChanged(var before, var after) ->
            told(after, AppRoute.of(after));
        case ReceptorEvent.DesiredLRPRemoved(var lrp) -> told(lrp, Optional.empty());
        case ReceptorEvent.ActualLRPCreated created -> {}
        case ReceptorEvent.ActualLRPChanged changed -> {}
        case ReceptorEvent.ActualLRPRemoved removed -> {}
      }
    }

    private void told(DesiredLRPResponse lrp, Optional<AppRoute> route) {
      synchronized (RouteEmitter.this) {
        toldWhileListing.add(lrp.processGuid());
        want(lrp.processGuid(), route.orElse(null));
      }
    }

    @Override
    public void list(Receptor receptor) {
      synchronized (RouteEmitter.this) {
        toldWhileListing.clear();
      }
      var listed = new HashMap<String, AppRoute>();
      for (var lrp : receptor.desiredLRPs("")) {
        AppRoute.of(lrp).ifPresent(route -> listed.put(lrp.processGuid(), route));
      }
      synchronized (RouteEmitter.this) {
        var all = new HashSet<>(listed.keySet());
        all.addAll(wanted.keySet());
        all.removeAll(toldWhileListing);
        all.forEach(guid -> want(guid, listed.get(guid)));
      }
    }

    @Override
    public void afterList() {
      if (!hasLooked) {
        look();
        hasLooked = true;
      }
    }
  }

  private synchronized void want(String processGuid, @Nullable AppRoute route) {
    var before = route == null ? wanted.remove(processGuid) : wanted.put(processGuid, route);
    if (route == null ? before == null : route.equals(before)) {
      return;
    }
    work.add(new Work.OfService(processGuid));
    var hosts = new LinkedHashSet<String>();
    Optional.ofNullable(before).ifPresent(old -> hosts.addAll(old.allHosts()));
    Optional.ofNullable(route).ifPresent(next -> hosts.addAll(next.allHosts()));
    hosts.forEach(host -> work.add(new Work.OfHost(host)));
    notifyAll();
  }

  /** What an earlier life has left, once; what is still wanted is written by then anyway. */
  private void look() {
    var left = new ArrayList<Work>();
    kubernetes
        .services()
        .inNamespace(namespace())
        .withLabels(manifests.labels(RouteManifests.SERVICE))
        .list()
        .getItems()
        .forEach(service -> left.add(new Work.OfService(of(service))));
    if (config.gateway().isPresent()) {
      hostRoutes().forEach(route -> left.add(new Work.OfHost(of(route))));
    }
    synchronized (this) {
      work.addAll(left);
      notifyAll();
    }
  }

  private List<? extends HasMetadata> hostRoutes() {
    try {
      return kubernetes
          .genericKubernetesResources(RouteManifests.HTTP_ROUTES)
          .inNamespace(namespace())
          .withLabels(manifests.labels(RouteManifests.HOST))
          .list()
          .getItems();
    } catch (KubernetesClientException e) {
      if (e.getCode() == HttpURLConnection.HTTP_NOT_FOUND) {
        return List.of();
      }
      throw e;
    }
  }

  private static String of(HasMetadata made) {
    var annotations = made.getMetadata().getAnnotations();
    return annotations == null ? "" : annotations.getOrDefault(RouteManifests.OF_ANNOTATION, "");
  }

  private void write() {
    var pause = FIRST_PAUSE;
    try {
      while (true) {
        var failed = take().stream().filter(piece -> !isWritten(piece)).toList();
        if (failed.isEmpty()) {
          pause = FIRST_PAUSE;
          continue;
        }
        TimeUnit.MILLISECONDS.sleep(pause.toMillis());
        pause = pause.multipliedBy(2);
        pause = pause.compareTo(LONGEST_PAUSE) < 0 ? pause : LONGEST_PAUSE;
      }
    } catch (InterruptedException closing) {
      Thread.currentThread().interrupt();
    }
  }

  private synchronized List<Work> take() throws InterruptedException {
    while (work.isEmpty()) {
      if (isClosed) {
        throw new InterruptedException();
      }
      wait();
    }
    var taken = List.copyOf(work);
    work.clear();
    return taken;
  }

  /** False: to be tried again. */
  private boolean isWritten(Work piece) {
    try {
      switch (piece) {
        case Work.OfService(var processGuid) -> service(processGuid);
        case Work.OfHost(var host) -> host(host);
      }
      return true;
    } catch (KubernetesClientException e) {
      LOG.warn("a route was not written what={} code={}", piece, e.getCode());
      synchronized (this) {
        work.add(piece);
      }
      return false;
    }
  }

  private void service(String processGuid) {
    Optional<AppRoute> route;
    synchronized (this) {
      route = Optional.ofNullable(wanted.get(processGuid));
    }
    var itself =
        kubernetes
            .services()
            .inNamespace(namespace())
            .withName(RouteManifests.serviceName(processGuid));
    write(itself, processGuid, route.map(manifests::service).orElse(null));
  }

  private void host(String host) {
    if (config.gateway().isEmpty()) {
      return;
    }
    List<AppRoute> routes;
    synchronized (this) {
      routes = wanted.values().stream().filter(r -> r.allHosts().contains(host)).toList();
    }
    var itself =
        kubernetes
            .genericKubernetesResources(RouteManifests.HTTP_ROUTES)
            .inNamespace(namespace())
            .withName(RouteManifests.httpRouteName(host));
    try {
      write(
          itself,
          host,
          routes.isEmpty()
              ? null
              : manifests.httpRoute(host, routes, config.gateway().orElseThrow()));
    } catch (KubernetesClientException e) {
      if (e.getCode() != HttpURLConnection.HTTP_NOT_FOUND) {
        throw e;
      }
      LOG.warn("the cluster has no Gateway API, so there is no route host={}", host);
    }
  }

  /**
   * @param next null: there is to be none
   */
  private <T extends HasMetadata> void write(Resource<T> itself, String of, @Nullable T next) {
    var there = itself.get();
    if (there != null && !of(there).equals(of)) {
      LOG.warn("an object of that name is not of this route name={} route={}", name(there), of);
      return;
    }
    if (next != null) {
      itself.patch(APPLY, next);
    } else if (there != null) {
      itself.delete();
    }
  }

  private static String name(HasMetadata object) {
    return object.getMetadata().getName();
  }

  private String namespace() {
    return config.pods().namespace();
  }
}
