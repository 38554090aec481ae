package dev.ccbridge.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.ccbridge.kubernetes.RealApiServer;
import dev.ccbridge.receptor.Receptor;
import dev.ccbridge.receptor.Requests;
import dev.ccbridge.receptor.client.ReceptorClient;
import dev.ccbridge.receptor.client.ReceptorClientConfig;
import dev.ccbridge.receptor.model.ActualLRPResponse;
import dev.ccbridge.receptor.model.ActualLRPState;
import dev.ccbridge.receptor.model.ReceptorErrorName;
import dev.ccbridge.receptor.model.ReceptorException;
import dev.ccbridge.receptor.model.TaskState;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinition;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Two operators with Pods, on a real API server and a node that is simulated: whichever one asks,
 * and whichever one dies, there is one Receptor.
 */
@Timeout(300)
class ReplicasIT {
  private static final Duration LIMIT = Duration.ofSeconds(90);

  @TempDir private Path data;

  private final String namespace = "replicas-" + UUID.randomUUID().toString().substring(0, 8);
  private final List<AutoCloseable> opened = new ArrayList<>();
  private KubernetesClient kubernetes;
  private SimulatedNode node;

  @BeforeEach
  void prepare() throws Exception {
    kubernetes = keep(RealApiServer.shared().client());
    kubernetes
        .resource(
            new NamespaceBuilder().withNewMetadata().withName(namespace).endMetadata().build())
        .create();
    try (var definitions = Files.list(Path.of("crds"))) {
      for (var definition : definitions.toList()) {
        try (var content = Files.newInputStream(definition)) {
          kubernetes
              .resource(
                  kubernetes
                      .getKubernetesSerialization()
                      .unmarshal(content, CustomResourceDefinition.class))
              .serverSideApply();
        }
      }
    }
    node = keep(new SimulatedNode(kubernetes, namespace));
  }

  @AfterEach
  void end() throws Exception {
    for (var one : opened.reversed()) {
      one.close();
    }
    assertThat(Processes.mentioning(data)).isEmpty();
  }

  private <T extends AutoCloseable> T keep(T part) {
    opened.add(part);
    return part;
  }

  /** One operator, and the Receptor as it publishes it. */
  private record Replica(Program program, Receptor receptor) {}

  private Replica start(String identity) throws Exception {
    var door = freePort();
    var command =
        new ArrayList<>(List.of(Path.of(System.getProperty("java.home"), "bin/java").toString()));
    command.addAll(List.of("-Xmx160m", "-XX:TieredStopAtLevel=1", "-cp"));
    command.add(System.getProperty("java.class.path"));
    command.addAll(List.of("dev.ccbridge.operator.Main", "operator"));
    command.addAll(
        List.of(
            "--data=" + data,
            "--static=" + data,
            "--kubeconfig=" + RealApiServer.shared().kubeconfig(),
            "--namespaces=" + namespace,
            "--cc-namespace=" + namespace,
            "--lease-namespace=" + namespace,
            "--lease-identity=" + identity,
            "--backend=pod",
            "--pod-namespace=" + namespace,
            "--pod-runtime-image=runtime:1",
            "--pod-stack-images=trusty:stack:1",
            "--listen-address=127.0.0.1:" + freePort(),
            "--receptor-address=127.0.0.1:" + door,
            "--receptor-peer-address=127.0.0.1:" + freePort()));
    var program = keep(Program.start(identity, Map.of(), command));
    program.awaitLine("receptor.started", LIMIT);
    var receptor =
        keep(
            new ReceptorClient(
                ReceptorClientConfig.of(URI.create("http://127.0.0.1:" + door))
                    .withRequestTimeout(Duration.ofSeconds(15))));
    return new Replica(program, receptor);
  }

  private static int freePort() throws Exception {
    try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  @Test
  void whoeverIsAskedAndWhoeverDiesThereIsOneReceptor() throws Exception {
    var first = start("one");
    first.program.awaitLine("cc-bridge-receptor.leading", LIMIT);
    var second = start("two");
    second.program.awaitLine("receptor.leader", LIMIT);
    await()
        .atMost(LIMIT)
        .ignoreExceptions()
        .untilAsserted(() -> second.receptor.createDesiredLRP(Requests.lrp("web", 2)));
    var before = awaitRunning(first.receptor, 2);
    assertThat(awaitRunning(second.receptor, 2)).isEqualTo(before);

    var acknowledged = ConcurrentHashMap.<String>newKeySet();
    var creating = new AtomicBoolean(true);
    var creator =
        Thread.ofVirtual().start(() -> createTasks(second.receptor, acknowledged, creating));
    await().atMost(LIMIT).until(() -> acknowledged.size() >= 10);
    first.program.kill();
    await().atMost(LIMIT).until(() -> isUnavailable(second.receptor));
    second.program.awaitLine("cc-bridge-receptor.leading", LIMIT);
    var atTakeOver = acknowledged.size();
    await().atMost(LIMIT).until(() -> acknowledged.size() >= atTakeOver + 10);
    creating.set(false);
    creator.join();

    awaitAllFinished(second.receptor, acknowledged);
    assertThat(node.guids().stream().filter(guid -> node.runs(guid) != 1)).isEmpty();
    assertThat(node.guids()).containsAll(acknowledged);
    assertThat(awaitRunning(second.receptor, 2))
        .as("the same instances, not new ones")
        .isEqualTo(before);

    var third = start("one");
    await()
        .atMost(LIMIT)
        .ignoreExceptions()
        .untilAsserted(() -> assertThat(awaitRunning(third.receptor, 2)).isEqualTo(before));
    third.receptor.deleteDesiredLRP("web");
    await().atMost(LIMIT).until(() -> second.receptor.actualLRPs("").isEmpty());
  }

  /** Its clients are not told to whom it is: they try again, as with any Receptor. */
  private static void createTasks(
      Receptor receptor, Set<String> acknowledged, AtomicBoolean creating) {
    for (var i = 0; creating.get(); i++) {
      var guid = "task-" + i;
      while (creating.get() && !acknowledged.contains(guid)) {
        try {
          receptor.createTask(Requests.task(guid));
          acknowledged.add(guid);
        } catch (ReceptorException refused) {
          if (refused.name() == ReceptorErrorName.TaskGuidAlreadyExists) {
            acknowledged.add(guid);
          }
        }
      }
    }
  }

  private static boolean isUnavailable(Receptor receptor) {
    try {
      receptor.domains();
      return false;
    } catch (ReceptorException failure) {
      return true;
    }
  }

  private static Set<ActualLRPResponse> awaitRunning(Receptor receptor, int instances) {
    await()
        .atMost(LIMIT)
        .until(
            () ->
                receptor.actualLRPsOf("web").stream()
                        .filter(instance -> instance.state() == ActualLRPState.RUNNING)
                        .count()
                    == instances);
    return new HashSet<>(receptor.actualLRPsOf("web"));
  }

  private static void awaitAllFinished(Receptor receptor, Set<String> acknowledged) {
    await()
        .atMost(LIMIT)
        .untilAsserted(
            () -> {
              var finished = new HashSet<String>();
              receptor
                  .tasks("")
                  .forEach(
                      task -> {
                        if (task.state() == TaskState.COMPLETED) {
                          finished.add(task.taskGuid());
                        }
                      });
              assertThat(finished).containsAll(acknowledged);
            });
  }
}
