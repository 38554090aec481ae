package dev.ccbridge.receptor.store.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ccbridge.receptor.model.ActualLRPResponse;
import dev.ccbridge.receptor.model.ActualLRPState;
import dev.ccbridge.receptor.model.ModificationTag;
import dev.ccbridge.receptor.model.PortMapping;
import dev.ccbridge.receptor.store.Change;
import dev.ccbridge.receptor.store.Table;
import java.util.Map;
import java.util.UUID;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class BucketTest {
  /** What an API server takes in the values of a Secret. */
  private static final int SECRET_BYTES = 1 << 20;

  /** What a kubelet keeps of a container's last words. */
  private static final int TERMINATION_MESSAGE = 4096;

  private static final int MOST_PORTS = 32;
  private static final String LONGEST_GUID = "x".repeat(253);

  @Test
  void neighboursOfOneLRPShareOne() {
    var first = Bucket.of(instance("web/0"));
    assertThat(first).isEqualTo(new Bucket(Table.ACTUAL_LRPS, "web/0-31"));
    assertThat(Bucket.of(instance("web/31"))).isEqualTo(first);
    assertThat(Bucket.of(instance("web/32")).key()).isEqualTo("web/32-63");
    assertThat(Bucket.of(instance("web-2/0")).key()).isEqualTo("web-2/0-31");
    assertThat(first.desired()).isEqualTo(new Bucket(Table.DESIRED_LRPS, "web"));
  }

  @Test
  void everyOtherRecordIsAlone() {
    for (var table : new Table[] {Table.TASKS, Table.DESIRED_LRPS, Table.DOMAINS}) {
      var record = new RecordKey(table, "a/1");
      var bucket = Bucket.of(record);
      assertThat(bucket).isEqualTo(new Bucket(table, "a/1"));
      assertThat(bucket.record(bucket.entry("a/1"))).contains(record);
      assertThat(bucket.record("1")).isEmpty();
    }
  }

  @Test
  void aSharedOneKnowsItsOwnEntriesAndNoOthers() {
    var bucket = Bucket.of(instance("web/40"));
    assertThat(bucket.entry("web/40")).isEqualTo("40");
    assertThat(bucket.record("40")).contains(instance("web/40"));
    for (var other : new String[] {"31", "64", "040", "-40", "record", "", "4e1", "9999999999"}) {
      assertThat(bucket.record(other)).as(other).isEmpty();
    }
    assertThat(new Bucket(Table.ACTUAL_LRPS, "web/5").record("5")).as("not of this form").isEmpty();
    assertThat(new Bucket(Table.ACTUAL_LRPS, "web").record("5")).as("not of this form").isEmpty();
  }

  @Test
  void theLargestInstancesFitIntoOne() {
    var bytes = 0;
    for (var index = 9_984; index < 9_984 + Bucket.INSTANCES; index++) {
      var group = Map.of("instance", largest(index, false), "evacuating", largest(index, true));
      var change = Change.put(Table.ACTUAL_LRPS, LONGEST_GUID + "/" + index, group);
      bytes += change.encoded().length;
    }
    assertThat(bytes).isBetween(SECRET_BYTES * 4 / 5, SECRET_BYTES);
  }

  private static ActualLRPResponse largest(int index, boolean isCopy) {
    return new ActualLRPResponse(
        LONGEST_GUID,
        UUID.randomUUID().toString(),
        "n".repeat(253),
        "d".repeat(253),
        index,
        "2001:0db8:85a3:0000:0000:8a2e:0370:7334",
        IntStream.range(0, MOST_PORTS).mapToObj(i -> new PortMapping(65_535, 65_535)).toList(),
        ActualLRPState.UNCLAIMED,
        Integer.MAX_VALUE,
        isCopy ? "" : "<".repeat(TERMINATION_MESSAGE),
        "insufficient resources: memory, disk, containers",
        Long.MAX_VALUE,
        isCopy,
        new ModificationTag(UUID.randomUUID().toString(), Integer.MAX_VALUE));
  }

  private static RecordKey instance(String key) {
    return new RecordKey(Table.ACTUAL_LRPS, key);
  }
}
