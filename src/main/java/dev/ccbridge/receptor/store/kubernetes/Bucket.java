package dev.ccbridge.receptor.store.kubernetes;

import dev.ccbridge.receptor.store.Table;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The records that share a Secret: neighbouring instances of one LRP, so that changes of several of
 * them are one write. A record of any other table is alone in its bucket, since it may be large,
 * and nothing else is to wait for it.
 *
 * <p>Instances are small, so that none of them gets its neighbours refused: 600 bytes as a rule.
 * The largest that a resource can bring about has 32 ports, a crash reason of the 4 KiB that a
 * kubelet keeps, each character of which is escaped, and an evacuating copy. That is 30 KiB, and as
 * many of them as share a Secret fit into its 1 MiB. Only who asks the Receptor itself for hundreds
 * of ports, or a domain as long, gets past that, and what is refused then is of that LRP alone.
 *
 * @param key of a shared one: process guid, slash, first and last index; else the record's
 */
record Bucket(Table table, String key) {
  /**
   * As many as are placed at a time, so they change at about the same time. With more of them each
   * write would send, and be answered, more that has not changed: it is 25 KB of each as it is.
   */
  static final int INSTANCES = 32;

  private static final Pattern INDEX = Pattern.compile("0|[1-9][0-9]{0,8}");
  private static final String ALONE = "record";

  static Bucket of(RecordKey record) {
    if (record.table() != Table.ACTUAL_LRPS) {
      return new Bucket(record.table(), record.key());
    }
    var slash = record.key().lastIndexOf('/') + 1;
    var first = Integer.parseInt(record.key().substring(slash)) / INSTANCES * INSTANCES;
    var last = first + INSTANCES - 1;
    return new Bucket(record.table(), record.key().substring(0, slash) + first + "-" + last);
  }

  boolean isShared() {
    return table == Table.ACTUAL_LRPS;
  }

  /** Under which one of its records stands in the Secret. */
  String entry(String recordKey) {
    return isShared() ? recordKey.substring(recordKey.lastIndexOf('/') + 1) : ALONE;
  }

  /** Which record stands there; empty: none of its records does. */
  Optional<RecordKey> record(String entry) {
    if (!isShared()) {
      return entry.equals(ALONE) ? Optional.of(new RecordKey(table, key)) : Optional.empty();
    }
    return INDEX.matcher(entry).matches()
        ? Optional.of(new RecordKey(table, withGuid(entry))).filter(any -> of(any).equals(this))
        : Optional.empty();
  }

  /** Of a shared one: where its desired LRP is. */
  Bucket desired() {
    var guid = withGuid("");
    return of(new RecordKey(Table.DESIRED_LRPS, guid.substring(0, guid.length() - 1)));
  }

  private String withGuid(String end) {
    return key.substring(0, key.lastIndexOf('/') + 1) + end;
  }
}
