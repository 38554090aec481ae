package dev.ccbridge.receptor.backend.pod;

import dev.ccbridge.executor.ProgramEnvironment.Instance;
import dev.ccbridge.kube.OwnerReferences;
import dev.ccbridge.receptor.backend.Container;
import dev.ccbridge.receptor.backend.PlacementException;
import dev.ccbridge.receptor.backend.pod.PodBackendConfig.Delivery;
import dev.ccbridge.receptor.backend.pod.cell.CellPaths;
import dev.ccbridge.receptor.backend.pod.cell.CellProgram;
import dev.ccbridge.receptor.backend.pod.cell.CellSpec;
import dev.ccbridge.receptor.backend.pod.cell.RuntimeCopy;
import io.fabric8.kubernetes.api.model.ContainerBuilder;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.EnvVarBuilder;
import io.fabric8.kubernetes.api.model.LocalObjectReference;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.PodSecurityContext;
import io.fabric8.kubernetes.api.model.PodSecurityContextBuilder;
import io.fabric8.kubernetes.api.model.Probe;
import io.fabric8.kubernetes.api.model.ProbeBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.ResourceRequirements;
import io.fabric8.kubernetes.api.model.ResourceRequirementsBuilder;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.api.model.SecurityContext;
import io.fabric8.kubernetes.api.model.SecurityContextBuilder;
import io.fabric8.kubernetes.api.model.Toleration;
import io.fabric8.kubernetes.api.model.TolerationBuilder;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.VolumeBuilder;
import io.fabric8.kubernetes.api.model.VolumeMount;
import io.fabric8.kubernetes.api.model.VolumeMountBuilder;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The Pod that a container is, and the Secret that starts it. Pure. */
final class PodManifests {
  /** The container within the Pod that performs the actions. */
  static final String MAIN = "app";

  private static final String RUNTIME_COPY = "runtime";
  private static final String SPEC_VOLUME = "spec";
  private static final String WORK_VOLUME = "work";
  private static final String RUNTIME_VOLUME = "runtime";
  private static final int HIGHEST_READY_PORT = 60_999;
  private static final int MIN_CPU_MILLIS = 10;

  /** Beyond the grace that the program inside gives its own programs: to report. */
  private static final long REPORT_SECONDS = 5;

  private final PodBackendConfig config;
  private final RootfsImages images;

  PodManifests(PodBackendConfig config) {
    this.config = config;
    this.images = new RootfsImages(config.images());
  }

  /**
   * A Pod that waits, once it is on a node, for its Secret. Holds no secret itself.
   *
   * @throws PlacementException when no node can have its root file system
   */
  Pod pod(Container container) {
    var pod =
        new PodBuilder()
            .withNewMetadata()
            .withName(PodMarks.podName(container.guid()))
            .withNamespace(config.namespace())
            .withLabels(PodMarks.labels(container, config.name()))
            .withAnnotations(PodMarks.annotations(container))
            .endMetadata()
            .withNewSpec()
            .withRestartPolicy("Never")
            .withAutomountServiceAccountToken(false)
            .withEnableServiceLinks(false)
            .withTerminationGracePeriodSeconds(graceSeconds())
            .withSecurityContext(podSecurity())
            .withTolerations(
                toleration("node.kubernetes.io/not-ready"),
                toleration("node.kubernetes.io/unreachable"))
            .withImagePullSecrets(
                config.pullSecrets().stream().map(LocalObjectReference::new).toList())
            .withVolumes(volumes(container))
            .withContainers(main(container))
            .endSpec()
            .build();
    if (config.delivery() == Delivery.INIT_CONTAINER) {
      pod.getSpec().setInitContainers(List.of(runtimeCopy()));
    }
    return pod;
  }

  private long graceSeconds() {
    return (config.timing().stopGraceMillis() + 999) / 1000 + REPORT_SECONDS;
  }

  private PodSecurityContext podSecurity() {
    return new PodSecurityContextBuilder()
        .withRunAsNonRoot(true)
        .withRunAsUser(config.userId())
        .withRunAsGroup(config.userId())
        .withFsGroup(config.userId())
        .withNewSeccompProfile()
        .withType("RuntimeDefault")
        .endSeccompProfile()
        .build();
  }

  private static SecurityContext restricted(boolean readOnlyRoot) {
    return new SecurityContextBuilder()
        .withAllowPrivilegeEscalation(false)
        .withReadOnlyRootFilesystem(readOnlyRoot)
        .withNewCapabilities()
        .withDrop("ALL")
        .endCapabilities()
        .build();
  }

  /** Kubernetes itself deletes the Pod of a node that is away for longer. */
  private Toleration toleration(String taint) {
    return new TolerationBuilder()
        .withKey(taint)
        .withOperator("Exists")
        .withEffect("NoExecute")
        .withTolerationSeconds(config.lostAfter().toSeconds())
        .build();
  }

  private List<Volume> volumes(Container container) {
    var disk = new VolumeBuilder().withName(WORK_VOLUME).withNewEmptyDir().endEmptyDir().build();
    if (container.diskMb() > 0) {
      disk.getEmptyDir().setSizeLimit(megabytes(container.diskMb()));
    }
    var spec =
        new VolumeBuilder()
            .withName(SPEC_VOLUME)
            .withNewSecret()
            .withSecretName(PodMarks.podName(container.guid()))
            .withDefaultMode(0440)
            .endSecret()
            .build();
    return List.of(disk, spec, runtime());
  }

  private Volume runtime() {
    var volume = new VolumeBuilder().withName(RUNTIME_VOLUME);
    return switch (config.delivery()) {
      case IMAGE_VOLUME ->
          volume
              .withNewImage()
              .withReference(config.runtimeImage())
              .withPullPolicy("IfNotPresent")
              .endImage()
              .build();
      case INIT_CONTAINER -> volume.withNewEmptyDir().endEmptyDir().build();
    };
  }

