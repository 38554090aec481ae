package dev.ccbridge.nsync.recipe;

import dev.ccbridge.cloudcontroller.model.DesireAppRequestFromCC;
import dev.ccbridge.receptor.model.Action;
import dev.ccbridge.receptor.model.DesiredLRPCreateRequest;
import dev.ccbridge.receptor.model.DesiredLRPResponse;
import dev.ccbridge.receptor.model.DesiredLRPUpdateRequest;
import java.util.List;
import java.util.Optional;

/**
 * Runs an image as what its metadata says. The credentials in the message are not used: the
 * original's cells fetch images without any. Source:
 * nsync/recipebuilder/docker_recipe_builder.go @fb3fab5.
 */
public final class DockerLRPRecipeBuilder implements LRPRecipeBuilder {
  private static final String LIFECYCLE = "docker";
  private static final String DEFAULT_USER = "root";
  private final RecipeConfig config;
  private final SshKeySource sshKeys;

  public DockerLRPRecipeBuilder(RecipeConfig config, SshKeySource sshKeys) {
    this.config = config;
    this.sshKeys = sshKeys;
  }

  @Override
  public DesiredLRPCreateRequest create(DesireAppRequestFromCC app, LRPOptions options) {
    if (app.dockerImage().isEmpty()) {
      throw new RecipeException(RecipeError.DOCKER_IMAGE_MISSING);
    }
    if (!app.dropletUri().isEmpty()) {
      throw new RecipeException(RecipeError.MULTIPLE_APP_SOURCES);
    }
    var lifecycle = config.lifecycles().get(LIFECYCLE);
    if (lifecycle == null) {
      throw new RecipeException(RecipeError.NO_LIFECYCLE_DEFINED, LIFECYCLE);
    }
    var rootfs = DockerImage.parse(app.dockerImage()).rootfs();
    var metadata = ImageMetadata.parse(app.executionMetadata());
    var user = metadata.user().isEmpty() ? DEFAULT_USER : metadata.user();
    var parts = LRPParts.of(app, options, user, ports(options, metadata), sshKeys);
    return new DesiredLRPCreateRequest(
        app.processGuid(),
        options.domain(),
        rootfs,
        app.numInstances(),
        List.of(),
        Action.serial(List.of(parts.lifecycle(config, lifecycle, "docker-lifecycle"))),
        parts.action(),
        parts.monitor(),
        app.healthCheckTimeoutInSeconds(),
        app.diskMb(),
        app.memoryMb(),
        parts.cpuWeight(),
        false,
        parts.ports(),
        parts.routes(),
        app.logGuid(),
        LRPParts.LOG_SOURCE,
        app.logGuid(),
        app.etag(),
        app.egressRules(),
        "",
        "");
  }

  @Override
  public DesiredLRPUpdateRequest update(
      DesireAppRequestFromCC app, LRPOptions options, DesiredLRPResponse existing) {
    var metadata = ImageMetadata.parse(app.executionMetadata());
    // An update makes no keys: those that exist stay in the routes.
    return new LRPParts(app, options, DEFAULT_USER, ports(options, metadata), Optional.empty())
        .update(existing);
  }

  @Override
  public int port(DesireAppRequestFromCC app, LRPOptions options) {
    return ports(options, ImageMetadata.parse(app.executionMetadata())).getFirst();
  }

  private static List<Integer> ports(LRPOptions options, ImageMetadata metadata) {
    return options.ports().isEmpty() ? List.of(metadata.exposedPort()) : options.ports();
  }
}
