package dev.ccbridge.kube;

import java.util.Map;

/** Labels of what the operator makes itself. */
public final class Labels {
  public static final String MANAGED_BY = "app.kubernetes.io/managed-by";
  public static final String CC_BRIDGE = "cc-bridge";

  /** Of a Pod that is an instance: whose; selectors of the scale subresource select by it. */
  public static final String PROCESS = "ccbridge.dev/process";

  private Labels() {}

  /** Of all instances of one version of a process. */
  public static Map<String, String> ofProcess(String processGuid) {
    return Map.of(PROCESS, Names.labelValue(processGuid));
  }

  /** On every object that the operator makes; informers and clean-up select by it. */
  public static Map<String, String> managed() {
    return Map.of(MANAGED_BY, CC_BRIDGE);
  }
}
