package dev.ccbridge.receptor.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.ccbridge.receptor.model.ReceptorException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What every place of records does, whatever it is made of. */
@Timeout(120)
public abstract class RecordsContract {

  /** The place under test, the same each time; whoever had it open before has closed it. */
  protected abstract Records open();

  @Test
  void keepsWhatWasWritten() {
    try (var records = open()) {
      put(records, "a", 1);
      put(records, "b", 2);
      put(records, "a", 3);
      Records.await(records.write(List.of(Change.remove(Table.DOMAINS, "b"))));
    }
    assertThat(reopened()).containsExactlyInAnyOrderEntriesOf(Map.of("a", 3L));
  }

  @Test
  void keepsTablesApart() {
    try (var records = open()) {
      put(records, "same", 1);
      Records.await(records.write(List.of(Change.put(Table.TASKS, "same", new StoredDomain(2)))));
    }
    try (var records = open()) {
      assertThat(records.load(Table.DOMAINS, StoredDomain.class))
          .containsEntry("same", new StoredDomain(1));
      assertThat(records.load(Table.TASKS, StoredDomain.class))
          .containsEntry("same", new StoredDomain(2));
      assertThat(records.load(Table.ACTUAL_LRPS, StoredDomain.class)).isEmpty();
    }
  }

  @Test
  void takesAnyKey() {
    var keys = List.of("A", "a", "a/b", "ä ö\t\"'{}", "-._", "x".repeat(1000), "x".repeat(1001));
    try (var records = open()) {
      keys.forEach(key -> put(records, key, key.length()));
    }
    assertThat(reopened()).containsOnlyKeys(keys);
  }

  @Test
  void keepsTheLastOfManyChangesOfOneRecord() {
    try (var records = open()) {
      var writes =
          IntStream.rangeClosed(1, 200)
              .mapToObj(i -> records.write(List.of(change("one", i))))
              .toList();
      writes.forEach(Records::await);
      assertThat(writes).allMatch(java.util.concurrent.Future::isDone);
    }
    assertThat(reopened()).containsEntry("one", 200L);
  }

  @Test
  void makesARecordAnewThatWasRemoved() {
    try (var records = open()) {
      put(records, "a", 1);
      var removed = records.write(List.of(Change.remove(Table.DOMAINS, "a")));
      var made = records.write(List.of(change("a", 2)));
      Records.await(removed);
      Records.await(made);
      Records.await(records.write(List.of(Change.remove(Table.DOMAINS, "never"))));
    }
    assertThat(reopened()).containsExactlyInAnyOrderEntriesOf(Map.of("a", 2L));
  }

  @Test
  void storesManyRecordsAndTellsWhenAllAreStored() throws Exception {
    try (var records = open()) {
      for (var i = 0; i < 100; i++) {
        records.write(List.of(change("k" + i, i), change("all", i)));
      }
      records.write(List.of()).get(30, TimeUnit.SECONDS);
      records.settle(Table.DOMAINS);
      records.settle(Table.DOMAINS, "k1");
      records.stored(Table.DOMAINS, "k1").get(30, TimeUnit.SECONDS);
      records.stored(Table.DOMAINS, "never").get(30, TimeUnit.SECONDS);
      records.requireWritable();
    }
    assertThat(reopened()).hasSize(101).containsEntry("all", 99L).containsEntry("k99", 99L);
  }

  @Test
  void storesWhatIsPendingWhenItIsClosedAndNothingLater() {
    var records = open();
    IntStream.range(0, 20).forEach(i -> records.write(List.of(change("k" + i, i))));
    records.close();
    assertThatExceptionOfType(ReceptorException.class)
        .isThrownBy(() -> put(records, "late", 1))
        .withMessageContaining("closed");
    assertThat(reopened()).hasSize(20).doesNotContainKey("late");
  }

  protected static Change change(String key, long value) {
    return Change.put(Table.DOMAINS, key, new StoredDomain(value));
  }

  protected static void put(Records records, String key, long value) {
    Records.await(records.write(List.of(change(key, value))));
  }

  /** What another owner finds. */
  protected Map<String, Long> reopened() {
    try (var records = open()) {
      return values(records);
    }
  }

  protected static Map<String, Long> values(Records records) {
    var values = new java.util.TreeMap<String, Long>();
    records
        .load(Table.DOMAINS, StoredDomain.class)
        .forEach((key, domain) -> values.put(key, domain.freshUntil()));
    return values;
  }
}
