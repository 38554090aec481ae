package dev.ccbridge.lifecycle;

import java.util.List;
import java.util.Map;

/**
 * The environment that was meant for the app and its buildpacks. The wrapper scripts move the
 * variables that would change our own JVM out of its sight, under a prefix, as a container whose
 * root is an image does with those of the loader; here they come back before anything else is
 * started.
 */
final class AppEnvironment {
  private static final String PREFIX = "CCBRIDGE_APP_";

  /** The same list stands in run.sh. */
  private static final List<String> HIDDEN =
      List.of(
          "JAVA_TOOL_OPTIONS",
          "JDK_JAVA_OPTIONS",
          "_JAVA_OPTIONS",
          "LC_ALL",
          "LD_PRELOAD",
          "LD_LIBRARY_PATH",
          "LD_AUDIT");

  /** Where a container with a file system of its own has our Java; not the app's business. */
  private static final String OUR_JAVA = "CC_BRIDGE_JAVA_HOME";

  private AppEnvironment() {}

  /** Undoes in {@code environment} what the wrapper did. */
  static void restore(Map<String, String> environment) {
    environment.remove(OUR_JAVA);
    for (var name : HIDDEN) {
      environment.remove(name);
      var meant = environment.remove(PREFIX + name);
      if (meant != null) {
        environment.put(name, meant);
      }
    }
  }
}
