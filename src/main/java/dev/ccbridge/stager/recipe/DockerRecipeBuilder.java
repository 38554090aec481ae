package dev.ccbridge.stager.recipe;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import dev.ccbridge.cloudcontroller.model.DockerStagingData;
import dev.ccbridge.cloudcontroller.model.StagingRequestFromCC;
import dev.ccbridge.receptor.model.Action;
import dev.ccbridge.receptor.model.ReceptorJson;
import dev.ccbridge.receptor.model.TaskCreateRequest;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The task that reads an image's metadata. Source: stager backend/docker_backend.go @1847376,
 * without the caching registry: a request for caching is refused as the original does when it knows
 * no registry. Thread-safe.
 */
public final class DockerRecipeBuilder {
  private static final String USER = "vcap";
  private static final String LIFECYCLE = "/tmp/docker_app_lifecycle";
  private static final String RESULT = "/tmp/docker-result/result.json";
  private static final String CACHE_VARIABLE = "DIEGO_DOCKER_CACHE";

  private final RecipeConfig config;
  private final Lifecycles lifecycles;

  public DockerRecipeBuilder(RecipeConfig config) {
    this.config = config;
    this.lifecycles = new Lifecycles(config);
  }

  /**
   * The task for {@code request}.
   *
   * @throws RecipeException with the original's text when the request lacks something
   */
  public TaskCreateRequest build(RecipeTarget target, StagingRequestFromCC request) {
    var data = stagingData(request.lifecycleData());
    check(request, data);
    var lifecycleUrl = lifecycles.url(StagingRequestFromCC.DOCKER, "unknown scheme: '%s'");
    if (wantsCache(request)) {
      throw new RecipeException("missing docker registry");
    }
    var phases = Action.serial(List.of(downloadLifecycle(lifecycleUrl), runBuilder(request, data)));
    var timeout = StagingTimeout.of(request);
    return task(target, request, Action.timeout(timeout.nanos(), phases));
  }

  private static DockerStagingData stagingData(@Nullable JsonNode data) {
    if (data == null) {
      throw new RecipeException("missing lifecycle data");
    }
    try {
      return ReceptorJson.mapper().treeToValue(data, DockerStagingData.class);
    } catch (JsonProcessingException wrongShape) {
      throw new RecipeException(wrongShape.getOriginalMessage(), wrongShape);
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

  private static boolean wantsCache(StagingRequestFromCC request) {
    return request.environment().stream()
        .anyMatch(v -> v.name().equals(CACHE_VARIABLE) && v.value().equals("true"));
  }

  private static Action downloadLifecycle(String url) {
    return Action.emitProgress(
        "",
        "",
        "Failed to set up docker environment",
        Action.download("", url, LIFECYCLE, "docker-lifecycle", USER));
  }

  /** Credentials are not passed: only the caching, which is not done here, would use them. */
  private static Action runBuilder(StagingRequestFromCC request, DockerStagingData data) {
    var arguments = new ArrayList<String>();
    arguments.addAll(List.of("-outputMetadataJSONFilename", RESULT));
    arguments.addAll(List.of("-dockerRef", data.dockerImage()));
    return Action.emitProgress(
        "Staging...",
        "Staging Complete",
        "Staging Failed",
        Action.run(
            USER,
            LIFECYCLE + "/builder",
            arguments,
            request.environment(),
            OpenFiles.limit(request),
            ""));
  }

  private TaskCreateRequest task(RecipeTarget target, StagingRequestFromCC request, Action action) {
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
        request.egressRules());
  }
}
