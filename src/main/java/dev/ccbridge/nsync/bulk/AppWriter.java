package dev.ccbridge.nsync.bulk;

import dev.ccbridge.cloudcontroller.model.DesireAppRequestFromCC;
import dev.ccbridge.nsync.AppResources;

/**
 * Where a round writes to: the resources of Cloud Controller's apps. Called on many threads at
 * once; each call is one app, and can be repeated.
 */
public interface AppWriter {
  /**
   * Stores that this app shall run like this.
   *
   * @param known whether there is a resource of it, as far as is known; told wrongly, it only costs
   *     a request more
   * @throws RuntimeException when it cannot be, because of the app or of the moment; the app is
   *     tried again in the next round
   */
  void desire(DesireAppRequestFromCC app, boolean known);

  /**
   * Stores that this app shall not run any more; nothing where there is none.
   *
   * @throws RuntimeException as above
   */
  void delete(String processGuid);

  /** The resources themselves. */
  static AppWriter of(AppResources resources) {
    return new AppWriter() {
      @Override
      public void desire(DesireAppRequestFromCC app, boolean known) {
        resources.desire(app, known);
      }

      @Override
      public void delete(String processGuid) {
        resources.delete(processGuid);
      }
    };
  }
}
