package dev.ccbridge.lifecycle;

import java.io.IOException;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Fills into {@code VCAP_APPLICATION} what only the instance knows.
 *
 * <p>Source: buildpackapplifecycle launcher/main.go. Differs from Diego: numbers that were there
 * keep all their digits; Go's went through a 64-bit float.
 */
final class VcapApplication {
  private VcapApplication() {}

  /** The new value, or empty if the one in {@code environment} is to be left alone. */
  static Optional<String> forInstance(Map<String, String> environment) {
    Map<String, @Nullable Object> application;
    try {
      application = Json.parseObject(environment.getOrDefault("VCAP_APPLICATION", ""));
    } catch (IOException e) {
      return Optional.empty(); // not ours to judge: the app gets what it was given
    }
    if (application == null) {
      return Optional.empty();
    }
    application.put("host", "0.0.0.0");
    application.put("instance_id", environment.getOrDefault("INSTANCE_GUID", ""));
    putNumber(application, "port", environment.get("PORT"));
    putNumber(application, "instance_index", environment.get("INSTANCE_INDEX"));
    return Optional.of(Json.write(application));
  }

  private static void putNumber(
      Map<String, @Nullable Object> application, String key, @Nullable String text) {
    try {
      application.put(key, Long.valueOf(String.valueOf(text)));
    } catch (NumberFormatException e) {
      return; // absent or not a number: what stood there stays
    }
  }
}
