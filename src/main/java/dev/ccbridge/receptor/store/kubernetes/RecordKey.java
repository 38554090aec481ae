package dev.ccbridge.receptor.store.kubernetes;

import dev.ccbridge.receptor.store.Change;
import dev.ccbridge.receptor.store.Table;

/** Which record. */
record RecordKey(Table table, String key) {

  static RecordKey of(Change change) {
    return new RecordKey(change.table(), change.key());
  }
}
