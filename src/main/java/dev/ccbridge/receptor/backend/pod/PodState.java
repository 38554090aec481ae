package dev.ccbridge.receptor.backend.pod;

import dev.ccbridge.receptor.backend.PlacementException;
import dev.ccbridge.receptor.backend.pod.cell.CellReport;
import io.fabric8.kubernetes.api.model.ContainerState;
import io.fabric8.kubernetes.api.model.ContainerStateTerminated;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodCondition;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What a Pod's status says of its container. Pure. */
sealed interface PodState {

  /** The scheduler has not spoken yet. */
  record Unscheduled() implements PodState {}

  /**
   * The scheduler has found no node.
   *
   * @param error in the words of the protocol
   * @param lacking what there is too little of: {@code memory}, {@code disk}; empty: it is not that
   */
  record Unschedulable(String error, List<String> lacking) implements PodState {

    /** With what is lacking, where that may be said. */
    String explained() {
      return lacking.isEmpty() ? error : error + ": " + String.join(", ", lacking);
    }
  }

  /** On a node, and not running yet. */
  record Starting(String node) implements PodState {}

  /**
   * On a node that says that it cannot bring it up.
   *
   * @param reason the kubelet's: {@code ImagePullBackOff}, {@code CreateContainerError} …
   * @param hopeless whether trying again leads nowhere
   */
  record Failing(String node, String reason, boolean hopeless) implements PodState {}

  /**
   * @param ready whether an instance runs by its own health check
   */
  record Running(String node, String address, boolean ready) implements PodState {}

  /**
   * Nothing of it runs any more.
   *
   * @param report empty: the program inside came to say nothing
   * @param isPrograms whether it is the end of the instance's program itself, of which its exit
   *     status is all that is told
   */
  record Ended(
      Optional<CellReport> report, End how, int exitStatus, String address, boolean isPrograms)
      implements PodState {

    /** Of a Pod that nothing more is to be had of. */
    static Ended silently(End how) {
      return new Ended(Optional.empty(), how, 0, "", false);
    }
  }

  /** Its node has been away for too long; whether it runs nobody knows. */
  record Lost() implements PodState {}

  /** How a container ended, as far as Kubernetes knows. */
  enum End {
    /** By itself. */
    EXITED,
    OUT_OF_MEMORY,
    /** By {@code activeDeadlineSeconds}, which is how we stop a container. */
    STOPPED,
    /** The Pod was deleted, evicted or preempted while it ran. */
    REMOVED,
    /** The kubelet refused or could not begin it. */
    NEVER_BEGAN
  }

  Set<String> FAILING =
      Set.of(
          "ErrImagePull",
          "ImagePullBackOff",
          "ImageInspectError",
          "RegistryUnavailable",
          "CreateContainerConfigError",
          "CreateContainerError",
          "RunContainerError",
          "InvalidImageName",
          "ErrImageNeverPull");
  Set<String> HOPELESS = Set.of("InvalidImageName", "ErrImageNeverPull");
  Pattern INSUFFICIENT = Pattern.compile("Insufficient ([a-z0-9.-]+)|(Too many pods)");

  /** From the end of its time to be taken for lost: what a kubelet that is there needs at most. */
  Duration LATE = Duration.ofSeconds(10);

  static PodState of(Pod pod, Instant now) {
    var status = pod.getStatus();
    var terminated = end(pod);
    if (terminated.isPresent()) {
      return ended(pod, terminated.get(), PodMarks.isSingle(pod));
    }
    var failedSetup = failedSetup(pod);
    if (failedSetup.isPresent()) {
      return ended(pod, failedSetup.get(), false);
    }
    boolean isOver = status != null && isFinal(status.getPhase());
    if (isOver) {
      return new Ended(Optional.empty(), how(pod, null), 0, address(pod), false);
    }
    if (isLost(pod, now)) {
      return new Lost();
    }
    var node = pod.getSpec().getNodeName();
    if (node == null || node.isEmpty()) {
      return condition(pod, "PodScheduled")
          .filter(c -> "False".equals(c.getStatus()) && "Unschedulable".equals(c.getReason()))
          .<PodState>map(c -> unschedulable(Objects.requireNonNullElse(c.getMessage(), "")))
          .orElseGet(Unscheduled::new);
    }
    return onNode(pod, node);
  }

  private static PodState onNode(Pod pod, String node) {
    var state = main(pod);
    if (state.map(ContainerState::getRunning).isPresent()) {
      boolean ready = condition(pod, "Ready").filter(c -> "True".equals(c.getStatus())).isPresent();
      return new Running(node, address(pod), ready);
    }
    return waitingReason(pod)
        .<PodState>map(reason -> new Failing(node, reason, HOPELESS.contains(reason)))
        .orElseGet(() -> new Starting(node));
  }

