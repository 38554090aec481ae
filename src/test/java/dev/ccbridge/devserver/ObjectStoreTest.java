package dev.ccbridge.devserver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ccbridge.devserver.ObjectStore.ChangeKind;
import dev.ccbridge.devserver.ObjectStore.Key;
import dev.ccbridge.devserver.ObjectStore.TooOldException;
import dev.ccbridge.devserver.schema.Json;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(value = 30, unit = TimeUnit.SECONDS)
class ObjectStoreTest {
  private static final Key A = new Key("/things", "n", "a");

  private final ObjectStore store = new ObjectStore(null);

  @Test
  void countsEveryWriteOnce() {
    var created = store.create(A, Json.object()).orElseThrow();
    var updated = store.update(created, Json.object()).orElseThrow();
    var gone = store.delete(updated, updated.object()).orElseThrow();

    assertThat(created.revision()).isEqualTo(1);
    assertThat(updated.revision()).isEqualTo(2);
    assertThat(Json.text(gone.object(), "metadata", "resourceVersion")).isEqualTo("3");
    assertThat(store.get(A)).isEmpty();
  }

  @Test
  void refusesAWriteOverWhatTheWriterHasNotSeen() {
    var seen = store.create(A, Json.object()).orElseThrow();
    store.update(seen, Json.object());

    assertThat(store.update(seen, Json.object())).isEmpty();
    assertThat(store.delete(seen, Json.object())).isEmpty();
    assertThat(store.create(A, Json.object())).isEmpty();
  }

  @Test
  void listsOneNamespaceWithoutThoseWhoseNameBeginsAlike() {
    store.create(A, Json.object());
    store.create(new Key("/things", "n2", "b"), Json.object());
    store.create(new Key("/things2", "n", "c"), Json.object());

    assertThat(store.list("/things", "n").objects()).hasSize(1);
    assertThat(store.list("/things", null).objects()).hasSize(2);
  }

  @Test
  void handsOutTheChangesAfterARevision() throws Exception {
    var created = store.create(A, Json.object()).orElseThrow();
    store.update(created, Json.object());

    assertThat(store.changesAfter(0, Duration.ZERO))
        .extracting(ObjectStore.Change::kind)
        .containsExactly(ChangeKind.ADDED, ChangeKind.MODIFIED);
    assertThat(store.changesAfter(1, Duration.ZERO)).hasSize(1);
    assertThat(store.changesAfter(2, Duration.ZERO)).isEmpty();
  }

  @Test
  void forgetsOldChangesAndSaysSo() {
    var stored = store.create(A, Json.object()).orElseThrow();
    for (var i = 0; i < 9_000; i++) {
      stored = store.update(stored, Json.object()).orElseThrow();
    }

    assertThatThrownBy(() -> store.changesAfter(1, Duration.ZERO))
        .isInstanceOfSatisfying(
            TooOldException.class, tooOld -> assertThat(tooOld.oldest()).isEqualTo(9_001 - 8_192));
  }
}
