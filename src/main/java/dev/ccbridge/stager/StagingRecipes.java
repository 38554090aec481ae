package dev.ccbridge.stager;

import com.fasterxml.jackson.databind.JsonNode;
import dev.ccbridge.api.Api;
import dev.ccbridge.api.EgressRule;
import dev.ccbridge.api.StagingRequest;
import dev.ccbridge.api.StagingRequestSpec;
import dev.ccbridge.api.StagingRequestSpec.BuildpackRef;
import dev.ccbridge.cloudcontroller.model.BuildpackStagingData;
import dev.ccbridge.cloudcontroller.model.CloudControllerJson;
import dev.ccbridge.cloudcontroller.model.DockerStagingData;
import dev.ccbridge.cloudcontroller.model.StagingRequestFromCC;
import dev.ccbridge.receptor.model.EnvironmentVariable;
import dev.ccbridge.receptor.model.SecurityGroupRule;
import dev.ccbridge.receptor.model.TaskCreateRequest;
import dev.ccbridge.stager.recipe.BuildpackRecipeBuilder;
import dev.ccbridge.stager.recipe.DockerRecipeBuilder;
import dev.ccbridge.stager.recipe.RecipeException;
import dev.ccbridge.stager.recipe.RecipeTarget;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The task of a StagingRequest: the resource is put in CC's words, with everything that is built in
 * filled in where the resource leaves it out, and goes through the same recipes. Thread-safe.
 */
final class StagingRecipes {
  /** How long after its own timeout a task may still fetch: it may have waited for a cell. */
  private static final Duration WAIT_FOR_CELL = Duration.ofHours(1);

  private static final int DEFAULT_MB_MEMORY = 1024;
  private static final int DEFAULT_MB_DISK = 4096;
  private static final long DEFAULT_FILE_DESCRIPTORS = 16_384;
  private static final int DEFAULT_TIMEOUT_SECONDS = 900;

  private final StagerConfig config;
  private final ArtifactUrls artifacts;
  private final CallbackTokens tokens;
  private final BuildpackRecipeBuilder buildpackRecipes;
  private final DockerRecipeBuilder dockerRecipes;

  StagingRecipes(StagerConfig config, ArtifactUrls artifacts, CallbackTokens tokens) {
    this.config = config;
    this.artifacts = artifacts;
    this.tokens = tokens;
    this.buildpackRecipes = new BuildpackRecipeBuilder(config.recipes());
    this.dockerRecipes = new DockerRecipeBuilder(config.recipes());
  }

  /**
   * The task of {@code request}, with the values of its environment.
   *
   * @throws RecipeException when the request cannot become a task
   */
  TaskCreateRequest of(StagingRequest request, List<EnvironmentVariable> environment) {
    if (Staging.isDocker(request)) {
      return dockerRecipes.build(
          target(request, false, false), inCcWords(request, docker(request), environment));
    }
    var buildpack = request.getSpec().buildpack();
    if (buildpack == null) {
      throw new RecipeException("missing lifecycle data");
    }
    return buildpackRecipes.build(
        target(request, goesToBlobStore(buildpack), cacheGoesToBlobStore(buildpack)),
        inCcWords(request, json(buildpackData(request, buildpack)), environment));
  }

  /** Where the droplet of a staged request is, if it is in the built-in blob store. */
  @Nullable String dropletUri(StagingRequest request) {
    var buildpack = request.getSpec().buildpack();
    return buildpack != null && goesToBlobStore(buildpack)
        ? artifacts.dropletUri(Staging.taskGuid(request))
        : null;
  }

  private RecipeTarget target(StagingRequest request, boolean ownDroplet, boolean ownCache) {
    var guid = Staging.taskGuid(request);
    return new RecipeTarget(
        guid,
        Staging.domain(request),
        tokens.url(guid, request.getMetadata().getUid()),
        ownDroplet,
        ownCache);
  }

  private StagingRequestFromCC inCcWords(
      StagingRequest request, JsonNode data, List<EnvironmentVariable> environment) {
    var spec = request.getSpec();
    return new StagingRequestFromCC(
        Staging.appId(request),
        or(spec.fileDescriptors(), DEFAULT_FILE_DESCRIPTORS),
        or(spec.memoryMB(), DEFAULT_MB_MEMORY),
        or(spec.diskMB(), DEFAULT_MB_DISK),
        environment(request, environment),
        egressRules(spec),
        or(spec.timeoutSeconds(), DEFAULT_TIMEOUT_SECONDS),
        or(spec.logGuid(), Staging.appId(request)),
        Staging.isDocker(request) ? StagingRequestFromCC.DOCKER : StagingRequestFromCC.BUILDPACK,
        data);
  }

  /** CC asks for caching by a variable. */
  private static List<EnvironmentVariable> environment(
      StagingRequest request, List<EnvironmentVariable> environment) {
    var docker = request.getSpec().docker();
    return docker != null && Boolean.TRUE.equals(docker.cache())
        ? Stream.concat(
                environment.stream(),
                Stream.of(new EnvironmentVariable("DIEGO_DOCKER_CACHE", "true")))
            .toList()
        : environment;
  }

