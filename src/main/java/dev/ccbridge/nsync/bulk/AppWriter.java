package dev.ccbridge.nsync.bulk;

import dev.ccbridge.cloudcontroller.model.DesireAppRequestFromCC;

/**
 * Where a round writes to: the resources of Cloud Controller's apps. Called on many threads at
 * once; each call is one app, and can be repeated.
 */
public interface AppWriter {
  /**
   * Stores that this app shall run like this.
   *
   * @throws RuntimeException when it cannot be, because of the app or of the moment; the app is
   *     tried again in the next round
   */
  void desire(DesireAppRequestFromCC app);

  /**
   * Stores that this app shall not run any more; nothing where there is none.
   *
   * @throws RuntimeException as above
   */
  void delete(String processGuid);
}
