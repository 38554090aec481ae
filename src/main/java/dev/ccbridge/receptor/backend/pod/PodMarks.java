package dev.ccbridge.receptor.backend.pod;

import dev.ccbridge.kube.Labels;
import dev.ccbridge.kube.Names;
import dev.ccbridge.receptor.backend.Container;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Pod;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** How a Pod tells which container it is. Labels to select by, annotations with the full guids. */
final class PodMarks {
  static final String CELL = "ccbridge.dev/cell";
  static final String KIND = "ccbridge.dev/container-kind";
  static final String TASK = "task";
  static final String INSTANCE = "instance";
  static final String PROCESS = Labels.PROCESS;
  static final String INDEX = "ccbridge.dev/index";
  static final String LOG_GUID = "ccbridge.dev/log";
  static final String GUID_ANNOTATION = "ccbridge.dev/container-guid";
  static final String PROCESS_ANNOTATION = "ccbridge.dev/process-guid";
  static final String ATTEMPT_ANNOTATION = "ccbridge.dev/placement";
  static final String DOMAIN_ANNOTATION = "ccbridge.dev/domain";

  /** Where the lines of a Pod come from whose first container is a program itself. */
  static final String LOG_SOURCE_ANNOTATION = "ccbridge.dev/log-source";

  /** {@link #LOG_SOURCE_ANNOTATION} of what is told about such a program, not by it. */
  static final String ABOUT_SOURCE_ANNOTATION = "ccbridge.dev/log-source-about";

  /** What a kubelet has killed the program for: a {@link SingleProgram.Unhealthy}. */
  static final String UNHEALTHY_ANNOTATION = "ccbridge.dev/unhealthy";

  /** Seconds that the program had to become healthy. */
  static final String START_TIMEOUT_ANNOTATION = "ccbridge.dev/start-timeout";

  /** What of its egress rules no NetworkPolicy can say. */
  static final String EGRESS_ANNOTATION = "ccbridge.dev/egress-not-expressed";

  private static final int MAX_NAME = 63;

  private PodMarks() {}

  /**
   * Of the Pod, and of its Secret. The same for every attempt to run the container, which is what
   * makes a second attempt meet the first.
   */
  static String podName(String containerGuid) {
    var name = Names.fromGuid(containerGuid);
    return name.length() <= MAX_NAME
        ? name
        : name.substring(0, MAX_NAME - 11).replaceAll("-+$", "") + "-" + Names.hash(containerGuid);
  }

  /**
   * @param cell the name of the backend
   */
  static Map<String, String> labels(Container container, String cell) {
    var labels = new LinkedHashMap<>(ofCell(cell));
    var instance = container.instance();
    labels.put(KIND, instance == null ? TASK : INSTANCE);
    if (!container.logGuid().isEmpty()) {
      labels.put(LOG_GUID, Names.labelValue(container.logGuid()));
    }
    if (instance != null) {
      labels.putAll(ofProcess(instance.processGuid()));
      labels.put(INDEX, Integer.toString(instance.index()));
    }
    return labels;
  }

  static Map<String, String> ofCell(String cell) {
    var labels = new LinkedHashMap<>(Labels.managed());
    labels.put(CELL, cell);
    return labels;
  }

  /** Of what all instances of an LRP share. */
  static Map<String, String> ofInstances(String cell) {
    var labels = new LinkedHashMap<>(ofCell(cell));
    labels.put(KIND, INSTANCE);
    return labels;
  }

  static Map<String, String> ofProcess(String processGuid) {
    return Labels.ofProcess(processGuid);
  }

  static Map<String, String> annotations(Container container) {
    var annotations = new LinkedHashMap<String, String>();
    annotations.put(GUID_ANNOTATION, container.guid());
    annotations.put(DOMAIN_ANNOTATION, container.domain());
    var instance = container.instance();
    if (instance != null) {
      annotations.put(PROCESS_ANNOTATION, instance.processGuid());
    }
    return annotations;
  }

  /** Of a Pod whose first container is the instance's program itself. */
  static Map<String, String> ofSingle(Container container, SingleProgram single) {
    return Map.of(
        LOG_SOURCE_ANNOTATION,
        single.logSource(),
        ABOUT_SOURCE_ANNOTATION,
        container.logSource(),
        START_TIMEOUT_ANNOTATION,
        Long.toString(container.startTimeoutSeconds()),
        "kubectl.kubernetes.io/default-container",
        PodManifests.MAIN);
  }

  /** Whether the first container is the instance's program itself. */
  static boolean isSingle(Pod pod) {
    var annotations = pod.getMetadata().getAnnotations();
    return annotations != null && annotations.containsKey(LOG_SOURCE_ANNOTATION);
  }

  static String logSource(Pod pod) {
    return annotation(pod, LOG_SOURCE_ANNOTATION);
  }

  static String aboutSource(Pod pod) {
    return annotation(pod, ABOUT_SOURCE_ANNOTATION);
  }

  /** Empty: for ever. */
  static Optional<Duration> startTimeout(Pod pod) {
    var seconds = annotation(pod, START_TIMEOUT_ANNOTATION);
    return seconds.matches("[1-9][0-9]{0,17}")
        ? Optional.of(Duration.ofSeconds(Long.parseLong(seconds)))
        : Optional.empty();
  }

  /** What its program was killed for, where that is known. */
  static Optional<SingleProgram.Unhealthy> unhealthy(Pod pod) {
    var why = annotation(pod, UNHEALTHY_ANNOTATION);
    return Arrays.stream(SingleProgram.Unhealthy.values())
        .filter(known -> known.name().equals(why))
        .findFirst();
  }

  /** The container that a Pod of ours is; empty for one that somebody has stripped of its mark. */
  static String guid(Pod pod) {
    return annotation(pod, GUID_ANNOTATION);
  }

  /** Which placement of its container a Pod was made for. */
  static String attempt(Pod pod) {
    return annotation(pod, ATTEMPT_ANNOTATION);
  }

  static boolean isTask(Pod pod) {
    return TASK.equals(label(pod, KIND));
  }

  /**
   * Whether the Pod was for this instance; by its full guid, which a label may have no room for.
   */
  static boolean isInstance(Pod pod, String processGuid, int index) {
    return annotation(pod, PROCESS_ANNOTATION).equals(processGuid)
        && Integer.toString(index).equals(label(pod, INDEX));
  }

  /** Empty: it is a task's. */
  static String process(HasMetadata pod) {
    return annotation(pod, PROCESS_ANNOTATION);
  }

  static boolean isOfProcess(Pod pod, String processGuid) {
    return process(pod).equals(processGuid);
  }

  /** The rules it has, by {@link EgressPolicies}; empty: none. */
  static String egress(Pod pod) {
    return Objects.requireNonNullElse(label(pod, EgressPolicies.LABEL), "");
  }

  /** Empty: all of its egress rules are in force as far as the cluster enforces any. */
  static String egressNotExpressed(Pod pod) {
    return annotation(pod, EGRESS_ANNOTATION);
  }

  private static String annotation(HasMetadata pod, String name) {
    var annotations = pod.getMetadata().getAnnotations();
    return annotations == null
        ? ""
        : Objects.requireNonNullElse((@Nullable String) annotations.get(name), "");
  }

  private static @Nullable String label(Pod pod, String name) {
    var labels = pod.getMetadata().getLabels();
    return labels == null ? null : labels.get(name);
  }
}
