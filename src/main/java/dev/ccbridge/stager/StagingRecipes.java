package dev.ccbridge.stager;

import com.fasterxml.jackson.databind.JsonNode;
import dev.ccbridge.CcBridgeException;
import dev.ccbridge.api.Api;
import dev.ccbridge.api.EgressRule;
import dev.ccbridge.api.StagingRequest;
import dev.ccbridge.api.StagingRequestSpec;
import dev.ccbridge.api.StagingRequestSpec.BuildpackRef;
import dev.ccbridge.api.ValueSource;
import dev.ccbridge.cloudcontroller.model.BuildpackStagingData;
import dev.ccbridge.cloudcontroller.model.CloudControllerJson;
import dev.ccbridge.cloudcontroller.model.DockerStagingData;
import dev.ccbridge.cloudcontroller.model.StagingRequestFromCC;
import dev.ccbridge.receptor.model.EnvironmentVariable;
import dev.ccbridge.receptor.model.SecurityGroupRule;
import dev.ccbridge.receptor.model.TaskCreateRequest;
import dev.ccbridge.secrets.SecretEnvironment;
import dev.ccbridge.secrets.SecretMissingException;
import dev.ccbridge.secrets.SecretValues;
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

  /** Keys of the Secret with a registry's credentials. */
  static final String USERNAME = "username";

  static final String PASSWORD = "password";
  static final String EMAIL = "email";
  private static final String CREDENTIALS = "spec.docker.credentialsSecretRef";

  /** The builder wants one; no registry of today reads it. */
  private static final String NO_EMAIL = "nobody@localhost";

  private final StagerConfig config;
  private final ArtifactUrls artifacts;
  private final CallbackTokens tokens;
  private final DockerRegistries registries;
  private final BuildpackRecipeBuilder buildpackRecipes;
  private final DockerRecipeBuilder dockerRecipes;

  StagingRecipes(
      StagerConfig config,
      ArtifactUrls artifacts,
      CallbackTokens tokens,
      DockerRegistries registries) {
    this.config = config;
    this.artifacts = artifacts;
    this.tokens = tokens;
    this.registries = registries;
    this.buildpackRecipes = new BuildpackRecipeBuilder(config.recipes());
    this.dockerRecipes = new DockerRecipeBuilder(config.recipes());
  }

  /**
   * The task of {@code request}.
   *
   * @param secrets values that the request takes from Secrets
   * @throws RecipeException when the request cannot become a task
   * @throws SecretMissingException when a value that it needs is not there
   * @throws CcBridgeException UNAVAILABLE when the caching registry cannot be looked up
   */
  TaskCreateRequest of(StagingRequest request, SecretValues secrets) {
    var environment = SecretEnvironment.resolve(secrets, request.getSpec().environment());
    if (Staging.isDocker(request)) {
      var cached = DockerRecipeBuilder.wantsCache(environment(request, environment));
      var data = docker(request, cached, secrets);
      return ofDocker(target(request, false, false), inCcWords(request, data, environment));
    }
    var buildpack = request.getSpec().buildpack();
    if (buildpack == null) {
      throw new RecipeException("missing lifecycle data");
    }
    return buildpackRecipes.build(
        target(
            request, goesToBlobStore(request, buildpack), cacheGoesToBlobStore(request, buildpack)),
        inCcWords(request, json(buildpackData(request, buildpack, secrets)), environment));
  }

  /**
   * The task that the original makes of what CC sends; never to be run, since its callback has no
   * token.
   *
   * @throws RecipeException with the original's text when it makes none
   * @throws CcBridgeException UNAVAILABLE when the caching registry cannot be looked up
   */
  TaskCreateRequest draft(String stagingGuid, StagingRequestFromCC message) {
    var target =
        new RecipeTarget(
            stagingGuid, RecipeTarget.CC_DOMAIN, tokens.url(stagingGuid, "draft"), false, false);
    return message.lifecycle().equals(StagingRequestFromCC.DOCKER)
        ? ofDocker(target, message)
        : buildpackRecipes.build(target, message);
  }

  private TaskCreateRequest ofDocker(RecipeTarget target, StagingRequestFromCC message) {
    var nodes = dockerRecipes.needsRegistries(message) ? registries.addresses() : List.<String>of();
    return dockerRecipes.build(target, message, nodes);
  }

  /** Where the droplet of a staged request is, if it is in the built-in blob store. */
  @Nullable String dropletUri(StagingRequest request) {
    var buildpack = request.getSpec().buildpack();
    return buildpack != null && goesToBlobStore(request, buildpack)
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

  private static StagingRequestFromCC inCcWords(
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
        or(spec.logGuid(), Staging.isFromCC(request) ? "" : Staging.appId(request)),
        Staging.isDocker(request) ? StagingRequestFromCC.DOCKER : StagingRequestFromCC.BUILDPACK,
        data);
  }

  /** CC asks for caching by a variable. */
  private static List<EnvironmentVariable> environment(
      StagingRequest request, List<EnvironmentVariable> environment) {
    var docker = request.getSpec().docker();
    return docker != null
            && Boolean.TRUE.equals(docker.cache())
            && !DockerRecipeBuilder.wantsCache(environment)
        ? Stream.concat(environment.stream(), Stream.of(DockerRecipeBuilder.cacheVariable()))
            .toList()
        : environment;
  }

  private BuildpackStagingData buildpackData(
      StagingRequest request, StagingRequestSpec.Buildpack buildpack, SecretValues secrets) {
    return new BuildpackStagingData(
        uri(request, secrets, buildpack.appBits().uri(), buildpack.appBits().uriFrom(), "appBits"),
        cacheDownload(request, buildpack, secrets),
        cacheUpload(request, buildpack, secrets),
        buildpacks(request, buildpack, secrets),
        dropletUpload(request, buildpack, secrets),
        or(buildpack.stack(), Api.DEFAULT_STACK));
  }

  /** What CC sends is taken as it is; for a person an absolute path is at the file server. */
  private String uri(
      StagingRequest request,
      SecretValues secrets,
      @Nullable String uri,
      @Nullable ValueSource from,
      String field) {
    if (from == null) {
      return uri == null ? "" : resolve(uri, validity(request));
    }
    var value = secrets.get(from.secretKeyRef(), "spec.buildpack." + field);
    return Staging.isFromCC(request) ? value : resolve(value, validity(request));
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
      StagingRequest request, StagingRequestSpec.Buildpack buildpack, SecretValues secrets) {
    var all = new ArrayList<BuildpackStagingData.Buildpack>();
    for (var one : wanted(request, buildpack)) {
      var url = buildpackUrl(request, one, secrets);
      all.add(
          new BuildpackStagingData.Buildpack(
              one.name(),
              buildpackKey(request, one, url, secrets),
              url,
              Boolean.TRUE.equals(one.skipDetect())));
    }
    return all;
  }

  private List<BuildpackRef> wanted(
      StagingRequest request, StagingRequestSpec.Buildpack buildpack) {
    var named = buildpack.buildpacks();
    if (named != null) {
      return named;
    }
    return Staging.isFromCC(request)
        ? List.of()
        : config.buildpacks().stream()
            .map(n -> new BuildpackRef(n, null, null, null, null, false))
            .toList();
  }

  private String buildpackUrl(StagingRequest request, BuildpackRef one, SecretValues secrets) {
    var isNamed = one.uri() != null || one.uriFrom() != null;
    return isNamed || Staging.isFromCC(request)
        ? uri(request, secrets, one.uri(), one.uriFrom(), "buildpacks " + one.name())
        : resolve(ArtifactUrls.BUILDPACKS + one.name() + ".tgz", validity(request));
  }

  private static String buildpackKey(
      StagingRequest request, BuildpackRef one, String url, SecretValues secrets) {
    var from = one.keyFrom();
    if (from != null) {
      return secrets.get(from.secretKeyRef(), "spec.buildpack.buildpacks " + one.name());
    }
    if (one.key() != null) {
      return one.key();
    }
    if (InlineValues.isOf(request)) {
      return "";
    }
    return one.name().equals(BuildpackStagingData.Buildpack.CUSTOM) ? url : one.name();
  }

  private static boolean goesToBlobStore(
      StagingRequest request, StagingRequestSpec.Buildpack buildpack) {
    var droplet = buildpack.droplet();
    return !Staging.isFromCC(request)
        && (droplet == null || droplet.uploadUri() == null && droplet.uploadUriFrom() == null);
  }

  private static boolean cacheGoesToBlobStore(
      StagingRequest request, StagingRequestSpec.Buildpack buildpack) {
    var cache = buildpack.buildArtifactsCache();
    return !Staging.isFromCC(request)
        && (cache == null || cache.uploadUri() == null && cache.uploadUriFrom() == null);
  }

  private String dropletUpload(
      StagingRequest request, StagingRequestSpec.Buildpack buildpack, SecretValues secrets) {
    if (goesToBlobStore(request, buildpack)) {
      return artifacts.dropletUpload(Staging.taskGuid(request), validity(request));
    }
    var droplet = buildpack.droplet();
    return droplet == null
        ? ""
        : given(droplet.uploadUri(), droplet.uploadUriFrom(), "droplet.uploadUriFrom", secrets);
  }

  /** Empty: none. */
  private String cacheDownload(
      StagingRequest request, StagingRequestSpec.Buildpack buildpack, SecretValues secrets) {
    var cache = buildpack.buildArtifactsCache();
    if (cache != null) {
      return uri(
          request,
          secrets,
          cache.downloadUri(),
          cache.downloadUriFrom(),
          "buildArtifactsCache.downloadUriFrom");
    }
    return Staging.isFromCC(request)
        ? ""
        : artifacts.cacheDownload(
            request.getMetadata().getNamespace(), Staging.appId(request), validity(request));
  }

  private String cacheUpload(
      StagingRequest request, StagingRequestSpec.Buildpack buildpack, SecretValues secrets) {
    if (cacheGoesToBlobStore(request, buildpack)) {
      return artifacts.cacheUpload(
          request.getMetadata().getNamespace(), Staging.appId(request), validity(request));
    }
    var cache = buildpack.buildArtifactsCache();
    return cache == null
        ? ""
        : given(
            cache.uploadUri(), cache.uploadUriFrom(), "buildArtifactsCache.uploadUriFrom", secrets);
  }

  /** Empty: neither. */
  private static String given(
      @Nullable String uri, @Nullable ValueSource from, String field, SecretValues secrets) {
    return from == null ? or(uri, "") : secrets.get(from.secretKeyRef(), "spec.buildpack." + field);
  }

  /** Credentials are only for the copying, so they are not asked for without it. */
  private static JsonNode docker(StagingRequest request, boolean cached, SecretValues secrets) {
    var docker = request.getSpec().docker();
    if (docker == null) {
      return json(new DockerStagingData("", "", "", "", ""));
    }
    var login = or(docker.loginServer(), "");
    var reference = docker.credentialsSecretRef();
    if (!cached || reference == null) {
      return json(new DockerStagingData(docker.image(), login, "", "", ""));
    }
    return json(
        new DockerStagingData(
            docker.image(),
            login,
            secrets.get(reference, USERNAME, CREDENTIALS),
            secrets.get(reference, PASSWORD, CREDENTIALS),
            secrets.find(reference.name(), EMAIL).orElse(NO_EMAIL)));
  }

  static List<SecurityGroupRule> egressRules(StagingRequestSpec spec) {
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
