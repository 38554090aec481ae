package dev.ccbridge.bench;

import dev.ccbridge.api.DesiredLRP;
import dev.ccbridge.api.DesiredLRPStatus;
import dev.ccbridge.kubernetes.Cluster;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ListOptionsBuilder;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.PodSpecBuilder;
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
 * Instances of one LRP as Pods on pretended nodes, beside Deployments of as many replicas on the
 * same control plane, before and after: one alone, one with a Service, as the LRP has one, and one
 * with a Service and with Pods like those of the LRP. Pods of pretended nodes are ready as soon as
 * they are bound, so this measures the operator, the API server, the scheduler and the controllers.
 */
final class PodsPart implements AutoCloseable {
  private static final int PER_NODE = 100;
  private static final long LIMIT_SECONDS = 600;
  private static final String NAMESPACE = "apps";
  private static final PodSpec BARE =
      new PodSpecBuilder()
          .addNewContainer()
          .withName("app")
          .withImage("localhost/none:1")
          .endContainer()
          .build();

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
    deployment("warm-up", BARE);
    var alone = deployment("before", BARE);
    var served = served("before-served", BARE);
    var ours = desiredLRPs();
    var alike = served("alike", ours.pods());
    served = (served + served("after-served", BARE)) / 2;
    alone = (alone + deployment("after", BARE)) / 2;
    for (var seconds : ours.seconds()) {
      System.out.printf(
          Locale.ROOT,
          "instances/s to replicas/s      %.2f alone, %.2f with a Service, %.2f with Pods alike%n",
          alone / seconds,
          served / seconds,
          alike / seconds);
    }
  }

  /** What is measured of LRPs, and how their Pods are, so that a Deployment can have such. */
  private record Ours(List<Double> seconds, PodSpec pods) {}

  /** Behind a Service. */
  private double served(String name, PodSpec pods) throws Exception {
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
    var seconds = deployment(name, pods);
    client.resource(service).delete();
    return seconds;
  }

  /** Seconds until all replicas are ready. */
  private double deployment(String name, PodSpec pods) throws Exception {
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
            .withSpec(pods)
            .endTemplate()
            .endSpec()
            .build();
    var seconds =
        timed(
            "Deployment " + name,
            deployment,
            Deployment.class,
            it ->
                it.getStatus() == null
                    ? 0
                    : Optional.ofNullable(it.getStatus().getReadyReplicas()).orElse(0));
    remove(deployment);
    return seconds;
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
  private Ours desiredLRPs() throws Exception {
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
      var pods = new PodSpec();
      for (var name : List.of("first", "second", "third")) {
        var lrp = lrp(name);
        seconds.add(
            timed(
                "DesiredLRP " + name,
                lrp,
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
        pods = template();
        remove(lrp);
      }
      return new Ours(seconds, pods);
    }
  }

  /** Of any Pod, without what the API server has added and a template may not have. */
  private PodSpec template() {
    var one = new ListOptionsBuilder().withLimit(1L).build();
    var pod = client.pods().inNamespace(NAMESPACE).list(one).getItems().getFirst();
    return new PodSpecBuilder(pod.getSpec())
        .withNodeName(null)
        .withPriority(null)
        .withPreemptionPolicy(null)
        .withServiceAccount(null)
        .withServiceAccountName(null)
        .withRestartPolicy("Always")
        .build();
  }

  /** Makes it, and waits until all are ready. */
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
    return seconds;
  }

  private void remove(HasMetadata resource) throws Exception {
    client.resource(resource).delete();
    client
        .pods()
        .inNamespace(NAMESPACE)
        .informOnCondition(List::isEmpty)
        .get(LIMIT_SECONDS, TimeUnit.SECONDS);
  }

  @Override
  public void close() {
    client.close();
    cluster.close();
  }
}
