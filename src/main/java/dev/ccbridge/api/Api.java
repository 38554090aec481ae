package dev.ccbridge.api;

/** Words that both resources share. */
public final class Api {
  public static final String GROUP = "ccbridge.dev";
  public static final String VERSION = "v1alpha1";

  /** Holds a resource back until nothing of it is left at the Receptor. */
  public static final String FINALIZER = GROUP + "/receptor";

  public static final String DEFAULT_STACK = "cflinuxfs4";

  private Api() {}
}
