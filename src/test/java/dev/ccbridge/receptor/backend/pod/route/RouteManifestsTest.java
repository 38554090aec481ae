package dev.ccbridge.receptor.backend.pod.route;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ccbridge.receptor.Requests;
import dev.ccbridge.receptor.backend.pod.PodBackendConfig;
import dev.ccbridge.receptor.model.DesiredLRPResponse;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RouteManifestsTest {
  private static final RouteConfig.Gateway GATEWAY = new RouteConfig.Gateway("infra", "web");
  private final RouteManifests manifests =
      new RouteManifests(
          RouteConfig.of(
              PodBackendConfig.defaults("apps", "runtime:1", Map.of()), Optional.of(GATEWAY)));

  private static DesiredLRPResponse lrp(String guid, String ports, String routes) {
    return Requests.read(
        """
        {"process_guid":"%s","domain":"d","rootfs":"preloaded:x","instances":1,
         "action":{"run":{"path":"/app","user":"vcap"}},"ports":%s,"routes":%s}"""
            .formatted(guid, ports, routes),
        DesiredLRPResponse.class);
  }

  private static Optional<AppRoute> route(String ports, String routes) {
    return AppRoute.of(lrp("guid", ports, routes));
  }

  @Test
  void routesAreThoseOfTheRouterByPort() {
    var routes =
        """
        {"cf-router":[{"hostnames":["A.example.com","b.example.com"],"port":8080},
                      {"hostnames":["c.example.com"],"port":9000},
                      {"hostnames":["d.example.com"],"port":8080}],
         "diego-ssh":{"container_port":2222}}""";

    assertThat(route("[8080,9000,2222]", routes))
        .contains(
            new AppRoute(
                "guid",
                Map.of(
                    8080,
                    Set.of("a.example.com", "b.example.com", "d.example.com"),
                    9000,
                    Set.of("c.example.com"))));
    assertThat(route("[8080]", "{\"cf-router\":[{\"hostnames\":null,\"port\":8080}]}"))
        .as("a port without host names")
        .contains(new AppRoute("guid", Map.of(8080, Set.of())));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{}",
        "{\"other\":[{\"port\":8080}]}",
        "{\"cf-router\":[]}",
        "{\"cf-router\":null}",
        "{\"cf-router\":\"x\"}",
        "{\"cf-router\":[{\"port\":1234}]}",
        "{\"cf-router\":[{\"port\":\"x\"}]}",
        "{\"cf-router\":[3,null,[]]}"
      })
  void whatNoRouterCouldReadIsNoRoute(String routes) {
    assertThat(route("[8080]", routes)).isEmpty();
  }

  @Test
  void namesThatAreNoHostNamesAreLeftOut() {
    var routes =
        "{\"cf-router\":[{\"port\":8080,\"hostnames\":"
            + "[\"ok.example.com\",\"*.wild.example.com\",\"a_b\",\"x/path\",\"-a\",\"\",3]}]}";

    assertThat(route("[8080]", routes).orElseThrow().allHosts())
        .containsExactlyInAnyOrder("ok.example.com", "*.wild.example.com", "3");
  }

  @Test
  void serviceIsOfThePodsOfItsLrp() {
    var route =
        AppRoute.of(
                lrp("hello", "[8080,9000]", "{\"cf-router\":[{\"port\":8080},{\"port\":9000}]}"))
            .orElseThrow();

    var service = manifests.service(route);

    assertThat(service.getMetadata().getName()).isEqualTo("hello");
    assertThat(service.getMetadata().getNamespace()).isEqualTo("apps");
    assertThat(service.getSpec().getSelector())
        .isEqualTo(Map.of("ccbridge.dev/cell", "cc-bridge", "ccbridge.dev/process", "hello"));
    assertThat(service.getSpec().getPorts())
        .extracting(p -> p.getName() + " " + p.getPort() + " " + p.getTargetPort().getIntVal())
        .containsExactly("http 80 8080", "http-9000 9000 9000");
  }

  @Test
  void portThatWouldComeTwiceIsLeftOut() {
    var route =
        AppRoute.of(lrp("hello", "[8080,80]", "{\"cf-router\":[{\"port\":8080},{\"port\":80}]}"))
            .orElseThrow();

    assertThat(manifests.service(route).getSpec().getPorts()).hasSize(1);
  }

  @Test
  void serviceHasALegalNameOfItsOwnWhateverTheGuid() {
    assertThat(RouteManifests.serviceName("hello-1")).isEqualTo("hello-1");
    var odd =
        List.of(
            "1",
            "A",
            "a",
            "a.b",
            "x".repeat(63),
            "x".repeat(64),
            "x".repeat(65),
            "3f2504e0-4f89-11d3-9a0c-0305e82c3301-3f2504e0-4f89-11d3-9a0c-0305e82c3302",
            "3f2504e0-4f89-11d3-9a0c-0305e82c3301-3f2504e0-4f89-11d3-9a0c-0305e82c3303");
    var names = odd.stream().map(RouteManifests::serviceName).toList();
    assertThat(names)
        .doesNotHaveDuplicates()
        .allMatch(name -> name.matches("[a-z]([-a-z0-9]{0,61}[a-z0-9])?"));
  }

  @Test
  void hostNameLeadsToAllThatHaveIt() {
    var routes = "{\"cf-router\":[{\"port\":8080,\"hostnames\":[\"h.example.com\"]}]}";
    var one = AppRoute.of(lrp("one", "[8080]", routes)).orElseThrow();
    var other = AppRoute.of(lrp("other", "[8080]", routes)).orElseThrow();

    var made = manifests.httpRoute("h.example.com", List.of(one, other), GATEWAY);

    assertThat(made.getApiVersion()).isEqualTo("gateway.networking.k8s.io/v1");
    assertThat(made.<Object>get("spec", "parentRefs"))
        .isEqualTo(List.of(Map.of("namespace", "infra", "name", "web")));
    assertThat(made.<Object>get("spec", "hostnames")).isEqualTo(List.of("h.example.com"));
    assertThat(made.<Object>get("spec", "rules"))
        .isEqualTo(
            List.of(
                Map.of(
                    "backendRefs",
                    List.of(
                        Map.of("name", "one", "port", 80), Map.of("name", "other", "port", 80)))));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "web", "a/b/c", "A/b", "a/", "/b"})
  void whatIsNoGatewayIsRefused(String text) {
    assertThatThrownBy(() -> RouteConfig.Gateway.parse(text))
        .isInstanceOf(IllegalArgumentException.class);
    assertThat(RouteConfig.Gateway.parse("infra/web")).isEqualTo(GATEWAY);
  }
}
