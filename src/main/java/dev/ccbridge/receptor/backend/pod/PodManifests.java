package dev.ccbridge.receptor.backend.pod;

import dev.ccbridge.kube.OwnerReferences;
import dev.ccbridge.receptor.backend.Container;
import dev.ccbridge.receptor.backend.PlacementException;
import dev.ccbridge.receptor.backend.pod.PodBackendConfig.Delivery;
import dev.ccbridge.receptor.backend.pod.cell.CellPaths;
import dev.ccbridge.receptor.backend.pod.cell.CellProgram;
import dev.ccbridge.receptor.backend.pod.cell.CellSpec;
import dev.ccbridge.receptor.backend.pod.cell.RuntimeCopy;
import dev.ccbridge.receptor.model.Action;
import dev.ccbridge.receptor.model.ImageCredentials;
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
import java.util.UUID;
import java.util.stream.Stream;

/** The Pod that a container is, and the Secret with what it has to do. Pure. */
final class PodManifests {
  /** The container within the Pod that performs the actions, or is an instance's only program. */
  static final String MAIN = "app";

  /** What performs the setup of an instance whose action is a single program. */
  static final String SETUP = "setup";

  /** Where the Secret holds what {@link #MAIN} has to do. */
  static final String SPEC_KEY = "spec.json";

  private static final String RUNTIME_COPY = "runtime";
  private static final String SPEC_VOLUME = "spec";
  private static final String SETUP_SPEC_KEY = "setup.json";

  /** The key and the type by which a kubelet takes a Secret for pulling images. */
  private static final String DOCKER_CONFIG_KEY = ".dockerconfigjson";

  private static final String DOCKER_CONFIG_TYPE = "kubernetes.io/dockerconfigjson";

  private static final String WORK_VOLUME = "work";
  private static final String RUNTIME_VOLUME = "runtime";
  private static final int HIGHEST_READY_PORT = 60_999;
  private static final int MIN_CPU_MILLIS = 10;

  /**
   * Asks all programs of the container to end, as Diego does, and waits for them: the kubelet
   * itself asks only the first. Where there is no shell, that must do.
   */
  private static final String TELL_ALL =
      "kill -TERM -1; while kill -0 -1 2>/dev/null; do sleep 0.1 || exit; done";

  /** What performs actions is a program for Linux, whatever a stack's name. */
  private static final Map<String, String> LINUX = Map.of("kubernetes.io/os", "linux");

  /** What Java needs before it gives its place to the program. */
  private static final int LAUNCH_MB = 64;

  /** Beyond the grace that the program inside gives its own programs: to report. */
  private static final long REPORT_SECONDS = 5;

  private final PodBackendConfig config;
  private final RootfsImages images;

  PodManifests(PodBackendConfig config) {
    this.config = config;
    this.images = new RootfsImages(config.images());
  }

  /**
   * @throws PlacementException when no node can have its root file system
   */
  void requireImage(Container container) {
    images.image(container.rootfs());
  }

  /**
   * A Pod that waits, once it is on a node, for its Secret. Holds no secret itself.
   *
   * @param attempt random
   * @param secret the name of its Secret
   * @throws PlacementException when no node can have its root file system
   */
  Pod pod(Container container, UUID attempt, String secret) {
    var single = SingleProgram.of(container);
    var pod =
        new PodBuilder()
            .withNewMetadata()
            .withName(PodMarks.podName(container.guid()))
            .withNamespace(config.namespace())
            .withLabels(PodMarks.labels(container, config.name()))
            .addToLabels(egressLabel(container))
            .withAnnotations(PodMarks.annotations(container))
            .addToAnnotations(PodMarks.ATTEMPT_ANNOTATION, attempt.toString())
            .addToAnnotations(egressAnnotation(container))
            .addToAnnotations(single.map(its -> PodMarks.ofSingle(container, its)).orElse(Map.of()))
            .endMetadata()
            .withNewSpec()
            .withShareProcessNamespace(single.isPresent() ? true : null)
            .withRestartPolicy("Never")
            .withAutomountServiceAccountToken(false)
            .withEnableServiceLinks(false)
            .withTerminationGracePeriodSeconds(
                graceSeconds() + (single.isPresent() ? 0 : REPORT_SECONDS))
            .withNodeSelector(LINUX)
            .withSecurityContext(podSecurity())
            .withTolerations(
                toleration("node.kubernetes.io/not-ready"),
                toleration("node.kubernetes.io/unreachable"))
            .withImagePullSecrets(pullSecrets(container, secret))
            .withVolumes(volumes(container, secret))
            .withContainers(
                single.isPresent() ? program(container, single.get()) : executor(container))
            .endSpec()
            .build();
    if (config.delivery() == Delivery.INIT_CONTAINER) {
      pod.getSpec().getInitContainers().add(runtimeCopy());
    }
    if (hasSetup(container)) {
      pod.getSpec().getInitContainers().add(setup(container));
    }
    return pod;
  }

