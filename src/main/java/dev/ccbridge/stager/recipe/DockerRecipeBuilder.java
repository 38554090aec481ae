package dev.ccbridge.stager.recipe;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import dev.ccbridge.cloudcontroller.model.DockerStagingData;
import dev.ccbridge.cloudcontroller.model.StagingRequestFromCC;
import dev.ccbridge.receptor.model.Action;
import dev.ccbridge.receptor.model.EnvironmentVariable;
import dev.ccbridge.receptor.model.ReceptorJson;
import dev.ccbridge.receptor.model.SecurityGroupRule;
import dev.ccbridge.receptor.model.TaskCreateRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The task that reads an image's metadata, and copies the image to the caching registry where that
 * is wanted. Source: stager backend/docker_backend.go @1847376. Thread-safe.
 *
 * <p>Differs from Diego: of a request that is cached the original sent the egress rules twice, as
 * its successors of October 2015 no longer did.
 */
public final class DockerRecipeBuilder {
  private static final String USER = "vcap";
  private static final String LIFECYCLE = "/tmp/docker_app_lifecycle";
  private static final String RESULT = "/tmp/docker-result/result.json";
  private static final EnvironmentVariable CACHE =
      new EnvironmentVariable("DIEGO_DOCKER_CACHE", "true");

  /** The docker daemon that copies the image needs it. */
  private static final String CACHING_USER = "root";

  /** The catalogue has no port, and the rule does not follow the address. */
  private static final long REGISTRY_PORT = 8080;

  private final RecipeConfig config;
  private final Lifecycles lifecycles;

  public DockerRecipeBuilder(RecipeConfig config) {
    this.config = config;
    this.lifecycles = new Lifecycles(config);
  }

  /** The variable by which an app asks for caching. */
  public static EnvironmentVariable cacheVariable() {
    return CACHE;
  }

  /** Whether an environment asks for caching. */
  public static boolean wantsCache(List<EnvironmentVariable> environment) {
    return environment.contains(CACHE);
  }

  /**
   * Whether {@link #build} needs to know the registries, which are asked for only when all else is
   * well.
   *
   * @throws RecipeException with the original's text when the request lacks something
   */
  public boolean needsRegistries(StagingRequestFromCC request) {
    check(request, stagingData(request.lifecycleData()));
    lifecycleUrl();
    if (!wantsCache(request.environment())) {
      return false;
    }
    RegistryAddress.parse(config.dockerRegistryAddress());
    return true;
  }

  /**
   * The task for {@code request}.
   *
   * @param registries addresses of the nodes of the caching registry; of no meaning when nothing is
   *     cached
   * @throws RecipeException with the original's text when the request lacks something
   */
  public TaskCreateRequest build(
      RecipeTarget target, StagingRequestFromCC request, List<String> registries) {
    var cached = needsRegistries(request);
    if (cached && registries.isEmpty()) {
      throw new RecipeException("missing docker registry");
    }
    var data = stagingData(request.lifecycleData());
    var run = runBuilder(request, arguments(data, cached, registries), cached);
    var phases = Action.serial(List.of(downloadLifecycle(lifecycleUrl()), run));
    var timeout = StagingTimeout.of(request);
    return task(
        target,
        request,
        Action.timeout(timeout.nanos(), phases),
        cached ? withRegistries(request.egressRules(), registries) : request.egressRules());
  }

  private String lifecycleUrl() {
    if (config.lifecycles().getOrDefault(StagingRequestFromCC.DOCKER, "").isEmpty()) {
      throw Lifecycles.missing();
    }
    return lifecycles.url(StagingRequestFromCC.DOCKER, "unknown scheme: '%s'");
  }

  private static DockerStagingData stagingData(@Nullable JsonNode data) {
    if (data == null) {
      throw new RecipeException("missing lifecycle data");
    }
    try {
      return ReceptorJson.mapper().treeToValue(data, DockerStagingData.class);
    } catch (JsonProcessingException wrongShape) {
      // Without the parser's quotation of it, which may hold credentials.
      throw new RecipeException("lifecycle data of another shape", wrongShape);
    }
  }

  private static void check(StagingRequestFromCC request, DockerStagingData data) {
    if (request.appId().isEmpty()) {
      throw new RecipeException("missing app id");
    }
    if (data.dockerImage().isEmpty()) {
      throw new RecipeException("missing docker image download url");
    }
    if (data.hasPartialCredentials()) {
      throw new RecipeException("missing docker credentials");
    }
  }

  private static Action downloadLifecycle(String url) {
    return Action.emitProgress(
        "",
        "",
        "Failed to set up docker environment",
        Action.download("", url, LIFECYCLE, "docker-lifecycle", USER));
  }

  /** Credentials are only for the copying. */
  private List<String> arguments(DockerStagingData data, boolean cached, List<String> registries) {
    var arguments = new ArrayList<String>();
    arguments.addAll(List.of("-outputMetadataJSONFilename", RESULT));
    arguments.addAll(List.of("-dockerRef", data.dockerImage()));
    if (!cached) {
      return arguments;
    }
    var address = RegistryAddress.parse(config.dockerRegistryAddress());
    arguments.add("-cacheDockerImage");
    arguments.addAll(List.of("-dockerRegistryHost", address.host()));
    arguments.addAll(List.of("-dockerRegistryPort", address.port()));
    arguments.addAll(List.of("-dockerRegistryIPs", String.join(",", registries)));
    if (config.insecureDockerRegistry()) {
      arguments.addAll(List.of("-insecureDockerRegistries", address.toString()));
    }
    if (!data.dockerLoginServer().isEmpty()) {
      arguments.addAll(List.of("-dockerLoginServer", data.dockerLoginServer()));
    }
    if (data.hasCredentials()) {
      arguments.addAll(List.of("-dockerUser", data.dockerUser()));
      arguments.addAll(List.of("-dockerPassword", data.dockerPassword()));
      arguments.addAll(List.of("-dockerEmail", data.dockerEmail()));
    }
    return arguments;
  }

  private static Action runBuilder(
      StagingRequestFromCC request, List<String> arguments, boolean cached) {
    return Action.emitProgress(
        "Staging...",
        "Staging Complete",
        "Staging Failed",
        Action.run(
            cached ? CACHING_USER : USER,
            LIFECYCLE + "/builder",
            arguments,
            request.environment(),
            OpenFiles.limit(request),
            ""));
  }

  private static List<SecurityGroupRule> withRegistries(
      List<SecurityGroupRule> rules, List<String> registries) {
    return Stream.concat(rules.stream(), registries.stream().map(DockerRecipeBuilder::registryRule))
        .toList();
  }

  private static SecurityGroupRule registryRule(String address) {
    return new SecurityGroupRule(
        "tcp", List.of(address), List.of(REGISTRY_PORT), null, null, false);
  }

  private TaskCreateRequest task(
      RecipeTarget target,
      StagingRequestFromCC request,
      Action action,
      List<SecurityGroupRule> egressRules) {
    return new TaskCreateRequest(
        action,
        Annotations.of(StagingRequestFromCC.DOCKER),
        target.completionCallbackUrl(),
        0,
        request.diskMb(),
        target.domain(),
        request.logGuid(),
        "STG",
        "",
        request.memoryMb(),
        RESULT,
        target.taskGuid(),
        "preloaded:" + config.dockerStagingStack(),
        true,
        List.of(),
        egressRules);
  }
}
