package dev.ccbridge.e2e;

import io.fabric8.kubernetes.api.model.BindingBuilder;
import io.fabric8.kubernetes.api.model.ContainerStatusBuilder;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.fabric8.kubernetes.api.model.ObjectReferenceBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodConditionBuilder;
import io.fabric8.kubernetes.api.model.PodStatusBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;

/**
 * Scheduler and kubelet of a node that runs nothing: it binds each Pod of a namespace, lets it
 * begin when its Secret is there, as a kubelet does, ends tasks after a moment, and counts what
 * began.
 */
final class SimulatedNode implements AutoCloseable {
  private static final String NAME = "simulated";
  private static final String KIND = "ccbridge.dev/container-kind";
  private static final String GUID = "ccbridge.dev/container-guid";
  private static final long LOOK_MILLIS = 50;

  private final KubernetesClient kubernetes;
  private final String namespace;
  private final CountDownLatch closing = new CountDownLatch(1);
  private final Thread thread;

  /** By Pod uid, so that one that is made again counts again. */
  private final Set<String> begun = ConcurrentHashMap.newKeySet();

  private final Map<String, AtomicInteger> runs = new ConcurrentHashMap<>();
  private final Map<String, Long> endsAt = new ConcurrentHashMap<>();

  SimulatedNode(KubernetesClient kubernetes, String namespace) {
    this.kubernetes = kubernetes;
    this.namespace = namespace;
    var node =
        new NodeBuilder()
            .withNewMetadata()
            .withName(NAME)
            .endMetadata()
            .withNewStatus()
            .addNewCondition()
            .withType("Ready")
            .withStatus("True")
            .endCondition()
            .endStatus()
            .build();
    kubernetes.resource(node).createOr(existing -> existing.update());
    kubernetes.resource(node).patchStatus();
    this.thread = Thread.ofVirtual().start(this::run);
  }

  /** How often a container of that guid has begun, whatever Pod it was. */
  int runs(String guid) {
    var count = runs.get(guid);
    return count == null ? 0 : count.get();
  }

  /** Those that have ever begun. */
  Set<String> guids() {
    return runs.keySet();
  }

  private void run() {
    try {
      while (!closing.await(LOOK_MILLIS, TimeUnit.MILLISECONDS)) {
        try {
          look();
        } catch (KubernetesClientException changedMeanwhile) {
          // Looked at again.
        }
      }
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private void look() {
    // In this order: a Secret that is seen belongs to a Pod that is.
    var secrets =
        kubernetes.secrets().inNamespace(namespace).list().getItems().stream()
            .map(secret -> secret.getMetadata().getName())
            .collect(Collectors.toSet());
    for (var pod : kubernetes.pods().inNamespace(namespace).list().getItems()) {
      try {
        look(pod, secrets.containsAll(secretsOf(pod)));
      } catch (KubernetesClientException changedMeanwhile) {
        // Looked at again.
      }
    }
  }

  /** Without which a kubelet does not begin. */
  private static List<String> secretsOf(Pod pod) {
    return pod.getSpec().getVolumes().stream()
        .filter(volume -> volume.getSecret() != null)
        .map(volume -> volume.getSecret().getSecretName())
        .toList();
  }

  private void look(Pod pod, boolean hasSecret) {
    var uid = pod.getMetadata().getUid();
    var phase = pod.getStatus().getPhase();
    if (pod.getMetadata().getDeletionTimestamp() != null) {
      kubernetes.resource(pod).withGracePeriod(0).delete();
    } else if (pod.getSpec().getNodeName() == null) {
      bind(pod);
    } else if ("Succeeded".equals(phase) || "Failed".equals(phase)) {
      return;
    } else if (pod.getSpec().getActiveDeadlineSeconds() != null) {
      end(pod, "DeadlineExceeded");
    } else if (hasSecret && begun.add(uid)) {
      runs.computeIfAbsent(guid(pod), any -> new AtomicInteger()).incrementAndGet();
      endsAt.put(uid, System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(300));
      run(pod);
    } else if (isTask(pod)
        && begun.contains(uid)
        && System.nanoTime() > endsAt.getOrDefault(uid, Long.MAX_VALUE)) {
      end(pod, null);
    }
  }

  private void bind(Pod pod) {
    kubernetes
        .bindings()
        .inNamespace(namespace)
        .resource(
            new BindingBuilder()
                .withNewMetadata()
                .withName(pod.getMetadata().getName())
                .withNamespace(namespace)
                .endMetadata()
                .withTarget(new ObjectReferenceBuilder().withKind("Node").withName(NAME).build())
                .build())
        .create();
  }

  private void run(Pod pod) {
    var status =
        new PodStatusBuilder()
            .withPhase("Running")
            .withPodIP("10.1.2.3")
            .withConditions(new PodConditionBuilder().withType("Ready").withStatus("True").build())
            .withContainerStatuses(
                new ContainerStatusBuilder()
                    .withName(pod.getSpec().getContainers().getFirst().getName())
                    .withImage("i")
                    .withImageID("i")
                    .withReady(true)
                    .withRestartCount(0)
                    .withNewState()
                    .withNewRunning()
                    .endRunning()
                    .endState()
                    .build())
            .build();
    patch(pod, status);
  }

  private void end(Pod pod, String reason) {
    var status =
        new PodStatusBuilder()
            .withPhase("Failed")
            .withReason(reason)
            .withContainerStatuses(
                new ContainerStatusBuilder()
                    .withName(pod.getSpec().getContainers().getFirst().getName())
                    .withImage("i")
                    .withImageID("i")
                    .withReady(false)
                    .withRestartCount(0)
                    .withNewState()
                    .withNewTerminated()
                    .withExitCode(7)
                    .withReason("Error")
                    .endTerminated()
                    .endState()
                    .build())
            .build();
    patch(pod, status);
  }

  private void patch(Pod pod, io.fabric8.kubernetes.api.model.PodStatus status) {
    kubernetes
        .pods()
        .inNamespace(namespace)
        .withName(pod.getMetadata().getName())
        .editStatus(
            now -> {
              now.setStatus(status);
              return now;
            });
  }

  private static boolean isTask(Pod pod) {
    return "task".equals(pod.getMetadata().getLabels().get(KIND));
  }

  private static String guid(Pod pod) {
    return pod.getMetadata().getAnnotations().get(GUID);
  }

  @Override
  public void close() {
    closing.countDown();
    try {
      thread.join();
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
    kubernetes.nodes().withName(NAME).delete();
  }
}
