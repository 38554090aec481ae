package dev.ccbridge.nsync.recipe;

import dev.ccbridge.cloudcontroller.model.DesireAppRequestFromCC;
import dev.ccbridge.receptor.model.DesiredLRPCreateRequest;
import dev.ccbridge.receptor.model.DesiredLRPResponse;
import dev.ccbridge.receptor.model.DesiredLRPUpdateRequest;

/** Turns an app that shall run into what the Receptor is asked for. */
public sealed interface LRPRecipeBuilder permits BuildpackLRPRecipeBuilder, DockerLRPRecipeBuilder {

  /**
   * The LRP, with new ssh keys where it has an ssh server.
   *
   * @throws RecipeException when the message does not describe one
   */
  DesiredLRPCreateRequest create(DesireAppRequestFromCC app, LRPOptions options);

  /**
   * What changes of an LRP that exists: instances, annotation and the entry of the router; routes
   * with other keys survive. Nothing else of an LRP can change, so nothing else is looked at.
   *
   * <p>Differs from Diego: an LRP without any routes is updated, where the original crashed.
   * Source: nsync/handlers/desire_app_handler.go, updateDesiredApp.
   *
   * @throws RecipeException when the app's port cannot be told
   */
  DesiredLRPUpdateRequest update(
      DesireAppRequestFromCC app, LRPOptions options, DesiredLRPResponse existing);

  /**
   * The port that the app listens at, all that an update needs besides the message.
   *
   * @throws RecipeException when it cannot be told
   */
  int port(DesireAppRequestFromCC app, LRPOptions options);

  /** The builder for this app: an image makes it docker's. */
  static LRPRecipeBuilder of(
      DesireAppRequestFromCC app, RecipeConfig config, SshKeySource sshKeys) {
    return app.dockerImage().isEmpty()
        ? new BuildpackLRPRecipeBuilder(config, sshKeys)
        : new DockerLRPRecipeBuilder(config, sshKeys);
  }
}
