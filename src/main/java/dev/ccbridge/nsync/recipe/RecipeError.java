package dev.ccbridge.nsync.recipe;

/** Why no recipe can be made. Source: nsync/recipebuilder/recipe_builder.go, errors. */
public enum RecipeError {
  /** ErrAppSourceMissing. */
  APP_SOURCE_MISSING(true, "desired app missing droplet_uri"),
  /** ErrDockerImageMissing. */
  DOCKER_IMAGE_MISSING(true, "desired app missing docker_image"),
  /** ErrMultipleAppSources. */
  MULTIPLE_APP_SOURCES(
      true, "desired app contains both droplet_uri and docker_image; exactly one is required."),
  /** ErrNoLifecycleDefined. */
  NO_LIFECYCLE_DEFINED(true, "no lifecycle binary bundle defined for stack"),
  /** The image reference cannot be read. */
  BAD_IMAGE(false, "bad docker image"),
  /** The execution metadata is no JSON object of the expected members. */
  BAD_EXECUTION_METADATA(false, "bad execution metadata"),
  /** The image exposes ports, none of them for tcp. */
  NO_TCP_PORT(false, "No tcp ports found in image metadata");

  private final boolean badRequest;
  private final String text;

  RecipeError(boolean badRequest, String text) {
    this.badRequest = badRequest;
    this.text = text;
  }

  /** Whether the listener answers 400; otherwise it answers 503, as for an error of its own. */
  public boolean badRequest() {
    return badRequest;
  }

  /** The original's message. */
  public String text() {
    return text;
  }
}
