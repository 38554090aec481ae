package dev.ccbridge.stager;

import dev.ccbridge.api.EnvironmentVariable;
import dev.ccbridge.api.SecretKeyRef;
import dev.ccbridge.api.StagingRequest;
import dev.ccbridge.api.StagingRequestSpec;
import dev.ccbridge.api.StagingRequestSpec.Buildpack;
import dev.ccbridge.api.StagingRequestSpec.Lifecycle;
import dev.ccbridge.api.StagingRequestSpec.Source;
import dev.ccbridge.api.StagingRequestStatus;
import dev.ccbridge.api.ValueSource;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import java.util.List;

/** StagingRequests for tests. */
final class Requests {
  static final String BITS = "http://bits.example.com/app.tgz";

  private String namespace = "ns";
  private String name = "app";
  private String stagingGuid;
  private String callback;
  private boolean cancel;
  private int ttlSeconds = 86_400;
  private List<EnvironmentVariable> environment = List.of();
  private Buildpack buildpack =
      new Buildpack(new Source(BITS, null), "cflinuxfs4", null, null, null);

  static Requests request() {
    return new Requests();
  }

  Requests in(String value) {
    namespace = value;
    return this;
  }

  Requests named(String value) {
    name = value;
    return this;
  }

  Requests stagingGuid(String value) {
    stagingGuid = value;
    return this;
  }

  Requests callback(String value) {
    callback = value;
    return this;
  }

  Requests cancelled() {
    cancel = true;
    return this;
  }

  Requests ttl(int seconds) {
    ttlSeconds = seconds;
    return this;
  }

  Requests environment(EnvironmentVariable... variables) {
    environment = List.of(variables);
    return this;
  }

  Requests buildpack(Buildpack value) {
    buildpack = value;
    return this;
  }

  static EnvironmentVariable secret(String variable, String secret, String key) {
    return new EnvironmentVariable(variable, null, new ValueSource(new SecretKeyRef(secret, key)));
  }

  /** As a user writes it. */
  StagingRequest build() {
    var request = new StagingRequest();
    request.setMetadata(new ObjectMetaBuilder().withNamespace(namespace).withName(name).build());
    request.setSpec(
        new StagingRequestSpec(
            stagingGuid,
            null,
            Lifecycle.BUILDPACK,
            buildpack,
            null,
            1024,
            4096,
            16_384L,
            900,
            null,
            environment.isEmpty() ? null : environment,
            null,
            callback,
            cancel,
            ttlSeconds));
    return request;
  }

  /** As the API server has it. */
  StagingRequest stored(StagingRequestStatus status) {
    var request = build();
    request.getMetadata().setUid("uid-1");
    request.getMetadata().setGeneration(1L);
    request.getMetadata().setResourceVersion("1");
    request.setStatus(status);
    return request;
  }
}
