package dev.ccbridge.receptor.backend.pod;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.ccbridge.receptor.backend.PlacementException;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.api.model.StatusBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.server.mock.EnableKubernetesMockClient;
import io.fabric8.kubernetes.client.server.mock.KubernetesMockServer;
import java.time.Clock;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@EnableKubernetesMockClient
@Timeout(60)
class PodsMockTest {
  private static final Secret SECRET =
      new SecretBuilder().withNewMetadata().withName("secret").endMetadata().build();

  KubernetesMockServer server;
  KubernetesClient client;
  private Pods pods;

  @BeforeEach
  void open() {
    pods = new Pods(client, "ns", Clock.systemUTC());
  }

  @AfterEach
  void close() {
    pods.close();
  }

  private void answer(int code, String message) {
    answer(code, message, null);
  }

  private void answer(int code, String message, @Nullable String reason) {
    var status = new StatusBuilder().withCode(code).withMessage(message).withReason(reason).build();
    server
        .expect()
        .post()
        .withPath("/api/v1/namespaces/ns/secrets")
        .andReturn(code, code == 201 ? SECRET : status)
        .once();
  }

  @ParameterizedTest
  @ValueSource(ints = {410, 409})
  void answerThatSaysNothingOfTheSecretIsAskedForAgain(int first) {
    answer(first, "the quota has been modified", "Conflict");
    answer(201, "");

    pods.create(SECRET);

    assertThat(server.getRequestCount()).isEqualTo(2);
  }

  @Test
  void oneThatIsThereAlreadyIsIt() {
    answer(409, "there", "AlreadyExists");

    pods.create(SECRET);

    assertThat(server.getRequestCount()).isEqualTo(1);
  }

  @ParameterizedTest
  @ValueSource(ints = {400, 403, 404, 422})
  void noIsNotAskedForAgain(int code) {
    answer(code, "no");

    assertThatExceptionOfType(KubernetesClientException.class)
        .isThrownBy(() -> pods.create(SECRET))
        .satisfies(no -> assertThat(no.getCode()).isEqualTo(code));
    assertThat(server.getRequestCount()).isEqualTo(1);
  }

  @Test
  void quotaIsWantOfRoom() {
    answer(403, "exceeded quota: apps");

    assertThatExceptionOfType(PlacementException.class).isThrownBy(() -> pods.create(SECRET));
  }

  @Test
  void itIsNotAskedForForEver() {
    for (int i = 0; i < 10; i++) {
      answer(410, "gone");
    }

    assertThatExceptionOfType(KubernetesClientException.class)
        .isThrownBy(() -> pods.create(SECRET))
        .satisfies(gone -> assertThat(gone.getCode()).isEqualTo(410));
    assertThat(server.getRequestCount()).isLessThan(10);
  }
}
