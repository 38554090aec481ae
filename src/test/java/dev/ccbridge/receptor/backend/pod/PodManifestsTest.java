package dev.ccbridge.receptor.backend.pod;

import static dev.ccbridge.receptor.backend.Containers.instance;
import static dev.ccbridge.receptor.backend.Containers.sh;
import static dev.ccbridge.receptor.backend.Containers.task;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ccbridge.receptor.backend.Container;
import dev.ccbridge.receptor.backend.Containers;
import dev.ccbridge.receptor.backend.PlacementException;
import dev.ccbridge.receptor.backend.pod.PodBackendConfig.Delivery;
import dev.ccbridge.receptor.backend.pod.cell.CellPaths;
import dev.ccbridge.receptor.backend.pod.cell.CellSpec;
import dev.ccbridge.receptor.model.Action;
import dev.ccbridge.receptor.model.EnvironmentVariable;
import dev.ccbridge.receptor.model.ImageCredentials;
import dev.ccbridge.receptor.model.ReceptorJson;
import io.fabric8.kubernetes.api.model.LocalObjectReference;
import io.fabric8.kubernetes.api.model.VolumeMount;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PodManifestsTest {
  private static final UUID ATTEMPT = UUID.fromString("01234567-89ab-cdef-0123-456789abcdef");
  private static final String SECRET = "secret";
  private static final PodBackendConfig CONFIG =
      PodBackendConfig.defaults("apps", "runtime:1", Map.of("cflinuxfs4", "stack:4"));
  private final PodManifests manifests = new PodManifests(CONFIG);

  private static Container with(String guid, String rootfs, int memoryMb, int diskMb, int weight) {
    return with(guid, rootfs, memoryMb, diskMb, weight, Optional.empty());
  }

  private static Container with(
      String guid,
      String rootfs,
      int memoryMb,
      int diskMb,
      int weight,
      Optional<ImageCredentials> credentials) {
    var like = instance("process", 3, sh("true"), null, 0);
    return new Container(
        guid,
        like.instance(),
        "domain",
        rootfs,
        List.of(new EnvironmentVariable("SECRET", "canary")),
        null,
        Action.serial(List.of(sh("echo canary"))),
        null,
        0,
        List.of(8080, 60_999),
        memoryMb,
        diskMb,
        weight,
        false,
        List.of(),
        "log guid",
        "CELL",
        "",
        credentials);
  }

  private static Container onStack(String guid) {
    return with(guid, "preloaded:cflinuxfs4", 64, 32, 50);
  }

  @Test
  void podIsOneThatTheRestrictedStandardAdmits() {
    var spec = manifests.pod(onStack("guid"), ATTEMPT, SECRET).getSpec();

    assertThat(spec.getSecurityContext().getRunAsNonRoot()).isTrue();
    assertThat(spec.getSecurityContext().getRunAsUser()).isEqualTo(2000);
    assertThat(spec.getSecurityContext().getSeccompProfile().getType()).isEqualTo("RuntimeDefault");
    var security = spec.getContainers().getFirst().getSecurityContext();
    assertThat(security.getAllowPrivilegeEscalation()).isFalse();
    assertThat(security.getCapabilities().getDrop()).containsExactly("ALL");
    assertThat(security.getReadOnlyRootFilesystem()).isTrue();
    assertThat(spec.getAutomountServiceAccountToken()).isFalse();
    assertThat(spec.getRestartPolicy()).isEqualTo("Never");
  }

  @Test
  void podHoldsNoSecretAndItsSecretAll() {
    var container = task(sh("echo canary"));
    var pod = manifests.pod(container, ATTEMPT, PodManifests.taskSecret(container, ATTEMPT));
    pod.getMetadata().setUid("uid-1");

    var secret = manifests.taskSecret(container, pod);

    assertThat(Serialization.asYaml(pod)).doesNotContain("canary");
    assertThat(secret.getStringData().get(PodManifests.SPEC_KEY)).contains("canary");
    assertThat(secret.getImmutable()).isTrue();
    var owner = secret.getMetadata().getOwnerReferences().getFirst();
    assertThat(owner.getUid()).isEqualTo("uid-1");
    assertThat(owner.getBlockOwnerDeletion()).as("takes a right to the Pod's finalizers").isFalse();
    assertThat(secret.getMetadata().getName()).isEqualTo(PodManifests.secretName(pod));
  }

  @Test
  void instancesShareWhatTheyHaveToDoAndAreToldApartByTheirPods() {
    var one = onStack("guid-1");
    var other = onStack("guid-2");

    assertThat(manifests.specs(one)).isEqualTo(manifests.specs(other));
    var pod = manifests.pod(one, ATTEMPT, SECRET);
    assertThat(Serialization.asYaml(pod)).doesNotContain("canary");
    assertThat(pod.getSpec().getContainers().getFirst().getCommand()).endsWith("guid-1", "3");
    var secret = manifests.instancesSecret(one.instance(), SECRET, manifests.specs(one));
    assertThat(secret.getStringData().get(PodManifests.SPEC_KEY)).contains("canary");
    assertThat(secret.getImmutable()).isTrue();
    assertThat(secret.getMetadata().getName()).isEqualTo(PodManifests.secretName(pod));
    assertThat(secret.getMetadata().getLabels())
        .containsAllEntriesOf(PodMarks.ofInstances(CONFIG.name()));
  }

  @Test
  void privateImageIsPulledByTheSecretOfItsInstances() throws Exception {
    var rootfs = "docker://registry.test:5000/me/app#1";
    var open = with("guid", rootfs, 64, 32, 50);
    var credentials = Optional.of(new ImageCredentials("me", "canary"));
    var container = with("guid", rootfs, 64, 32, 50, credentials);
    var pod = manifests.pod(container, ATTEMPT, SECRET);
    var specs = manifests.specs(container);
    var secret = manifests.instancesSecret(container.instance(), SECRET, specs);

    assertThat(pod.getSpec().getImagePullSecrets())
        .extracting(LocalObjectReference::getName)
        .contains(SECRET);
    assertThat(Serialization.asYaml(pod)).doesNotContain("canary");
    assertThat(secret.getType()).isEqualTo("kubernetes.io/dockerconfigjson");
    assertThat(specs.get(".dockerconfigjson"))
        .isEqualTo(
            "{\"auths\":{\"registry.test:5000\":{\"password\":\"canary\",\"username\":\"me\"}}}");
    assertThat(manifests.pod(open, ATTEMPT, SECRET).getSpec().getImagePullSecrets())
        .extracting(LocalObjectReference::getName)
        .doesNotContain(SECRET);
    assertThat(manifests.instancesSecret(open.instance(), SECRET, manifests.specs(open)).getType())
        .isNull();
  }

  @ParameterizedTest
  @ValueSource(strings = {"docker:///me/app", "docker://docker.io/me/app#1"})
  void officialIndexHasTheNameThatKubeletsKnow(String rootfs) {
    assertThat(RootfsImages.dockerConfig(rootfs, new ImageCredentials("me", "p")))
        .startsWith("{\"auths\":{\"https://index.docker.io/v1/\":{");
  }

  @Test
  void podWaitsForItsSecret() {
    var pod = manifests.pod(onStack("guid"), ATTEMPT, SECRET);

    var volume =
        pod.getSpec().getVolumes().stream().filter(v -> v.getSecret() != null).findFirst().get();

    assertThat(volume.getSecret().getSecretName()).isEqualTo(PodManifests.secretName(pod));
    assertThat(volume.getSecret().getOptional()).as("optional: it would not wait").isNull();
  }

  @Test
  void whatTheSecretSaysIsReadAsItWas() throws Exception {
    var container = onStack("guid");

    var json = manifests.specs(container).get(PodManifests.SPEC_KEY);
    var spec = ReceptorJson.mapper().readValue(json, CellSpec.class);

    assertThat(spec.action()).isEqualTo(container.action());
    assertThat(spec.env()).isEqualTo(container.env());
    assertThat(spec.readyPort()).as("the first that the instance does not use").isEqualTo(60_998);
    assertThat(spec.timing()).isEqualTo(CONFIG.timing());
  }

  @Test
  void podOfATaskHasASecretOfItsOwnEachTime() {
    var task = task(sh("true"));

    assertThat(PodManifests.taskSecret(task, UUID.randomUUID()))
        .isNotEqualTo(PodManifests.taskSecret(task, ATTEMPT));
  }

  @Test
  void limitsAreTheContainersOwnAndTheRuntimesShare() {
    var resources =
        manifests
            .pod(onStack("guid"), ATTEMPT, SECRET)
            .getSpec()
            .getContainers()
            .getFirst()
            .getResources();

    assertThat(resources.getLimits().get("memory")).hasToString("160Mi");
    assertThat(resources.getRequests().get("memory")).hasToString("160Mi");
    assertThat(resources.getRequests().get("ephemeral-storage")).hasToString("32Mi");
    assertThat(resources.getRequests().get("cpu")).hasToString("100m");
    assertThat(resources.getLimits()).doesNotContainKey("cpu");
  }

  @Test
  void zeroIsNoLimit() {
    var pod = manifests.pod(with("guid", "preloaded:cflinuxfs4", 0, 0, 0), ATTEMPT, SECRET);

    var resources = pod.getSpec().getContainers().getFirst().getResources();
    assertThat(resources.getLimits()).isEmpty();
    assertThat(resources.getRequests().get("memory")).hasToString("96Mi");
    assertThat(resources.getRequests().get("cpu")).hasToString("10m");
    assertThat(pod.getSpec().getVolumes().getFirst().getEmptyDir().getSizeLimit()).isNull();
  }

  @Test
  void nameIsMadeOfTheGuidAlone() {
    var one = manifests.pod(onStack("guid"), ATTEMPT, SECRET).getMetadata().getName();

    assertThat(manifests.pod(onStack("guid"), ATTEMPT, SECRET).getMetadata().getName())
        .isEqualTo(one);
    assertThat(manifests.pod(onStack("GUID"), ATTEMPT, SECRET).getMetadata().getName())
        .isNotEqualTo(one);
    var longName = manifests.pod(onStack("g".repeat(200)), ATTEMPT, SECRET).getMetadata().getName();
    assertThat(longName).hasSizeLessThanOrEqualTo(63);
    assertThat(manifests.pod(onStack("g".repeat(199)), ATTEMPT, SECRET).getMetadata().getName())
        .isNotEqualTo(longName);
  }

  @Test
  void podTellsWhichContainerItIs() {
    var pod = manifests.pod(onStack("GUID_1"), ATTEMPT, SECRET);

    assertThat(PodMarks.guid(pod)).isEqualTo("GUID_1");
    assertThat(PodMarks.isTask(pod)).isFalse();
    assertThat(PodMarks.isInstance(pod, "process", 3)).isTrue();
    assertThat(PodMarks.isInstance(pod, "process", 2)).isFalse();
    assertThat(PodMarks.isInstance(pod, "other", 3)).isFalse();
    assertThat(pod.getMetadata().getLabels())
        .containsEntry("ccbridge.dev/cell", "cc-bridge")
        .containsEntry("ccbridge.dev/process", "process")
        .containsEntry("app.kubernetes.io/managed-by", "cc-bridge");
    assertThat(pod.getMetadata().getLabels().values())
        .allMatch(value -> value.matches("[A-Za-z0-9]([A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?"));
  }

  @Test
  void rootFileSystemIsAnImage() {
    assertThat(image("preloaded:cflinuxfs4")).isEqualTo("stack:4");
    assertThat(image("docker:///busybox")).isEqualTo("docker.io/library/busybox");
    assertThat(image("docker:///me/app#v1")).isEqualTo("docker.io/me/app:v1");
    assertThat(image("docker://reg.test:5000/me/app#v1")).isEqualTo("reg.test:5000/me/app:v1");
    var digest = "sha256:" + "a".repeat(64);
    assertThat(image("docker:///me/app@" + digest)).isEqualTo("docker.io/me/app@" + digest);
    assertThat(image("docker://reg.test:5000/me/app@" + digest))
        .isEqualTo("reg.test:5000/me/app@" + digest);
    for (var none : List.of("preloaded:lucid64", "tar:///x", "docker://x", "docker:///UPPER")) {
      assertThatThrownBy(() -> image(none))
          .as(none)
          .isInstanceOf(PlacementException.class)
          .hasMessage("found no compatible cell");
    }
  }

  private String image(String rootfs) {
    return manifests
        .pod(with("guid", rootfs, 1, 1, 1), ATTEMPT, SECRET)
        .getSpec()
        .getContainers()
        .getFirst()
        .getImage();
  }

  @Test
  void foreignImageMayBeWrittenTo() {
    var pod = manifests.pod(with("guid", "docker:///busybox", 1, 1, 1), ATTEMPT, SECRET);

    var security = pod.getSpec().getContainers().getFirst().getSecurityContext();
    assertThat(security.getReadOnlyRootFilesystem()).isFalse();
  }

  @Test
  void runtimeIsMountedOrCopied() {
    var mounted = manifests.pod(onStack("guid"), ATTEMPT, SECRET).getSpec();
    var copied =
        new PodManifests(CONFIG.withDelivery(Delivery.INIT_CONTAINER))
            .pod(onStack("guid"), ATTEMPT, SECRET)
            .getSpec();

    assertThat(mounted.getInitContainers()).isEmpty();
    assertThat(mounted.getVolumes())
        .anyMatch(v -> v.getImage() != null && v.getImage().getReference().equals("runtime:1"));
    assertThat(copied.getInitContainers().getFirst().getImage()).isEqualTo("runtime:1");
    assertThat(copied.getVolumes()).noneMatch(v -> v.getImage() != null);
    for (var spec : List.of(mounted, copied)) {
      assertThat(spec.getContainers().getFirst().getVolumeMounts())
          .extracting(VolumeMount::getMountPath)
          .contains(CellPaths.RUNTIME, CellPaths.SPEC, CellPaths.WORK, "/home/vcap", "/tmp");
    }
  }

  @Test
  void onlyInstancesAreAskedWhetherTheyRun() {
    var probe =
        manifests
            .pod(onStack("guid"), ATTEMPT, SECRET)
            .getSpec()
            .getContainers()
            .getFirst()
            .getReadinessProbe();

    assertThat(probe.getTcpSocket().getPort().getIntVal()).isEqualTo(60_998);
    var ofTask =
        manifests.pod(task(sh("true")), ATTEMPT, SECRET).getSpec().getContainers().getFirst();
    assertThat(ofTask.getReadinessProbe()).isNull();
  }

  @Test
  void podIsForLinuxNodes() {
    assertThat(manifests.pod(onStack("guid"), ATTEMPT, SECRET).getSpec().getNodeSelector())
        .isEqualTo(Map.of("kubernetes.io/os", "linux"));
  }

  @Test
  void podLeavesANodeThatIsAway() {
    assertThat(manifests.pod(onStack("guid"), ATTEMPT, SECRET).getSpec().getTolerations())
        .extracting(t -> t.getKey() + " " + t.getTolerationSeconds())
        .containsExactly("node.kubernetes.io/not-ready 60", "node.kubernetes.io/unreachable 60");
  }

  private static Container app(int memoryMb) {
    var check =
        Action.run(
            "vcap", "/tmp/lifecycle/healthcheck", List.of("-port=8080"), List.of(), null, "");
    var app = instance("process", 3, Action.codependent(List.of(sh("canary"))), check, 60);
    var setup = Action.download("", "http://canary@host/droplet", ".", "", "vcap");
    return Containers.withMemory(Containers.withSetup(app, setup), memoryMb);
  }

  @Test
  void singleProgramIsTheContainerAfterItsSetup() {
    var spec = manifests.pod(app(512), ATTEMPT, SECRET).getSpec();
    var program = spec.getContainers().getFirst();
    var setup = spec.getInitContainers().getFirst();

    assertThat(spec.getContainers()).hasSize(1);
    assertThat(setup.getName()).isEqualTo("setup");
    assertThat(program.getReadinessProbe()).isNull();
    assertThat(program.getStartupProbe().getFailureThreshold()).isEqualTo(60);
    assertThat(program.getLivenessProbe().getPeriodSeconds()).isEqualTo(30);
    assertThat(program.getLifecycle().getPreStop().getExec().getCommand()).contains("/bin/sh");
    assertThat(spec.getShareProcessNamespace())
        .as("the first of its processes would not end by SIGTERM")
        .isTrue();
    assertThat(spec.getTerminationGracePeriodSeconds()).isEqualTo(10);
    for (var container : List.of(program, setup)) {
      assertThat(container.getSecurityContext().getCapabilities().getDrop()).containsExactly("ALL");
    }
  }

  @Test
  void singleProgramHasItsOwnLimitAloneAndEnoughToBegin() {
    assertThat(
            memory(manifests.pod(app(512), ATTEMPT, SECRET).getSpec().getContainers().getFirst()))
        .isEqualTo("512Mi");
    assertThat(
            memory(
                manifests.pod(app(512), ATTEMPT, SECRET).getSpec().getInitContainers().getFirst()))
        .isEqualTo("512Mi");
    assertThat(memory(manifests.pod(app(16), ATTEMPT, SECRET).getSpec().getContainers().getFirst()))
        .isEqualTo("64Mi");
    assertThat(
            memory(
                manifests.pod(app(16), ATTEMPT, SECRET).getSpec().getInitContainers().getFirst()))
        .isEqualTo("96Mi");
    var programs = Containers.withSetup(app(512), sh("true"));
    assertThat(
            memory(
                manifests.pod(programs, ATTEMPT, SECRET).getSpec().getInitContainers().getFirst()))
        .isEqualTo("608Mi");
  }

  private static String memory(io.fabric8.kubernetes.api.model.Container container) {
    return container.getResources().getLimits().get("memory").toString();
  }

  @Test
  void eachContainerOfASingleProgramReadsItsOwnPart() throws Exception {
    var container = app(64);
    var pod = manifests.pod(container, ATTEMPT, SECRET);

    var specs = manifests.specs(container);

    assertThat(Serialization.asYaml(pod)).doesNotContain("canary");
    assertThat(specs).containsOnlyKeys("spec.json", "setup.json");
    assertThat(specKey(pod.getSpec().getContainers().getFirst())).isEqualTo("spec.json");
    assertThat(specKey(pod.getSpec().getInitContainers().getFirst())).isEqualTo("setup.json");
    var program = ReceptorJson.mapper().readValue(specs.get("spec.json"), CellSpec.class);
    assertThat(program.part()).isEqualTo(CellSpec.Part.PROGRAM);
    assertThat(program.action()).isEqualTo(sh("canary"));
    assertThat(program.setup()).isNull();
    var setup = ReceptorJson.mapper().readValue(specs.get("setup.json"), CellSpec.class);
    assertThat(setup.part()).isEqualTo(CellSpec.Part.SETUP);
    assertThat(setup.setup()).isEqualTo(container.setup());
  }

  /** The only file of the Secret that the container sees. */
  private static String specKey(io.fabric8.kubernetes.api.model.Container container) {
    var mounts =
        container.getVolumeMounts().stream().filter(m -> m.getName().equals("spec")).toList();
    assertThat(mounts).hasSize(1);
    assertThat(mounts.getFirst().getMountPath()).isEqualTo(CellPaths.SPEC);
    return mounts.getFirst().getSubPath();
  }

  @Test
  void singleProgramWithoutSetupHasNoContainerForIt() {
    var pod = manifests.pod(Containers.withSetup(app(64), null), ATTEMPT, SECRET);

    assertThat(pod.getSpec().getInitContainers()).isEmpty();
    assertThat(PodMarks.isSingle(pod)).isTrue();
    assertThat(PodMarks.logSource(pod)).isEqualTo("CELL");
    assertThat(PodMarks.startTimeout(pod)).contains(Duration.ofSeconds(60));
    assertThat(PodMarks.isSingle(manifests.pod(onStack("guid"), ATTEMPT, SECRET))).isFalse();
  }
}
