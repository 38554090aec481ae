package dev.ccbridge.nsync;

import dev.ccbridge.cloudcontroller.model.DesireAppRequestFromCC;
import dev.ccbridge.nsync.recipe.LRPOptions;

/**
 * The current version of a resource.
 *
 * @param app references stand in it where Secrets have the values, and the droplet's URI as the
 *     resource says it: it is not to be sent out like that
 */
record Wanted(String processGuid, DesireAppRequestFromCC app, LRPOptions options) {

  int instances() {
    return app.numInstances();
  }
}