  private io.fabric8.kubernetes.api.model.Container main(Container container) {
    return new ContainerBuilder()
        .withName(MAIN)
        .withImage(images.image(container.rootfs()))
        .withImagePullPolicy("IfNotPresent")
        .withCommand(program(CellPaths.RUNTIME, CellProgram.class))
        .withWorkingDir("/")
        .withEnv(environment())
        .withResources(resources(container))
        .withSecurityContext(restricted(!RootfsImages.isForeign(container.rootfs())))
        .withVolumeMounts(mounts())
        .withReadinessProbe(container.isTask() ? null : readiness(container))
        .build();
  }

  /** Of the program that performs the actions; what it gives its own programs it says itself. */
  private static List<EnvVar> environment() {
    var all = new ArrayList<EnvVar>();
    all.add(
        new EnvVarBuilder()
            .withName(CellPaths.ADDRESS_VARIABLE)
            .withNewValueFrom()
            .withNewFieldRef()
            .withFieldPath("status.podIP")
            .endFieldRef()
            .endValueFrom()
            .build());
    CellPaths.LOCALE.forEach(
        (name, value) -> all.add(new EnvVarBuilder().withName(name).withValue(value).build()));
    return all;
  }

  /** Java by its own loader, from the runtime that lies in {@code root}. */
  private static List<String> program(String root, Class<?> program) {
    return List.of(
        root + "/libc/ld.so",
        "--library-path",
        root + "/libc",
        root + "/bin/java",
        "@" + root + "/java.options",
        "-cp",
        root + "/app/*",
        program.getName());
  }

  private io.fabric8.kubernetes.api.model.Container runtimeCopy() {
    return new ContainerBuilder()
        .withName(RUNTIME_COPY)
        .withImage(config.runtimeImage())
        .withImagePullPolicy("IfNotPresent")
        .withCommand(program("", RuntimeCopy.class))
        .withArgs(CellPaths.RUNTIME)
        .withSecurityContext(restricted(true))
        .withVolumeMounts(mount(RUNTIME_VOLUME, CellPaths.RUNTIME, false, ""))
        .build();
  }

  private static List<VolumeMount> mounts() {
    return List.of(
        mount(RUNTIME_VOLUME, CellPaths.RUNTIME, true, ""),
        mount(SPEC_VOLUME, CellPaths.SPEC, true, ""),
        mount(WORK_VOLUME, CellPaths.WORK, false, ""),
        mount(WORK_VOLUME, CellPaths.HOME, false, CellPaths.HOME_PART),
        mount(WORK_VOLUME, CellPaths.TMP, false, CellPaths.TMP_PART));
  }

  private static VolumeMount mount(String volume, String path, boolean readOnly, String part) {
    var mount =
        new VolumeMountBuilder().withName(volume).withMountPath(path).withReadOnly(readOnly);
    return part.isEmpty() ? mount.build() : mount.withSubPath(part).build();
  }

  /** A limit of 0 is none, but memory and disk of the Java runtime are counted either way. */
  private ResourceRequirements resources(Container container) {
    var requests = new LinkedHashMap<String, Quantity>();
    var limits = new LinkedHashMap<String, Quantity>();
    requests.put("cpu", new Quantity(cpuMillis(container) + "m"));
    var memory = megabytes(container.memoryMb() + config.memoryOverheadMb());
    requests.put("memory", memory);
    if (container.memoryMb() > 0) {
      limits.put("memory", memory);
    }
    if (container.diskMb() > 0) {
      requests.put("ephemeral-storage", megabytes(container.diskMb()));
    }
    return new ResourceRequirementsBuilder().withRequests(requests).withLimits(limits).build();
  }

  private int cpuMillis(Container container) {
    return Math.max(MIN_CPU_MILLIS, container.cpuWeight() * config.fullCpuMillis() / 100);
  }

  private static Quantity megabytes(int megabytes) {
    return new Quantity(megabytes + "Mi");
  }

  /** The program inside takes connections as soon as the instance runs, by its own health check. */
  private static Probe readiness(Container container) {
    return new ProbeBuilder()
        .withNewTcpSocket()
        .withNewPort(readyPort(container))
        .endTcpSocket()
        .withPeriodSeconds(1)
        .withFailureThreshold(1)
        .build();
  }

  /** One that the instance does not use itself. */
  private static int readyPort(Container container) {
    int port = HIGHEST_READY_PORT;
    while (container.ports().contains(port)) {
      port--;
    }
    return port;
  }

  /** What starts the Pod: what is to be done in it. Goes with the Pod. */
  Secret secret(Container container, Pod pod) {
    return new SecretBuilder()
        .withNewMetadata()
        .withName(PodMarks.podName(container.guid()))
        .withNamespace(config.namespace())
        .withLabels(PodMarks.labels(container, config.name()))
        .withAnnotations(PodMarks.annotations(container))
        .withOwnerReferences(OwnerReferences.controller(pod))
        .endMetadata()
        .withImmutable(true)
        .withStringData(Map.of(CellPaths.SPEC_FILE, spec(container).toJson()))
        .build();
  }

  private CellSpec spec(Container container) {
    return new CellSpec(
        Optional.ofNullable(container.instance())
            .map(instance -> new Instance(container.guid(), instance.index()))
            .orElse(null),
        new ArrayList<>(container.env()),
        container.setup(),
        container.action(),
        container.monitor(),
        container.startTimeoutSeconds(),
        container.ports(),
        readyPort(container),
        container.logSource(),
        container.resultFile(),
        config.timing());
  }
}
