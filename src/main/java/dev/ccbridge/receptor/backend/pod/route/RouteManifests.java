package dev.ccbridge.receptor.backend.pod.route;

import dev.ccbridge.kube.Names;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.GenericKubernetesResourceBuilder;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import io.fabric8.kubernetes.api.model.ServicePort;
import io.fabric8.kubernetes.api.model.ServicePortBuilder;
import io.fabric8.kubernetes.client.dsl.base.ResourceDefinitionContext;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The Service of an LRP and the HTTPRoute of a host name. Pure. */
final class RouteManifests {
  static final ResourceDefinitionContext HTTP_ROUTES =
      new ResourceDefinitionContext.Builder()
          .withGroup("gateway.networking.k8s.io")
          .withVersion("v1")
          .withKind("HTTPRoute")
          .withPlural("httproutes")
          .withNamespaced(true)
          .build();

  /** On what this room makes, beside the labels of the Pods' backend. */
  static final String LABEL = "ccbridge.dev/route";

  static final String SERVICE = "service";
  static final String HOST = "host";

  /** With the full process guid, or the host name. */
  static final String OF_ANNOTATION = "ccbridge.dev/route-of";

  private static final String SERVICE_NAME = "[a-z]([-a-z0-9]{0,61}[a-z0-9])?";
  private static final int HTTP = 80;
  private static final int MAX_HEAD = 40;

  private final RouteConfig config;

  RouteManifests(RouteConfig config) {
    this.config = config;
  }

  /** The process guid itself where it may be a Service's name; else what is legal, and a hash. */
  static String serviceName(String processGuid) {
    if (processGuid.matches(SERVICE_NAME)) {
      return processGuid;
    }
    var legal = Names.fromGuid("app-" + processGuid);
    var head = legal.substring(0, Math.min(MAX_HEAD, legal.length())).replaceAll("-+$", "");
    return head + "-" + Names.hash(processGuid);
  }

  static String httpRouteName(String host) {
    return Names.fromGuid("host-" + host);
  }

  /** The first of its ports is reached at 80, any other at its own number. */
  static int servicePort(AppRoute route, int port) {
    return route.ports().getFirst() == port ? HTTP : port;
  }

  Map<String, String> labels(String kind) {
    var labels = new LinkedHashMap<>(config.pods().labels());
    labels.put(LABEL, kind);
    return labels;
  }

  Service service(AppRoute route) {
    return new ServiceBuilder()
        .withNewMetadata()
        .withName(serviceName(route.processGuid()))
        .withNamespace(config.pods().namespace())
        .withLabels(labels(SERVICE))
        .addToLabels(config.pods().labelsOf(route.processGuid()))
        .addToAnnotations(OF_ANNOTATION, route.processGuid())
        .endMetadata()
        .withNewSpec()
        .withType("ClusterIP")
        .withSelector(config.pods().labelsOf(route.processGuid()))
        .withPorts(ports(route))
        .endSpec()
        .build();
  }

  private static List<ServicePort> ports(AppRoute route) {
    var ports = new ArrayList<ServicePort>();
    for (int port : route.ports()) {
      int outside = servicePort(route, port);
      // An app that listens at 80 behind another one cannot have the same number twice.
      if (ports.isEmpty() || outside != HTTP) {
        ports.add(
            new ServicePortBuilder()
                .withName(ports.isEmpty() ? "http" : "http-" + port)
                .withProtocol("TCP")
                .withPort(outside)
                .withNewTargetPort(port)
                .build());
      }
    }
    return ports;
  }

  /**
   * @param routes of all LRPs that have the host name; traffic goes to all of them
   */
  GenericKubernetesResource httpRoute(
      String host, List<AppRoute> routes, RouteConfig.Gateway gateway) {
    var backends = new ArrayList<Map<String, Object>>();
    for (var route : routes) {
      route.hosts().entrySet().stream()
          .filter(entry -> entry.getValue().contains(host))
          .forEach(entry -> backends.add(backend(route, entry.getKey())));
    }
    var parent = Map.of("namespace", gateway.namespace(), "name", gateway.name());
    var spec =
        Map.of(
            "parentRefs",
            List.of(parent),
            "hostnames",
            List.of(host),
            "rules",
            List.of(Map.of("backendRefs", backends)));
    return new GenericKubernetesResourceBuilder()
        .withApiVersion(HTTP_ROUTES.getGroup() + "/" + HTTP_ROUTES.getVersion())
        .withKind(HTTP_ROUTES.getKind())
        .withNewMetadata()
        .withName(httpRouteName(host))
        .withNamespace(config.pods().namespace())
        .withLabels(labels(HOST))
        .addToAnnotations(OF_ANNOTATION, host)
        .endMetadata()
        .addToAdditionalProperties("spec", spec)
        .build();
  }

  private static Map<String, Object> backend(AppRoute route, int port) {
    return Map.of("name", serviceName(route.processGuid()), "port", servicePort(route, port));
  }
}
