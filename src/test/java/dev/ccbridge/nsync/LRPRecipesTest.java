package dev.ccbridge.nsync;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.ccbridge.nsync.recipe.RsaKeys;
import dev.ccbridge.receptor.model.DesiredLRPCreateRequest;
import dev.ccbridge.receptor.model.DesiredLRPResponse;
import dev.ccbridge.receptor.model.EnvironmentVariable;
import dev.ccbridge.receptor.model.ImageCredentials;
import dev.ccbridge.receptor.model.ReceptorJson;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LRPRecipesTest {
  private static final String FULL =
      """
      {source: {droplet: {uri: /d}}, allowSSH: true, instances: 2, etag: "1",
       environment: [{name: A, value: b}, {name: P, valueFrom: {secretKeyRef: {name: s, key: k}}}]%s}
      """;

  private static final NsyncConfig CONFIG =
      NsyncConfig.of(
          Map.of("buildpack/cflinuxfs4", "bp.tgz", "docker", "docker.tgz"), "http://fs.test");

  private final LRPRecipes recipes = recipes(CONFIG);

  private static LRPRecipes recipes(NsyncConfig config) {
    return new LRPRecipes(
        config,
        new RsaKeys(1024),
        uri -> "http://blobs.test" + uri + "?token=" + UUID.randomUUID());
  }

  @Test
  void theGuidOfAVersionIsTheSameEachTime() {
    var first = plan(FULL.formatted(""));
    assertThat(first.processGuid()).matches(Lrps.UID + "-[0-9a-f]{10}");
    assertThat(plan(FULL.formatted(""))).isEqualTo(first);
    recipes.create(first, revealed());
    assertThat(plan(FULL.formatted(""))).isEqualTo(first);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        ", instances: 5",
        ", etag: \"2\"",
        ", routes: [{hostname: a.test}]",
        ", routes: [{hostname: a.test, port: 9090}]"
      })
  void whatTheReceptorCanUpdateMakesNoNewVersion(String change) {
    var spec = FULL.replace("instances: 2, etag: \"1\",", "").formatted(change);
    assertThat(plan(spec).processGuid()).isEqualTo(plan(FULL.formatted("")).processGuid());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        ", memoryMB: 512",
        ", diskMB: 1",
        ", startCommand: x",
        ", executionMetadata: \"{}\"",
        ", ports: [9090]",
        ", healthCheck: {type: none}",
        ", healthCheck: {type: http, endpoint: /ok}",
        ", healthCheck: {timeoutSeconds: 1}",
        ", fileDescriptors: 1",
        ", logGuid: x",
        ", egressRules: [{protocol: all, destinations: [0.0.0.0/0]}]"
      })
  void anythingElseMakesANewVersion(String change) {
    assertThat(plan(FULL.formatted(change)).processGuid())
        .isNotEqualTo(plan(FULL.formatted("")).processGuid());
  }

  @Test
  void anotherSecretMakesANewVersionAndAnotherValueDoesNot() {
    var other = FULL.replace("key: k", "key: other").formatted("");
    assertThat(plan(other).processGuid()).isNotEqualTo(plan(FULL.formatted("")).processGuid());
  }

  @Test
  void aGivenGuidHasNoVersions() {
    var wanted = plan("{source: {droplet: {uri: /d}}, processGuid: app-1, memoryMB: 5}");
    assertThat(wanted.processGuid()).isEqualTo("app-1");
    assertThat(wanted.options().domain()).isEqualTo("cf-apps");
  }

  @Test
  void theDropletsUrlAndTheSecretsAreOnlyInWhatIsSent() {
    var wanted = plan(FULL.formatted(""));
    var sent = json(recipes.create(wanted, revealed(new EnvironmentVariable("P", "value"))));
    assertThat(sent).contains("http://blobs.test/d?token=", "\"value\"");
    assertThat(wanted.app().dropletUri()).isEqualTo("/d");
  }

  @Test
  void theDefaultsAreThoseOfTheSchema() {
    var lrp = recipes.create(plan("{source: {droplet: {uri: /d}}}"), revealed());
    assertThat(lrp.instances()).isEqualTo(1);
    assertThat(lrp.memoryMb()).isEqualTo(256);
    assertThat(lrp.diskMb()).isEqualTo(1024);
    assertThat(lrp.startTimeout()).isEqualTo(60);
    assertThat(lrp.ports()).containsExactly(8080);
    assertThat(lrp.rootfs()).isEqualTo("preloaded:cflinuxfs4");
    assertThat(lrp.logGuid()).isEqualTo("web");
    assertThat(json(lrp)).contains("\"nofile\":16384", "-port=8080");
  }

  @Test
  void allPortsAreMappedAndTheFirstIsTheApps() {
    var lrp =
        recipes.create(
            plan(
                """
                {source: {droplet: {uri: /d}}, ports: [9090, 7070],
                 healthCheck: {type: http, endpoint: /ok},
                 routes: [{hostname: a.test}, {hostname: b.test, port: 7070}, {hostname: c.test}]}
                """),
            revealed());
    assertThat(lrp.ports()).containsExactly(9090, 7070);
    assertThat(json(lrp))
        .contains("[\"-port=9090\",\"-uri=/ok\"]", "{\"name\":\"PORT\",\"value\":\"9090\"}");
    assertThat(lrp.routes().get("cf-router").toString())
        .isEqualTo(
            "[{\"hostnames\":[\"a.test\",\"c.test\"],\"port\":9090},{\"hostnames\":[\"b.test\"],\"port\":7070}]");
  }

  @ParameterizedTest
  @ValueSource(strings = {"process", "none"})
  void withoutACheckThereIsNoMonitor(String type) {
    var lrp =
        recipes.create(
            plan("{source: {droplet: {uri: /d}}, healthCheck: {type: %s}}".formatted(type)),
            revealed());
    assertThat(lrp.monitor()).isNull();
  }

  @Test
  void anImageWithoutMetadataRunsAsTheImageSays() {
    var lrp = recipes.create(plan("{source: {docker: {image: a/b}}}"), revealed());
    assertThat(lrp.rootfs()).isEqualTo("docker:///a/b");
    assertThat(json(lrp)).contains("[\"app\",\"\",\"{}\"]");
  }

  @Test
  void whoPullsAPrivateImageIsToldWhereItIsUnderstood() {
    var spec = "{source: {docker: {image: a/b, credentialsSecretRef: {name: %s}}}}";
    var credentials = Optional.of(new ImageCredentials("me", "canary"));
    var revealed = new Revealed(List.of(), Optional.empty(), credentials);
    var telling = recipes(CONFIG.withImageCredentials(true));

    var lrp = telling.create(plan(telling, spec.formatted("hub")), revealed);

    assertThat(json(lrp)).endsWith(",\"image_username\":\"me\",\"image_password\":\"canary\"}");
    assertThat(plan(telling, spec.formatted("hub")).processGuid())
        .as("another Secret is another version")
        .isNotEqualTo(plan(telling, spec.formatted("other")).processGuid())
        .isNotEqualTo(plan(telling, "{source: {docker: {image: a/b}}}").processGuid());
    assertThat(json(recipes.create(plan(spec.formatted("hub")), revealed)))
        .doesNotContain("canary", "image_");
  }

  @Test
  void anLRPThatIsAsWantedNeedsNoChange() {
    var wanted = plan(FULL.formatted(", routes: [{hostname: a.test}]"));
    var existing = stored(recipes.create(wanted, revealed()));
    assertThat(recipes.change(wanted, existing)).isEmpty();
    var more = plan(FULL.formatted(", routes: [{hostname: b.test}]"));
    assertThat(recipes.change(more, existing).orElseThrow().routes())
        .containsEntry("diego-ssh", existing.routes().get("diego-ssh"));
  }

  private static Revealed revealed(EnvironmentVariable... environment) {
    return new Revealed(List.of(environment), Optional.empty(), Optional.empty());
  }

  private Wanted plan(String spec) {
    return plan(recipes, spec);
  }

  private static Wanted plan(LRPRecipes recipes, String spec) {
    var lrp = Lrps.resource(spec);
    return recipes.plan(lrp, (AppSource.Known) AppSource.of(lrp, Optional.empty()));
  }

  /** What a Receptor answers after this create. */
  private static DesiredLRPResponse stored(DesiredLRPCreateRequest request) {
    return ReceptorJson.mapper()
        .convertValue(
            ReceptorJson.mapper().convertValue(request, JsonNode.class), DesiredLRPResponse.class);
  }

  private static String json(DesiredLRPCreateRequest request) {
    return ReceptorJson.mapper().valueToTree(request).toString();
  }
}