  private static boolean isFinal(@Nullable String phase) {
    return "Succeeded".equals(phase) || "Failed".equals(phase);
  }

  /** The scheduler's words: {@code 0/3 nodes are available: 3 Insufficient memory. …}. */
  private static Unschedulable unschedulable(String message) {
    var lacking = new ArrayList<String>();
    var matcher = INSUFFICIENT.matcher(message);
    while (matcher.find()) {
      var what = matcher.group(2) == null ? resource(matcher.group(1)) : "containers";
      if (!lacking.contains(what)) {
        lacking.add(what);
      }
    }
    return lacking.isEmpty()
        ? new Unschedulable(PlacementException.NO_COMPATIBLE_CELL, List.of())
        : new Unschedulable(PlacementException.INSUFFICIENT_RESOURCES, List.copyOf(lacking));
  }

  private static String resource(String name) {
    var plain = name.replaceAll("\\.$", "").toLowerCase(Locale.ROOT);
    return plain.equals("ephemeral-storage") ? "disk" : plain;
  }

  /**
   * @param isPrograms then the message is the program's own, and says nothing
   */
  private static Ended ended(Pod pod, ContainerStateTerminated terminated, boolean isPrograms) {
    var report =
        isPrograms ? Optional.<CellReport>empty() : CellReport.parse(terminated.getMessage());
    int status = Objects.requireNonNullElse(terminated.getExitCode(), 0);
    return new Ended(report, how(pod, terminated), status, address(pod), isPrograms);
  }

  /** When a setup has failed, no other container of its Pod begins. */
  private static Optional<ContainerStateTerminated> failedSetup(Pod pod) {
    var status = pod.getStatus();
    return status == null
        ? Optional.empty()
        : state(status.getInitContainerStatuses(), PodManifests.SETUP)
            .map(ContainerState::getTerminated)
            .filter(setup -> !Integer.valueOf(0).equals(setup.getExitCode()));
  }

  private static End how(Pod pod, @Nullable ContainerStateTerminated terminated) {
    if ("DeadlineExceeded".equals(pod.getStatus().getReason())) {
      return End.STOPPED;
    }
    if (terminated != null && "OOMKilled".equals(terminated.getReason())) {
      return End.OUT_OF_MEMORY;
    }
    if (pod.getMetadata().getDeletionTimestamp() != null
        || condition(pod, "DisruptionTarget").filter(c -> "True".equals(c.getStatus())).isPresent()
        || Set.of("Evicted", "NodeShutdown", "Terminated", "NodeLost")
            .contains(String.valueOf(pod.getStatus().getReason()))) {
      return End.REMOVED;
    }
    return terminated == null
            || Set.of("ContainerCannotRun", "StartError")
                .contains(String.valueOf(terminated.getReason()))
        ? End.NEVER_BEGAN
        : End.EXITED;
  }

  /** Told to go and still there when it had to be gone: nobody is on its node to see to it. */
  private static boolean isLost(Pod pod, Instant now) {
    var deletion = pod.getMetadata().getDeletionTimestamp();
    if (deletion == null) {
      return false;
    }
    try {
      return now.isAfter(Instant.parse(deletion).plus(LATE));
    } catch (DateTimeParseException e) {
      return false;
    }
  }

  /** How the first container has ended; empty: it has not, or never began. */
  static Optional<ContainerStateTerminated> end(Pod pod) {
    return main(pod).map(ContainerState::getTerminated);
  }

  private static Optional<ContainerState> main(Pod pod) {
    var status = pod.getStatus();
    return status == null
        ? Optional.empty()
        : state(status.getContainerStatuses(), PodManifests.MAIN);
  }

  private static Optional<ContainerState> state(
      @Nullable List<ContainerStatus> statuses, String name) {
    return statuses == null
        ? Optional.empty()
        : statuses.stream()
            .filter(c -> name.equals(c.getName()))
            .map(c -> c.getState())
            .filter(Objects::nonNull)
            .findFirst();
  }

  private static Optional<String> waitingReason(Pod pod) {
    var status = pod.getStatus();
    var all = new ArrayList<>(status.getContainerStatuses());
    all.addAll(status.getInitContainerStatuses());
    return all.stream()
        .map(c -> c.getState())
        .filter(state -> state != null && state.getWaiting() != null)
        .map(state -> String.valueOf(state.getWaiting().getReason()))
        .filter(FAILING::contains)
        .findFirst();
  }

  private static Optional<PodCondition> condition(Pod pod, String type) {
    var status = pod.getStatus();
    if (status == null || status.getConditions() == null) {
      return Optional.empty();
    }
    return status.getConditions().stream().filter(c -> type.equals(c.getType())).findFirst();
  }

  private static String address(Pod pod) {
    return Objects.requireNonNullElse(pod.getStatus().getPodIP(), "");
  }
}
