package dev.ccbridge.kube;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.server.mock.EnableKubernetesMockClient;
import io.fabric8.kubernetes.client.server.mock.KubernetesMockServer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@EnableKubernetesMockClient(crud = true)
@Timeout(30)
class MergePatchMockTest {
  KubernetesMockServer server;
  KubernetesClient client;

  @Test
  void changesTheFieldsThatItNamesInOneCall() {
    client
        .resource(
            new ConfigMapBuilder()
                .withNewMetadata()
                .withNamespace("ns")
                .withName("settings")
                .addToLabels("kept", "yes")
                .endMetadata()
                .addToData("a", "1")
                .addToData("b", "1")
                .build())
        .create();
    var before = server.getRequestCount();

    var after = patch("settings");

    assertThat(server.getRequestCount()).isEqualTo(before + 1);
    assertThat(after.getData()).containsEntry("a", "2").containsEntry("b", "1");
    assertThat(after.getMetadata().getLabels()).containsEntry("kept", "yes");
  }

  @Test
  void whatIsNotThereIsNotMade() {
    assertThatExceptionOfType(KubernetesClientException.class)
        .isThrownBy(() -> patch("missing"))
        .satisfies(missing -> assertThat(missing.getCode()).isEqualTo(404));
  }

  private ConfigMap patch(String name) {
    return MergePatch.apply(
        client.configMaps().inNamespace("ns"), new ConfigMap(), name, "{\"data\":{\"a\":\"2\"}}");
  }
}
