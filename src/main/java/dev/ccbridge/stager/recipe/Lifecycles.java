package dev.ccbridge.stager.recipe;

import dev.ccbridge.receptor.model.GoUrl;

/** Where the lifecycle programs are downloaded from. */
final class Lifecycles {
  private static final String STATIC = "/v1/static/";
  private final RecipeConfig config;

  Lifecycles(RecipeConfig config) {
    this.config = config;
  }

  /**
   * The URL of the bundle that is configured for {@code key}.
   *
   * @param badScheme what to say of a scheme other than http and https, with {@code %s} for it
   */
  String url(String key, String badScheme) {
    var bundle = config.lifecycles().get(key);
    if (bundle == null) {
      throw missing();
    }
    var url =
        GoUrl.parse(bundle).orElseThrow(() -> new RecipeException("couldn't parse compiler URL"));
    return switch (url.scheme()) {
      case "http", "https" -> url.toString();
      case "" -> atFileServer(bundle);
      default -> throw new RecipeException(badScheme.replace("%s", url.scheme()));
    };
  }

  static RecipeException missing() {
    return new RecipeException("no compiler defined for requested stack");
  }

  private String atFileServer(String path) {
    return GoUrl.parseRequestUri(Urls.join(config.fileServerUrl(), STATIC, path))
        .orElseThrow(() -> new RecipeException("failed to parse compiler download URL"))
        .toString();
  }
}
