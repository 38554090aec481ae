package dev.ccbridge.lifecycle;

import java.util.List;
import java.util.Map;

/**
 * The environment that was meant for the app and its buildpacks. The wrapper scripts move the
 * variables that would change our own JVM out of its sight, under a prefix; here they come back
 * before anything else is started.
 */
final class AppEnvironment {
  private static final String PREFIX = "CCBRIDGE_APP_";

  /** The same list stands in find-java.sh. */
  private static final List<String> HIDDEN =
      List.of("JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS", "_JAVA_OPTIONS", "LC_ALL");

  private AppEnvironment() {}

  /** Undoes in {@code environment} what the wrapper did. */
  static void restore(Map<String, String> environment) {
    for (var name : HIDDEN) {
      environment.remove(name);
      var meant = environment.remove(PREFIX + name);
      if (meant != null) {
        environment.put(name, meant);
      }
    }
  }
}
