package dev.ccbridge.nsync;

import static dev.ccbridge.nsync.NsyncCluster.PATIENCE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.ccbridge.api.DesiredLRP;
import dev.ccbridge.kubernetes.RealApiServer;
import io.fabric8.kubernetes.api.model.autoscaling.v2.HorizontalPodAutoscaler;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.utils.Serialization;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * A DesiredLRP under a HorizontalPodAutoscaler, as far as it goes without its controller: the calls
 * that it makes, with the rights that every cluster gives it.
 */
@Timeout(120)
class AutoscalerIT {
  private static final String CONTROLLER =
      "system:serviceaccount:kube-system:horizontal-pod-autoscaler";
  private NsyncCluster cluster;

  @BeforeEach
  void open() {
    cluster = new NsyncCluster();
  }

  @AfterEach
  void close() {
    cluster.close();
  }

  @Test
  void theControllerReadsAndWritesTheScale() {
    cluster.start();
    cluster.droplet("web", 1);
    var guid = cluster.onlyDesired().processGuid();
    cluster.receptor.runAll(guid);
    cluster.awaitReady("web", "1/1");
    var autoscaler =
        cluster
            .user
            .resource(
                Serialization.unmarshal(
                    """
                    apiVersion: autoscaling/v2
                    kind: HorizontalPodAutoscaler
                    metadata: {name: web}
                    spec:
                      scaleTargetRef: {apiVersion: ccbridge.dev/v1alpha1, kind: DesiredLRP, name: web}
                      minReplicas: 1
                      maxReplicas: 5
                      metrics:
                      - type: Resource
                        resource: {name: memory, target: {type: AverageValue, averageValue: 100Mi}}
                    """,
                    HorizontalPodAutoscaler.class))
            .inNamespace(cluster.namespace)
            .create();
    var target = autoscaler.getSpec().getScaleTargetRef();

    try (var controller =
        new KubernetesClientBuilder()
            .withConfig(
                new ConfigBuilder(RealApiServer.shared().config())
                    .withImpersonateUsername(CONTROLLER)
                    .withImpersonateGroups(
                        "system:serviceaccounts",
                        "system:serviceaccounts:kube-system",
                        "system:authenticated")
                    .build())
            .build()) {
      // How it comes from the kind to the path.
      var resource =
          controller.getApiResources(target.getApiVersion()).getResources().stream()
              .filter(r -> r.getName().endsWith("/scale"))
              .findFirst()
              .orElseThrow();
      assertThat(resource.getName()).isEqualTo("desiredlrps/scale");
      assertThat(resource.getGroup() + "/" + resource.getVersion() + " " + resource.getKind())
          .isEqualTo("autoscaling/v1 Scale");
      var web =
          controller
              .resources(DesiredLRP.class)
              .inNamespace(cluster.namespace)
              .withName(target.getName());
      var scale = web.scale();
      assertThat(scale.getSpec().getReplicas()).isEqualTo(1);
      assertThat(scale.getStatus().getReplicas()).isEqualTo(1);
      assertThat(scale.getStatus().getSelector()).isEqualTo("ccbridge.dev/process=" + guid);
      assertThat(
              controller
                  .pods()
                  .inNamespace(cluster.namespace)
                  .withLabelSelector(scale.getStatus().getSelector())
                  .list()
                  .getItems())
          .as("processes have no Pods, and it may ask")
          .isEmpty();

      scale.getSpec().setReplicas(3);
      web.scale(scale);
    }
    await().atMost(PATIENCE).until(() -> cluster.onlyDesired().instances() == 3);
    cluster.receptor.runAll(guid);
    cluster.awaitReady("web", "3/3");
    assertThat(cluster.lrp("web").scale().getStatus().getReplicas()).isEqualTo(3);
  }
}
