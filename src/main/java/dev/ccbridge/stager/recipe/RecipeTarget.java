package dev.ccbridge.stager.recipe;

/**
 * Which task a recipe is for.
 *
 * @param completionCallbackUrl may hold a token, so it belongs in no log
 * @param ownDroplet whether the droplet goes to our own blob store, past the cc-uploader
 * @param ownCache the same of the build artifacts cache
 */
public record RecipeTarget(
    String taskGuid,
    String domain,
    String completionCallbackUrl,
    boolean ownDroplet,
    boolean ownCache) {
  /** The domain of what CC stages. */
  public static final String CC_DOMAIN = "cf-app-staging";

  @Override
  public String toString() {
    return "RecipeTarget[" + taskGuid + ", " + domain + "]";
  }
}