  private BuildpackStagingData buildpackData(
      StagingRequest request, StagingRequestSpec.Buildpack buildpack) {
    var validity = validity(request);
    return new BuildpackStagingData(
        resolve(or(buildpack.appBits().uri(), ""), validity),
        cacheDownload(request, buildpack, validity),
        cacheUpload(request, buildpack, validity),
        buildpacks(buildpack, validity),
        dropletUpload(request, buildpack, validity),
        or(buildpack.stack(), Api.DEFAULT_STACK));
  }

  private static Duration validity(StagingRequest request) {
    return Duration.ofSeconds(or(request.getSpec().timeoutSeconds(), DEFAULT_TIMEOUT_SECONDS))
        .plus(WAIT_FOR_CELL);
  }

  /** An absolute path is at the built-in file server. */
  private String resolve(String uri, Duration validity) {
    return uri.startsWith("/") ? artifacts.download(uri, validity) : uri;
  }

  private List<BuildpackStagingData.Buildpack> buildpacks(
      StagingRequestSpec.Buildpack buildpack, Duration validity) {
    var named = buildpack.buildpacks();
    var wanted =
        named == null
            ? config.buildpacks().stream()
                .map(n -> new BuildpackRef(n, null, null, null, false))
                .toList()
            : named;
    var all = new ArrayList<BuildpackStagingData.Buildpack>();
    for (var one : wanted) {
      var url = resolve(or(one.uri(), ArtifactUrls.BUILDPACKS + one.name() + ".tgz"), validity);
      var custom = one.name().equals(BuildpackStagingData.Buildpack.CUSTOM);
      all.add(
          new BuildpackStagingData.Buildpack(
              one.name(),
              or(one.key(), custom ? url : one.name()),
              url,
              Boolean.TRUE.equals(one.skipDetect())));
    }
    return all;
  }

  private static boolean goesToBlobStore(StagingRequestSpec.Buildpack buildpack) {
    return buildpack.droplet() == null || buildpack.droplet().uploadUri() == null;
  }

  private static boolean cacheGoesToBlobStore(StagingRequestSpec.Buildpack buildpack) {
    return buildpack.buildArtifactsCache() == null
        || buildpack.buildArtifactsCache().uploadUri() == null;
  }

  private String dropletUpload(
      StagingRequest request, StagingRequestSpec.Buildpack buildpack, Duration validity) {
    var droplet = buildpack.droplet();
    return droplet == null || droplet.uploadUri() == null
        ? artifacts.dropletUpload(Staging.taskGuid(request), validity)
        : droplet.uploadUri();
  }

  /** Empty: none. */
  private String cacheDownload(
      StagingRequest request, StagingRequestSpec.Buildpack buildpack, Duration validity) {
    var cache = buildpack.buildArtifactsCache();
    if (cache == null) {
      return artifacts.cacheDownload(
          request.getMetadata().getNamespace(), Staging.appId(request), validity);
    }
    return cache.downloadUri() == null ? "" : resolve(cache.downloadUri(), validity);
  }

  private String cacheUpload(
      StagingRequest request, StagingRequestSpec.Buildpack buildpack, Duration validity) {
    var cache = buildpack.buildArtifactsCache();
    return cache == null || cache.uploadUri() == null
        ? artifacts.cacheUpload(
            request.getMetadata().getNamespace(), Staging.appId(request), validity)
        : cache.uploadUri();
  }

  /** Credentials are only for the caching registry, which there is none of. */
  private static JsonNode docker(StagingRequest request) {
    var docker = request.getSpec().docker();
    return json(
        new DockerStagingData(
            docker == null ? "" : docker.image(),
            docker == null || docker.loginServer() == null ? "" : docker.loginServer(),
            "",
            "",
            ""));
  }

  private static List<SecurityGroupRule> egressRules(StagingRequestSpec spec) {
    return spec.egressRules() == null
        ? List.of()
        : spec.egressRules().stream().map(StagingRecipes::egressRule).toList();
  }

  private static SecurityGroupRule egressRule(EgressRule rule) {
    var range = rule.portRange();
    var icmp = rule.icmpInfo();
    return new SecurityGroupRule(
        rule.protocol().name().toLowerCase(Locale.ROOT),
        rule.destinations(),
        rule.ports() == null ? List.of() : rule.ports().stream().map(Long::valueOf).toList(),
        range == null ? null : new SecurityGroupRule.PortRange(range.start(), range.end()),
        icmp == null ? null : new SecurityGroupRule.IcmpInfo(icmp.type(), icmp.code()),
        Boolean.TRUE.equals(rule.log()));
  }

  private static JsonNode json(Object data) {
    return CloudControllerJson.mapper().valueToTree(data);
  }

  private static <T> T or(@Nullable T value, T otherwise) {
    return value == null ? otherwise : value;
  }
}
