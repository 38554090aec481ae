package dev.ccbridge.receptor.backend;

/**
 * How a container ended.
 *
 * @param failed whether its action failed; an LRP instance that ends counts as crashed either way
 * @param reason the failure in the words of the reference (§3.3, §4.5); empty when not failed
 * @param result content of a task's result file; empty when failed
 */
public record ContainerOutcome(boolean failed, String reason, String result) {

  public static ContainerOutcome succeeded(String result) {
    return new ContainerOutcome(false, "", result);
  }

  public static ContainerOutcome failed(String reason) {
    return new ContainerOutcome(true, reason, "");
  }
}
