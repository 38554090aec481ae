package dev.ccbridge.nsync.recipe;

import java.util.Map;

/**
 * What recipes need to know of their surroundings.
 *
 * @param lifecycles {@code buildpack/<stack>} or {@code docker} to the path of the lifecycle's
 *     archive at the file server
 * @param fileServerUrl base URL of the file server, as the cells reach it
 */
public record RecipeConfig(Map<String, String> lifecycles, String fileServerUrl) {
  public RecipeConfig {
    lifecycles = Map.copyOf(lifecycles);
  }

  /**
   * Where the archive at {@code path} is fetched. Base and path are joined with exactly one slash.
   * Source: gunk/urljoiner; nsync joins a full URL as well, unlike the stager.
   */
  String staticUrl(String path) {
    var base =
        fileServerUrl.endsWith("/")
            ? fileServerUrl.substring(0, fileServerUrl.length() - 1)
            : fileServerUrl;
    return base + "/v1/static/" + (path.startsWith("/") ? path.substring(1) : path);
  }
}
