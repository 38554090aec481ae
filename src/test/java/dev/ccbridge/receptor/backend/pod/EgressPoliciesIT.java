package dev.ccbridge.receptor.backend.pod;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.ccbridge.devserver.MovingClock;
import dev.ccbridge.e2e.ChartRights;
import dev.ccbridge.kubernetes.RealApiServer;
import dev.ccbridge.receptor.model.SecurityGroupRule;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.net.HttpURLConnection;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Policies come and go, at a real API server. */
@TestInstance(Lifecycle.PER_CLASS)
class EgressPoliciesIT {
  private static final List<SecurityGroupRule> RULES =
      List.of(
          new SecurityGroupRule(
              "tcp",
              List.of("10.0.0.1-10.0.0.9", "fd00::/8"),
              List.of(80L, 443L),
              null,
              null,
              false),
          new SecurityGroupRule("all", List.of("192.168.0.0/16"), List.of(), null, null, true));

  private KubernetesClient client;
  private PodBackendConfig config;
  private final MovingClock clock = new MovingClock();

  @BeforeAll
  void connect() {
    client = RealApiServer.shared().client();
  }

  @AfterAll
  void disconnect() {
    if (client != null) {
      client.close();
    }
  }

  @BeforeEach
  void makeNamespace() {
    var namespace = "egress-" + UUID.randomUUID().toString().substring(0, 8);
    config =
        PodBackendConfig.defaults(namespace, "runtime:1", Map.of())
            .withReachable(List.of(Reachable.parse("ours?a=1")));
    client
        .namespaces()
        .resource(
            new NamespaceBuilder().withNewMetadata().withName(namespace).endMetadata().build())
        .create();
  }

  private EgressPolicies policies() {
    return new EgressPolicies(client, config, clock);
  }

  private List<NetworkPolicy> stored() {
    return client
        .network()
        .v1()
        .networkPolicies()
        .inNamespace(config.namespace())
        .list()
        .getItems();
  }

  @Test
  void policyIsThereOnceForAllThatHaveItsRules() {
    var policies = policies();

    policies.ensure(RULES);
    policies.ensure(RULES);
    policies().ensure(RULES);
    policies.ensure(List.of());

    assertThat(stored()).hasSize(1);
    var key = EgressPolicies.key(RULES, config).orElseThrow();
    assertThat(stored().getFirst().getSpec())
        .as("the API server takes it as it is")
        .isEqualTo(EgressPolicies.policy(RULES, key, config).getSpec());
  }

  @Test
  void policyThatNobodyUsesAnyMoreGoesAfterAWhile() {
    var key = EgressPolicies.key(RULES, config).orElseThrow();
    var policies = policies();
    policies.ensure(RULES);
    policies.released(key);
    clock.advance(Duration.ofMinutes(11));
    policies.tidy(Set.of(key));
    assertThat(stored()).as("in use").hasSize(1);

    policies.released(key);
    policies.tidy(Set.of());
    assertThat(stored()).as("only just released").hasSize(1);
    clock.advance(Duration.ofMinutes(11));
    policies.tidy(Set.of());

    assertThat(stored()).isEmpty();
    policies.ensure(RULES);
    assertThat(stored()).as("made anew").hasSize(1);
  }

  @Test
  void policyOfAnEarlierLifeIsFound() {
    policies().ensure(RULES);
    var next = policies();
    next.tidy(Set.of());
    clock.advance(Duration.ofMinutes(11));

    next.tidy(Set.of());

    assertThat(stored()).isEmpty();
  }

  /** Nobody waits for this where the chart's other rights are tried. */
  @ParameterizedTest
  @ValueSource(strings = {"nothing", "list", "get", "delete"})
  void policyGoesWithTheChartsRightsAndNoLess(String taken) {
    var release = config.namespace() + "-chart";
    config = PodBackendConfig.defaults(release, "runtime:1", Map.of());
    var values = "backend=pod,config.podRuntimeImage=runtime:1,config.podStackImages={a:b}";
    try (var rights = new ChartRights(client, release, List.of(), "--set", values);
        var underChart = clientOf(rights)) {
      var policies = new EgressPolicies(underChart, config, clock);
      await().ignoreExceptions().untilAsserted(() -> policies.ensure(RULES));
      policies.released(EgressPolicies.key(RULES, config).orElseThrow());
      clock.advance(Duration.ofMinutes(11));
      rights.grants().stream()
          .filter(grant -> grant.resource().equals("networkpolicies"))
          .filter(grant -> grant.verb().equals(taken))
          .forEach(
              grant -> {
                rights.take(grant);
                await().until(() -> isRefused(underChart, taken));
              });

      try {
        policies.tidy(Set.of());
      } catch (KubernetesClientException refused) {
        assertThat(taken).as(refused.getMessage()).isIn("list", "get");
      }

      assertThat(stored()).hasSize(taken.equals("nothing") ? 0 : 1);
    }
  }

  private static KubernetesClient clientOf(ChartRights rights) {
    var config = RealApiServer.shared().config();
    config.setOauthToken(rights.token());
    return new KubernetesClientBuilder().withConfig(config).build();
  }

  private boolean isRefused(KubernetesClient underChart, String verb) {
    var none =
        underChart
            .network()
            .v1()
            .networkPolicies()
            .inNamespace(config.namespace())
            .withName("none");
    try {
      switch (verb) {
        case "list" ->
            underChart.network().v1().networkPolicies().inNamespace(config.namespace()).list();
        case "get" -> none.get();
        default -> none.delete();
      }
      return false;
    } catch (KubernetesClientException refused) {
      return refused.getCode() == HttpURLConnection.HTTP_FORBIDDEN;
    }
  }

  @Test
  void policyThatAnotherProcessHasAskedForSinceStays() {
    var key = EgressPolicies.key(RULES, config).orElseThrow();
    var policies = policies();
    policies.ensure(RULES);
    policies.released(key);
    clock.advance(Duration.ofMinutes(11));
    policies().ensure(RULES);

    policies.tidy(Set.of());

    assertThat(stored()).hasSize(1);
  }

  @Test
  void policyThatSomebodyHasChangedSaysAgainWhatItShould() {
    policies().ensure(RULES);
    client
        .network()
        .v1()
        .networkPolicies()
        .inNamespace(config.namespace())
        .resource(stored().getFirst())
        .edit(
            policy -> {
              policy.getSpec().setEgress(List.of());
              return policy;
            });

    policies().ensure(RULES);

    assertThat(stored().getFirst().getSpec().getEgress()).hasSize(4);
  }
}
