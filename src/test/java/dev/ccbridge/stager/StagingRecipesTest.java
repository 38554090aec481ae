package dev.ccbridge.stager;

import static dev.ccbridge.stager.Requests.request;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.ccbridge.api.StagingRequest;
import dev.ccbridge.api.StagingRequestSpec.BuildArtifactsCache;
import dev.ccbridge.api.StagingRequestSpec.Buildpack;
import dev.ccbridge.api.StagingRequestSpec.BuildpackRef;
import dev.ccbridge.api.StagingRequestSpec.DropletTarget;
import dev.ccbridge.api.StagingRequestSpec.Source;
import dev.ccbridge.receptor.model.ReceptorJson;
import dev.ccbridge.receptor.model.TaskCreateRequest;
import dev.ccbridge.secrets.SecretValues;
import dev.ccbridge.stager.recipe.RecipeConfig;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class StagingRecipesTest {
  private static final byte[] KEY = new byte[32];

  /** Nothing in these requests comes from a Secret, so nobody is asked. */
  private static final SecretValues NO_SECRETS = new SecretValues(null, "ns");

  @Test
  void whatTheRequestLeavesOutIsBuiltIn() {
    var task = build(request().stored(null), "");
    assertThat(task.taskGuid()).isEqualTo("uid-1");
    assertThat(task.domain()).isEqualTo("k8s-ns");
    assertThat(task.logGuid()).isEqualTo("app");
    assertThat(urls(task, "from"))
        .containsExactly(
            Requests.BITS,
            "http://files/v1/static/bp.tgz",
            "http://files/v1/static/buildpacks/static_buildpack.tgz?token=r",
            "http://files/v1/static/buildpacks/java_buildpack.tgz?token=r",
            "http://files/v1/blobs/caches/ns/app?token=r",
            "/tmp/droplet",
            "/tmp/output-cache");
    assertThat(urls(task, "to"))
        .endsWith(
            "http://files/v1/blobs/droplets/uid-1?token=w",
            "http://files/v1/blobs/caches/ns/app?token=w");
  }

  @Test
  void theBlobStoreIsReachedPastTheUploader() {
    var task = build(request().stored(null), "http://uploader");
    assertThat(urls(task, "to")).contains("http://files/v1/blobs/droplets/uid-1?token=w");
  }

  @Test
  void whatTheRequestNamesIsTaken() {
    var request =
        request()
            .stagingGuid("sg-1")
            .buildpack(
                new Buildpack(
                    new Source("/v1/blobs/bits", null),
                    "cflinuxfs4",
                    List.of(
                        new BuildpackRef("custom", null, null, "https://host/bp.git", null, true),
                        new BuildpackRef("rb", "key", null, "/v1/blobs/rb", null, false)),
                    new BuildArtifactsCache(null, null, "http://cc/cache", null),
                    new DropletTarget("http://cc/droplet", null)))
            .stored(null);
    var task = build(request, "http://uploader");
    assertThat(task.taskGuid()).isEqualTo("sg-1");
    assertThat(task.domain()).isEqualTo("cf-app-staging");
    assertThat(urls(task, "from"))
        .contains("http://files/v1/blobs/bits?token=r", "http://files/v1/blobs/rb?token=r")
        .noneMatch(url -> url.contains("caches"));
    assertThat(urls(task, "to"))
        .contains(
            "http://uploader/v1/droplet/app?cc-droplet-upload-uri=http%3A%2F%2Fcc%2Fdroplet&timeout=900");
    assertThat(task.toString()).contains("-buildpackOrder=https://host/bp.git,key");
  }

  @Test
  void withoutAnUploaderUploadsGoStraightToWhereTheyAreWanted() {
    var request =
        request()
            .buildpack(
                new Buildpack(
                    new Source(Requests.BITS, null),
                    "cflinuxfs4",
                    null,
                    null,
                    new DropletTarget("http://store/droplet", null)))
            .stored(null);
    assertThat(urls(build(request, ""), "to")).contains("http://store/droplet");
    assertThat(recipes("").dropletUri(request)).isNull();
  }

  @Test
  void theCallbackCarriesTheTokenOfItsTask() {
    var tokens = new CallbackTokens("http://stager", KEY);
    var url = build(request().stored(null), "").completionCallbackUrl();
    assertThat(url).startsWith("http://stager/v1/staging/uid-1/completed?token=uid-1.");
    var token = url.substring(url.indexOf('=') + 1);
    assertThat(tokens.uid("uid-1", token)).contains("uid-1");
    assertThat(tokens.uid("uid-2", token)).isEmpty();
    assertThat(tokens.uid("uid-1", token.replace("uid-1.", "uid-2."))).isEmpty();
    assertThat(tokens.uid("uid-1", "")).isEmpty();
    var otherKey = "x".repeat(32).getBytes(StandardCharsets.UTF_8);
    assertThat(new CallbackTokens("http://stager", otherKey).uid("uid-1", token)).isEmpty();
  }

  private static TaskCreateRequest build(StagingRequest request, String uploader) {
    return recipes(uploader).of(request, NO_SECRETS);
  }

  private static StagingRecipes recipes(String uploader) {
    var config =
        StagerConfig.of(
            new RecipeConfig(
                Map.of("buildpack/cflinuxfs4", "bp.tgz"), "http://files", uploader, false, ""),
            "http://stager",
            KEY,
            List.of("static_buildpack", "java_buildpack"));
    return new StagingRecipes(
        config,
        new FakeArtifacts(),
        new CallbackTokens(config.stagerUrl(), KEY),
        new DockerRegistries(Optional.empty(), Clock.systemUTC()));
  }

  private static List<String> urls(TaskCreateRequest task, String member) {
    JsonNode json = ReceptorJson.mapper().valueToTree(task);
    return json.findValuesAsText(member);
  }
}
