package dev.ccbridge.kube;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.Event;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.server.mock.EnableKubernetesMockClient;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@EnableKubernetesMockClient(crud = true)
@Timeout(30)
class EventRecorderMockTest {
  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
  KubernetesClient client;

  private final ConfigMap object =
      new ConfigMapBuilder()
          .withNewMetadata()
          .withNamespace("ns")
          .withName("thing")
          .withUid("uid-1")
          .endMetadata()
          .build();

  @Test
  void anEventSaysWhatHappenedToWhat() {
    recordAt(NOW, r -> r.warning(object, "StagingFailed", "no buildpack"));
    assertThat(events())
        .singleElement()
        .satisfies(
            e -> {
              assertThat(e.getType()).isEqualTo("Warning");
              assertThat(e.getReason()).isEqualTo("StagingFailed");
              assertThat(e.getMessage()).isEqualTo("no buildpack");
              assertThat(e.getInvolvedObject().getUid()).isEqualTo("uid-1");
              assertThat(e.getInvolvedObject().getKind()).isEqualTo("ConfigMap");
            });
  }

  @Test
  void theSameSaidAgainSoonIsNotWritten() {
    recordAt(
        NOW,
        r -> {
          r.normal(object, "Started", "x");
          r.normal(object, "Started", "x");
          r.normal(object, "Ended", "x");
        });
    assertThat(events()).extracting(Event::getCount).containsExactly(1, 1);
  }

  @Test
  void theSameSaidByALaterProcessIsCounted() {
    recordAt(NOW, r -> r.normal(object, "Started", "x"));
    recordAt(NOW.plus(Duration.ofHours(1)), r -> r.normal(object, "Started", "x"));
    assertThat(events())
        .singleElement()
        .satisfies(
            e -> {
              assertThat(e.getCount()).isEqualTo(2);
              assertThat(e.getFirstTimestamp()).isEqualTo("2026-01-01T00:00:00Z");
              assertThat(e.getLastTimestamp()).isEqualTo("2026-01-01T01:00:00Z");
            });
  }

  @Test
  void aLongMessageIsCutToWhatTheServerTakes() {
    recordAt(NOW, r -> r.normal(object, "Started", "ä".repeat(2000)));
    assertThat(events().getFirst().getMessage().getBytes(java.nio.charset.StandardCharsets.UTF_8))
        .hasSizeBetween(1000, 1024);
  }

  @Test
  void afterCloseNothingFails() {
    var recorder = new EventRecorder(client, "test", Clock.systemUTC());
    recorder.close();
    assertThatCode(() -> recorder.normal(object, "Started", "x")).doesNotThrowAnyException();
    assertThat(events()).isEmpty();
  }

  private void recordAt(Instant time, java.util.function.Consumer<EventRecorder> what) {
    try (var recorder = new EventRecorder(client, "test", Clock.fixed(time, ZoneOffset.UTC))) {
      what.accept(recorder);
    }
  }

  private List<Event> events() {
    return client.v1().events().inNamespace("ns").list().getItems();
  }
}
