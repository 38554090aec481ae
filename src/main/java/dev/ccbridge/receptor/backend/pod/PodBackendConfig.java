package dev.ccbridge.receptor.backend.pod;

import dev.ccbridge.receptor.backend.pod.cell.CellSpec;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Settings of the Pod backend.
 *
 * @param namespace of the Pods
 * @param name tells this installation's Pods from those of another one in the same namespace; a
 *     label's value
 * @param runtimeImage has the Java runtime and the program that performs actions
 * @param delivery how the runtime comes into a container
 * @param images root file system name to image; the images need no Java
 * @param pullSecrets names of Secrets for pulling images
 * @param reachable what Pods with egress rules reach besides
 * @param userId that all programs run as; in Cloud Foundry's stacks vcap is 2000
 * @param memoryOverheadMb what a container may use beyond its own limit, for the Java runtime
 * @param fullCpuMillis what a CPU weight of 100 requests, in thousandths of a CPU
 * @param timing graces and intervals inside the container
 * @param placementPatience how long the scheduler may take for its first word on a Pod
 * @param startPatience how long a kubelet may take to bring a container up, image pulls included,
 *     while it meets errors
 * @param lostAfter how long a node may be away before its containers are given up
 * @param endedKept ended Pods of an LRP instance that are kept for their logs
 */
public record PodBackendConfig(
    String namespace,
    String name,
    String runtimeImage,
    Delivery delivery,
    Map<String, String> images,
    List<String> pullSecrets,
    List<Reachable> reachable,
    long userId,
    int memoryOverheadMb,
    int fullCpuMillis,
    CellSpec.Timing timing,
    Duration placementPatience,
    Duration startPatience,
    Duration lostAfter,
    int endedKept) {
  public PodBackendConfig {
    images = Map.copyOf(images);
    pullSecrets = List.copyOf(pullSecrets);
    reachable = List.copyOf(reachable);
  }

  /** How the runtime comes into a container. */
  public enum Delivery {
    /** Mounted as an image volume: nothing is copied. Kubernetes 1.35 has these by default. */
    IMAGE_VOLUME,
    /** Copied by an init container, for older clusters. */
    INIT_CONTAINER
  }

  /** Of all that is made for the containers of this installation. */
  public Map<String, String> labels() {
    return PodMarks.ofCell(name);
  }

  /** Of the Pods of one LRP's instances. */
  public Map<String, String> labelsOf(String processGuid) {
    var labels = new LinkedHashMap<String, String>();
    labels.put(PodMarks.CELL, name);
    labels.putAll(PodMarks.ofProcess(processGuid));
    return labels;
  }

  /** Diego's graces and intervals. */
  public static PodBackendConfig defaults(
      String namespace, String runtimeImage, Map<String, String> images) {
    return new PodBackendConfig(
        namespace,
        "cc-bridge",
        runtimeImage,
        Delivery.IMAGE_VOLUME,
        images,
        List.of(),
        List.of(),
        2000,
        96,
        200,
        new CellSpec.Timing(Duration.ofSeconds(10), Duration.ofMillis(500), Duration.ofSeconds(30)),
        Duration.ofSeconds(15),
        Duration.ofMinutes(5),
        Duration.ofSeconds(60),
        2);
  }

  public PodBackendConfig withDelivery(Delivery other) {
    return with(draft -> draft.delivery = other);
  }

  public PodBackendConfig withPullSecrets(List<String> other) {
    return with(draft -> draft.pullSecrets = other);
  }

  public PodBackendConfig withReachable(List<Reachable> other) {
    return with(draft -> draft.reachable = other);
  }

  public PodBackendConfig withUserId(long other) {
    return with(draft -> draft.userId = other);
  }

  public PodBackendConfig withTiming(CellSpec.Timing other) {
    return with(draft -> draft.timing = other);
  }

  private PodBackendConfig with(Consumer<Draft> change) {
    var draft = new Draft(this);
    change.accept(draft);
    return draft.finish();
  }

  /** What differs from other settings. Used by one thread. */
  private static final class Draft {
    private final PodBackendConfig before;
    private Delivery delivery;
    private List<String> pullSecrets;
    private List<Reachable> reachable;
    private long userId;
    private CellSpec.Timing timing;

    Draft(PodBackendConfig before) {
      this.before = before;
      this.delivery = before.delivery;
      this.pullSecrets = before.pullSecrets;
      this.reachable = before.reachable;
      this.userId = before.userId;
      this.timing = before.timing;
    }

    PodBackendConfig finish() {
      return new PodBackendConfig(
          before.namespace,
          before.name,
          before.runtimeImage,
          delivery,
          before.images,
          pullSecrets,
          reachable,
          userId,
          before.memoryOverheadMb,
          before.fullCpuMillis,
          timing,
          before.placementPatience,
          before.startPatience,
          before.lostAfter,
          before.endedKept);
    }
  }
}
