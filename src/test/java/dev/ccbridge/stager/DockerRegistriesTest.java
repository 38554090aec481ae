package dev.ccbridge.stager;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ccbridge.CcBridgeException;
import dev.ccbridge.web.HttpService;
import dev.ccbridge.web.Response;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class DockerRegistriesTest {
  private static final Instant START = Instant.parse("2026-01-01T12:00:00Z");
  private final AtomicReference<String> catalogue = new AtomicReference<>("[]");
  private final AtomicReference<Instant> now = new AtomicReference<>(START);
  private final AtomicInteger asked = new AtomicInteger();
  private final HttpService consul =
      HttpService.start(
          new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
          request -> {
            assertThat(request.rawPath()).isEqualTo("/v1/catalog/service/docker-registry");
            asked.incrementAndGet();
            return Response.json(500, catalogue.get().getBytes(StandardCharsets.UTF_8));
          });
  private final DockerRegistries registries = at(consul.uri());

  @AfterEach
  void close() {
    registries.close();
    consul.close();
  }

  @Test
  void addressesInAnyCaseWhateverTheStatus() {
    catalogue.set(
        "[{\"Address\":\"10.0.0.1\",\"ServicePort\":0},{\"ADDRESS\":\"10.0.0.2\"},{},null]");
    assertThat(registries.addresses()).containsExactly("10.0.0.1", "10.0.0.2", "", "");
  }

  @Test
  void anAnswerIsRememberedForAWhile() {
    catalogue.set("[{\"Address\":\"10.0.0.1\"}]");
    registries.addresses();
    registries.addresses();
    assertThat(asked).hasValue(1);
    now.set(START.plus(DockerRegistries.MEMORY));
    registries.addresses();
    assertThat(asked).hasValue(2);
  }

  @Test
  void anAnswerWithoutRegistriesIsNot() {
    assertThat(registries.addresses()).isEmpty();
    catalogue.set("[{\"Address\":\"10.0.0.1\"}]");
    assertThat(registries.addresses()).containsExactly("10.0.0.1");
  }

  @Test
  void whatIsNoCatalogueIsAFailureThatDoesNotRepeatIt() {
    catalogue.set("No cluster leader");
    assertThatThrownBy(registries::addresses)
        .isInstanceOf(CcBridgeException.class)
        .hasMessageContaining("no list of services")
        .hasMessageNotContaining("leader");
  }

  @Test
  void anAnswerThatNeverEndsIsCutOff() {
    catalogue.set("[" + " ".repeat(2 << 20) + "]");
    assertThatThrownBy(registries::addresses).isInstanceOf(CcBridgeException.class);
  }

  @Test
  void nobodyThereIsAFailure() {
    assertThatThrownBy(() -> at(URI.create("http://127.0.0.1:1")).addresses())
        .hasMessageContaining("the connection failed");
  }

  private DockerRegistries at(URI agent) {
    InstantSource source = now::get;
    return new DockerRegistries(Optional.of(agent), source.withZone(ZoneOffset.UTC));
  }
}