  /** Its own Secret, too, where that says who it is at the image's registry. */
  private List<LocalObjectReference> pullSecrets(Container container, String secret) {
    var own = imageCredentials(container).map(known -> secret);
    return Stream.concat(config.pullSecrets().stream(), own.stream())
        .map(LocalObjectReference::new)
        .toList();
  }

  private static Optional<ImageCredentials> imageCredentials(Container container) {
    return container.imageCredentials().filter(it -> RootfsImages.isForeign(container.rootfs()));
  }

  /** By this its NetworkPolicy knows it. */
  private Map<String, String> egressLabel(Container container) {
    return EgressPolicies.key(container.egressRules(), config)
        .map(key -> Map.of(EgressPolicies.LABEL, key))
        .orElse(Map.of());
  }

  private static Map<String, String> egressAnnotation(Container container) {
    var lost = EgressRules.of(container.egressRules()).notExpressed();
    return lost.isEmpty() ? Map.of() : Map.of(PodMarks.EGRESS_ANNOTATION, String.join("; ", lost));
  }

  /** Whether a container of its own performs the setup. */
  private static boolean hasSetup(Container container) {
    return container.setup() != null && SingleProgram.of(container).isPresent();
  }

  private long graceSeconds() {
    return (config.timing().stopGraceMillis() + 999) / 1000;
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

  private List<Volume> volumes(Container container, String secret) {
    var disk = new VolumeBuilder().withName(WORK_VOLUME).withNewEmptyDir().endEmptyDir().build();
    if (container.diskMb() > 0) {
      disk.getEmptyDir().setSizeLimit(megabytes(container.diskMb()));
    }
    var spec =
        new VolumeBuilder()
            .withName(SPEC_VOLUME)
            .withNewSecret()
            .withSecretName(secret)
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

  /** Performs all actions of the container, as long as it lives. */
  private io.fabric8.kubernetes.api.model.Container executor(Container container) {
    return cell(container, MAIN, SPEC_KEY)
        .withResources(resources(container, container.memoryMb() + config.memoryOverheadMb()))
        .withReadinessProbe(container.isTask() ? null : readiness(container))
        .build();
  }

  /** Becomes the instance's only program. */
  private io.fabric8.kubernetes.api.model.Container program(
      Container container, SingleProgram single) {
    var program =
        cell(container, MAIN, SPEC_KEY)
            .withResources(resources(container, Math.max(container.memoryMb(), LAUNCH_MB)))
            .withNewLifecycle()
            .withNewPreStop()
            .withNewExec()
            .withCommand("/bin/sh", "-c", TELL_ALL)
            .endExec()
            .endPreStop()
            .endLifecycle()
            .build();
    var check = single.check();
    if (check != null) {
      var timing = config.timing();
      program.setStartupProbe(
          check.startup(timing.unhealthyInterval(), container.startTimeoutSeconds()));
      program.setLivenessProbe(check.liveness(timing.healthyInterval()));
    }
    return program;
  }

  /** Ends before the program begins. */
  private io.fabric8.kubernetes.api.model.Container setup(Container container) {
    return cell(container, SETUP, SETUP_SPEC_KEY)
        .withResources(resources(container, setupMb(container)))
        .build();
  }

  /** Programs of a setup have the container's limit, downloads no need of it. */
  private int setupMb(Container container) {
    boolean isDownloads =
        Action.leaves(container.setup()).stream().allMatch(Action.Download.class::isInstance);
    return isDownloads
        ? Math.max(container.memoryMb(), config.memoryOverheadMb())
        : container.memoryMb() + config.memoryOverheadMb();
  }

  private ContainerBuilder cell(Container container, String name, String specKey) {
    return new ContainerBuilder()
        .withName(name)
        .withImage(images.image(container.rootfs()))
        .withImagePullPolicy("IfNotPresent")
        .withCommand(command(container))
        .withWorkingDir("/")
        .withEnv(environment())
        .withSecurityContext(restricted(!RootfsImages.isForeign(container.rootfs())))
        .withVolumeMounts(mounts(specKey));
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

  /** Which instance it is stands here, and not in the Secret, which all instances share. */
  private static List<String> command(Container container) {
    var command = new ArrayList<>(program(CellPaths.RUNTIME, CellProgram.class));
    var instance = container.instance();
    if (instance != null) {
      command.add(container.guid());
      command.add(Integer.toString(instance.index()));
    }
    return command;
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

  /** Each container sees its own part of the Secret only. */
  private static List<VolumeMount> mounts(String specKey) {
    return List.of(
        mount(RUNTIME_VOLUME, CellPaths.RUNTIME, true, ""),
        mount(SPEC_VOLUME, CellPaths.SPEC, true, specKey),
        mount(WORK_VOLUME, CellPaths.WORK, false, ""),
        mount(WORK_VOLUME, CellPaths.HOME, false, CellPaths.HOME_PART),
        mount(WORK_VOLUME, CellPaths.TMP, false, CellPaths.TMP_PART));
  }

  private static VolumeMount mount(String volume, String path, boolean readOnly, String part) {
    var mount =
        new VolumeMountBuilder().withName(volume).withMountPath(path).withReadOnly(readOnly);
    return part.isEmpty() ? mount.build() : mount.withSubPath(part).build();
  }

  /** A limit of 0 is none, but what Java needs is counted either way. */
  private ResourceRequirements resources(Container container, int memoryMb) {
    var requests = new LinkedHashMap<String, Quantity>();
    var limits = new LinkedHashMap<String, Quantity>();
    requests.put("cpu", new Quantity(cpuMillis(container) + "m"));
    var memory = megabytes(memoryMb);
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

  /** Of the Secret that a Pod waits for. */
  static String secretName(Pod pod) {
    return findSecretName(pod).orElseThrow(() -> new IllegalArgumentException("not a Pod of ours"));
  }

  /** The same; empty: somebody else has made a Pod with our labels. */
  static Optional<String> findSecretName(Pod pod) {
    return pod.getSpec().getVolumes().stream()
        .filter(volume -> volume.getName().equals(SPEC_VOLUME) && volume.getSecret() != null)
        .map(volume -> volume.getSecret().getSecretName())
        .findFirst();
  }

  /**
   * The name of a task's Secret, which the Secret of an earlier Pod of the same name does not have:
   * that may still be there, and would start this one with what that one had to do.
   */
  static String taskSecret(Container task, UUID attempt) {
    return PodMarks.podName(task.guid()) + "-" + attempt.toString().substring(0, 8);
  }

  /** What starts a task's Pod: what is to be done in it. Goes with the Pod. */
  Secret taskSecret(Container task, Pod pod) {
    return new SecretBuilder()
        .withNewMetadata()
        .withName(secretName(pod))
        .withNamespace(config.namespace())
        .withLabels(PodMarks.labels(task, config.name()))
        .withAnnotations(PodMarks.annotations(task))
        .withOwnerReferences(OwnerReferences.of(pod))
        .endMetadata()
        .withImmutable(true)
        .withStringData(specs(task))
        .build();
  }

  /** What is to be done in the Pods of an LRP's instances, the same in all of them. */
  Secret instancesSecret(Container.Instance any, String name, Map<String, String> specs) {
    return new SecretBuilder()
        .withNewMetadata()
        .withName(name)
        .withNamespace(config.namespace())
        .withLabels(PodMarks.ofInstances(config.name()))
        .addToLabels(PodMarks.ofProcess(any.processGuid()))
        .addToAnnotations(PodMarks.PROCESS_ANNOTATION, any.processGuid())
        .endMetadata()
        .withType(specs.containsKey(DOCKER_CONFIG_KEY) ? DOCKER_CONFIG_TYPE : null)
        .withImmutable(true)
        .withStringData(specs)
        .build();
  }

  /** What a Secret holds, by its keys. */
  Map<String, String> specs(Container container) {
    var specs = new LinkedHashMap<String, String>();
    var all = all(container);
    var single = SingleProgram.of(container);
    specs.put(SPEC_KEY, single.map(its -> all.becoming(its.run())).orElse(all).toJson());
    if (hasSetup(container)) {
      specs.put(SETUP_SPEC_KEY, all.settingUp().toJson());
    }
    imageCredentials(container)
        .map(credentials -> RootfsImages.dockerConfig(container.rootfs(), credentials))
        .ifPresent(dockerConfig -> specs.put(DOCKER_CONFIG_KEY, dockerConfig));
    return specs;
  }

  private CellSpec all(Container container) {
    return new CellSpec(
        CellSpec.Part.ALL,
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
