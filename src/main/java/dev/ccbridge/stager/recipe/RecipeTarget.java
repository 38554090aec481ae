package dev.ccbridge.stager.recipe;

/**
 * Which task a recipe is for.
 *
 * @param completionCallbackUrl may hold a token, so it belongs in no log
 */
public record RecipeTarget(String taskGuid, String domain, String completionCallbackUrl) {
  /** The domain of what CC stages. */
  public static final String CC_DOMAIN = "cf-app-staging";

  @Override
  public String toString() {
    return "RecipeTarget[" + taskGuid + ", " + domain + "]";
  }
}
