package dev.ccbridge.stager.recipe;

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
    var bundle = config.lifecycles().getOrDefault(key, "");
    if (bundle.isEmpty()) {
      throw new RecipeException("no compiler defined for requested stack");
    }
    var scheme = Urls.scheme(bundle);
    if (scheme.isEmpty()) {
      return Urls.join(config.fileServerUrl(), STATIC, bundle);
    }
    if (!Urls.isHttp(bundle)) {
      throw new RecipeException(badScheme.replace("%s", scheme));
    }
    return bundle;
  }
}
