package dev.ccbridge.secrets;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ccbridge.api.SecretKeyRef;
import dev.ccbridge.api.StagingRequest;
import dev.ccbridge.kube.Labels;
import dev.ccbridge.kube.OwnerReferences;
import dev.ccbridge.receptor.model.EnvironmentVariable;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.server.mock.EnableKubernetesMockClient;
import io.fabric8.kubernetes.client.server.mock.KubernetesMockServer;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@EnableKubernetesMockClient(crud = true)
class InlineSecretsMockTest {
  private static final List<EnvironmentVariable> ENVIRONMENT =
      List.of(
          new EnvironmentVariable("A", "gr\u00fc\u00dfe \u2713"),
          new EnvironmentVariable("A", ""),
          new EnvironmentVariable("", "no name"));

  private KubernetesClient client;
  private KubernetesMockServer server;

  @Test
  void whatIsPutAsideIsReadBackInItsOrder() {
    var secrets = new InlineSecrets("s");
    var environment = secrets.putEnvironment(ENVIRONMENT);
    assertThat(environment).allSatisfy(variable -> assertThat(variable.value()).isNull());
    var source = secrets.put("uri", "http://u:p@host");
    store(secrets);
    var values = new SecretValues(client, "ns");
    assertThat(SecretEnvironment.resolve(values, environment)).isEqualTo(ENVIRONMENT);
    assertThat(values.get(source.secretKeyRef(), "spec.uri")).isEqualTo("http://u:p@host");
  }

  @Test
  void theSecretGoesWithItsOwner() {
    var secrets = new InlineSecrets("s");
    assertThat(secrets.isEmpty()).isTrue();
    secrets.put("k", "v");
    assertThat(secrets.isEmpty()).isFalse();
    var secret = secrets.secret(owner(), Labels.managed());
    assertThat(OwnerReferences.isOwned(secret, owner())).isTrue();
    assertThat(secret.getMetadata().getNamespace()).isEqualTo("ns");
    assertThat(secret.getMetadata().getLabels()).isEqualTo(Labels.managed());
  }

  @Test
  void aKeyCannotBeUsedTwice() {
    var secrets = new InlineSecrets("s");
    secrets.put("k", "v");
    assertThatThrownBy(() -> secrets.put("k", "w")).hasMessage("key: k is there twice");
  }

  @Test
  void whatIsMissingIsNamedWithoutAnyValue() {
    var values = new SecretValues(client, "ns");
    assertThatThrownBy(() -> values.get(new SecretKeyRef("s", "k"), "spec.uri"))
        .isInstanceOf(SecretMissingException.class)
        .hasMessage(
            "spec.uri: Secret s does not exist: create it with the key k, or correct the"
                + " reference");
    var secrets = new InlineSecrets("t");
    secrets.put("other", "v");
    store(secrets);
    assertThatThrownBy(() -> values.get(new SecretKeyRef("t", "k"), "spec.uri"))
        .hasMessage("spec.uri: Secret t has no key k: add it, or correct the reference");
    assertThat(values.find("t", "k")).isEmpty();
  }

  @Test
  void aSecretIsReadOnce() {
    var secrets = new InlineSecrets("s");
    secrets.putEnvironment(ENVIRONMENT);
    store(secrets);
    var before = server.getRequestCount();
    var values = new SecretValues(client, "ns");
    for (var i = 0; i < ENVIRONMENT.size(); i++) {
      assertThat(values.find("s", "environment-" + i)).isPresent();
    }
    assertThat(server.getRequestCount() - before).isEqualTo(1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"http://host", "https://host:1/a/b.zip"})
  void whatHoldsNoSecretIsPlain(String uri) {
    assertThat(InlineSecrets.isPlain(uri)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "/path",
        "http://u@host",
        "http://u:p@host",
        "http://host/?sig=1",
        "http://host/#f",
        "http://host/a b",
        "git@host:repo",
        "ftp://host/x"
      })
  void whatMayHoldOneIsNot(String uri) {
    assertThat(InlineSecrets.isPlain(uri)).isFalse();
  }

  /** As an API server does, of what is given as text. */
  private void store(InlineSecrets secrets) {
    var secret = secrets.secret(owner(), null);
    var encoder = Base64.getEncoder();
    client
        .resource(
            new SecretBuilder(secret)
                .withStringData(null)
                .withData(
                    secret.getStringData().entrySet().stream()
                        .collect(
                            Collectors.toMap(
                                e -> e.getKey(),
                                e ->
                                    encoder.encodeToString(
                                        e.getValue().getBytes(StandardCharsets.UTF_8)))))
                .build())
        .create();
  }

  private static StagingRequest owner() {
    var owner = new StagingRequest();
    owner.setMetadata(
        new ObjectMetaBuilder().withNamespace("ns").withName("app").withUid("uid-1").build());
    return owner;
  }
}
