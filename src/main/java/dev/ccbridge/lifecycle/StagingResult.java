package dev.ccbridge.lifecycle;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What staging found out, for whoever asked for it and for the launcher.
 *
 * <p>Source: buildpackapplifecycle models.go, StagingResult of 2015 (four keys).
 *
 * @param buildpackKey entry of the buildpack order that was used
 * @param detectedBuildpack what its {@code bin/detect} printed; empty if it was not asked
 * @param startCommand empty: has to be given when the app is run
 */
record StagingResult(String buildpackKey, String detectedBuildpack, String startCommand) {

  /** The result file: one JSON object and a newline. */
  String toJson() {
    var result = new LinkedHashMap<String, Object>();
    if (!buildpackKey.isEmpty()) {
      result.put("buildpack_key", buildpackKey);
    }
    result.put("detected_buildpack", detectedBuildpack);
    result.put("execution_metadata", Json.write(Map.of("start_command", startCommand)));
    result.put("detected_start_command", Map.of("web", startCommand));
    return Json.write(result) + "\n";
  }

  /** {@code staging_info.yml} of the droplet; written as JSON, which is YAML too. */
  String toStagingInfo() {
    var info = new LinkedHashMap<String, Object>();
    info.put("detected_buildpack", detectedBuildpack);
    info.put("start_command", startCommand);
    return Json.write(info) + "\n";
  }
}
