package dev.ccbridge.bench;

import dev.ccbridge.api.DesiredLRP;
import dev.ccbridge.api.DesiredLRPStatus;
import dev.ccbridge.kubernetes.Cluster;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.DeploymentBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.ToIntFunction;

/**
 * Instances of one LRP as Pods on pretended nodes, beside a Deployment of as many replicas on the
 * same control plane, before and after: one alone, and one with a Service, as the LRP has one. Pods
 * of pretended nodes are ready as soon as they are bound, so this measures the operator, the API
 * server, the scheduler and the controllers.
 */
final class PodsPart implements AutoCloseable {
  private static final int PER_NODE = 100;
  private static final long LIMIT_SECONDS = 600;
  private static final String NAMESPACE = "apps";

  private final int instances;
  private final Path data;
  private final Cluster cluster;
  private final KubernetesClient client;

  PodsPart(int instances, Path data) {
    this.instances = instances;
    this.data = data;
    this.cluster = Cluster.simulated(Math.max(10, 2 * instances / PER_NODE));
    this.client = cluster.client();
  }

  void run() throws Exception {
    client
        .resource(
            new NamespaceBuilder().withNewMetadata().withName(NAMESPACE).endMetadata().build())
        .create();
    cluster.kubectl().run("apply", "--server-side", "-f", "crds/");
    cluster.kubectl().run("wait", "--for=condition=Established", "crd", "--all");
    deployment("warm-up");
    var alone = deployment("before");
    var served = served("before-served");
    var ours = desiredLRPs();
    served = (served + served("after-served")) / 2;
    alone = (alone + deployment("after")) / 2;
    for (var seconds : ours) {
      System.out.printf(
          Locale.ROOT,
          "instances/s to replicas/s      %.2f alone, %.2f with a Service%n",
          alone / seconds,
          served / seconds);
    }
  }

  /** The same behind a Service. */
  private double served(String name) throws Exception {
    var service =
        client
            .resource(
                new ServiceBuilder()
                    .withNewMetadata()
                    .withName(name)
                    .withNamespace(NAMESPACE)
                    .endMetadata()
                    .withNewSpec()
                    .addToSelector("app", name)
                    .addNewPort()
                    .withPort(80)
                    .withNewTargetPort(8080)
                    .endPort()
                    .endSpec()
                    .build())
            .create();
    var seconds = deployment(name);
    client.resource(service).delete();
    return seconds;
  }

  /** Seconds until all replicas are ready. */
  private double deployment(String name) throws Exception {
    var deployment =
        new DeploymentBuilder()
            .withNewMetadata()
            .withName(name)
            .withNamespace(NAMESPACE)
            .endMetadata()
            .withNewSpec()
            .withReplicas(instances)
            .withNewSelector()
            .addToMatchLabels("app", name)
            .endSelector()
            .withNewTemplate()
            .withNewMetadata()
            .addToLabels("app", name)
            .endMetadata()
            .withNewSpec()
            .addNewContainer()
            .withName("app")
            .withImage("localhost/none:1")
            .endContainer()
            .endSpec()
            .endTemplate()
            .endSpec()
            .build();
    return timed(
        "Deployment " + name,
        deployment,
        Deployment.class,
        it ->
            it.getStatus() == null
                ? 0
                : Optional.ofNullable(it.getStatus().getReadyReplicas()).orElse(0));
  }

  private DesiredLRP lrp(String name) {
    return Serialization.unmarshal(
        """
        apiVersion: ccbridge.dev/v1alpha1
        kind: DesiredLRP
        metadata:
          name: %s
          namespace: %s
        spec:
          memoryMB: 0
          diskMB: 0
          instances: %d
          startCommand: ./app
          source:
            droplet:
              uri: http://127.0.0.1:1/droplet.tgz
        """
            .formatted(name, NAMESPACE, instances),
        DesiredLRP.class);
  }

  /** One after the other, of one operator: the first while its JVM warms up. */
  private List<Double> desiredLRPs() throws Exception {
    try (var operator =
        Child.start(
            "operator.started",
            "operator",
            "--kubeconfig",
            cluster.kubeconfig().toString(),
            "--data",
            data.resolve("pods").toString(),
            "--backend",
            "pod",
            "--pod-namespace",
            NAMESPACE,
            "--pod-runtime-image",
            "localhost/none:1",
            "--pod-stack-images",
            "cflinuxfs4:localhost/none:1")) {
      operator.secondsToLine();
      var seconds = new ArrayList<Double>();
      for (var name : List.of("first", "second")) {
        seconds.add(
            timed(
                "DesiredLRP " + name,
                lrp(name),
                DesiredLRP.class,
                it ->
                    Optional.ofNullable(it.getStatus())
                        .map(DesiredLRPStatus::readyInstances)
                        .orElse(0)));
        System.out.printf(
            Locale.ROOT,
            "operator                       %.1f s of CPU so far, %.0f MiB resident at the most%n",
            operator.cpuSeconds(),
            operator.residentMiB("VmHWM"));
      }
      return seconds;
    }
  }

  /** Makes it, waits until all are ready, and takes it away again. */
  private <T extends HasMetadata> double timed(
      String what, T resource, Class<T> type, ToIntFunction<T> ready) throws Exception {
    var begin = System.nanoTime();
    client.resource(resource).create();
    client
        .resources(type)
        .inNamespace(NAMESPACE)
        .withName(resource.getMetadata().getName())
        .waitUntilCondition(
            it -> it != null && ready.applyAsInt(it) == instances, LIMIT_SECONDS, TimeUnit.SECONDS);
    var seconds = (System.nanoTime() - begin) / 1e9;
    System.out.printf(
        Locale.ROOT,
        "%-30s %d ready after %.1f s, %.1f per second%n",
        what,
        instances,
        seconds,
        instances / seconds);
    client.resource(resource).delete();
    client
        .pods()
        .inNamespace(NAMESPACE)
        .informOnCondition(List::isEmpty)
        .get(LIMIT_SECONDS, TimeUnit.SECONDS);
    return seconds;
  }

  @Override
  public void close() {
    client.close();
    cluster.close();
  }
}
