package dev.ccbridge.nsync.recipe;

import dev.ccbridge.cloudcontroller.model.DesireAppRequestFromCC;
import dev.ccbridge.receptor.model.Action;
import dev.ccbridge.receptor.model.DesiredLRPCreateRequest;
import dev.ccbridge.receptor.model.DesiredLRPResponse;
import dev.ccbridge.receptor.model.DesiredLRPUpdateRequest;
import dev.ccbridge.receptor.model.EnvironmentVariable;
import java.util.List;
import java.util.Optional;

/**
 * Runs a droplet on the root filesystem it was staged for. Source:
 * nsync/recipebuilder/buildpack_recipe_builder.go @fb3fab5.
 */
public final class BuildpackLRPRecipeBuilder implements LRPRecipeBuilder {
  private static final String USER = "vcap";
  private final RecipeConfig config;
  private final SshKeySource sshKeys;

  public BuildpackLRPRecipeBuilder(RecipeConfig config, SshKeySource sshKeys) {
    this.config = config;
    this.sshKeys = sshKeys;
  }

  @Override
  public DesiredLRPCreateRequest create(DesireAppRequestFromCC app, LRPOptions options) {
    if (app.dropletUri().isEmpty()) {
      throw new RecipeException(RecipeError.APP_SOURCE_MISSING);
    }
    if (!app.dockerImage().isEmpty()) {
      throw new RecipeException(RecipeError.MULTIPLE_APP_SOURCES);
    }
    var lifecycle = config.lifecycles().get("buildpack/" + app.stack());
    if (lifecycle == null) {
      throw new RecipeException(RecipeError.NO_LIFECYCLE_DEFINED, app.stack());
    }
    var parts = LRPParts.of(app, options, USER, ports(options), sshKeys);
    return new DesiredLRPCreateRequest(
        app.processGuid(),
        options.domain(),
        "preloaded:" + app.stack(),
        app.numInstances(),
        List.of(new EnvironmentVariable("LANG", "en_US.UTF-8")),
        setup(parts, lifecycle),
        parts.action(),
        parts.monitor(),
        app.healthCheckTimeoutInSeconds(),
        app.diskMb(),
        app.memoryMb(),
        parts.cpuWeight(),
        true,
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
    // An update makes no keys: those that exist stay in the routes.
    return new LRPParts(app, options, USER, ports(options), Optional.empty()).update(existing);
  }

  @Override
  public int port(DesireAppRequestFromCC app, LRPOptions options) {
    return ports(options).getFirst();
  }

  private Action setup(LRPParts parts, String lifecycle) {
    var app = parts.app();
    return Action.serial(
        List.of(
            parts.lifecycle(config, lifecycle, "buildpack-" + app.stack() + "-lifecycle"),
            Action.download("", app.dropletUri(), ".", "droplets-" + app.processGuid(), USER)));
  }

  private static List<Integer> ports(LRPOptions options) {
    return options.ports().isEmpty() ? List.of(LRPParts.DEFAULT_PORT) : options.ports();
  }
}
