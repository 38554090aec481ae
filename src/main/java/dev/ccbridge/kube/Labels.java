package dev.ccbridge.kube;

import java.util.Map;

/** Labels of what the operator makes itself. */
public final class Labels {
  public static final String MANAGED_BY = "app.kubernetes.io/managed-by";
  public static final String CC_BRIDGE = "cc-bridge";

  private Labels() {}

  /** On every object that the operator makes; informers and clean-up select by it. */
  public static Map<String, String> managed() {
    return Map.of(MANAGED_BY, CC_BRIDGE);
  }
}
