package dev.ccbridge.receptor.store;

import com.fasterxml.jackson.core.JsonProcessingException;
import dev.ccbridge.receptor.model.ReceptorErrorName;
import dev.ccbridge.receptor.model.ReceptorException;
import dev.ccbridge.receptor.model.ReceptorJson;
import java.io.IOException;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * One record to be stored or removed.
 *
 * @param encoded a byte for the version of the encoding, then compact JSON; null: remove
 */
record Change(Table table, String key, byte @Nullable [] encoded) {
  private static final byte VERSION = 1;

  static Change put(Table table, String key, Object value) {
    try {
      var json = ReceptorJson.mapper().writeValueAsBytes(value);
      var encoded = new byte[json.length + 1];
      encoded[0] = VERSION;
      System.arraycopy(json, 0, encoded, 1, json.length);
      return new Change(table, key, encoded);
    } catch (JsonProcessingException failure) {
      throw new ReceptorException(
          ReceptorErrorName.UnknownError, "cannot encode " + table.mapName() + "/" + key, failure);
    }
  }

  static Change remove(Table table, String key) {
    return new Change(table, key, null);
  }

  /**
   * @throws StoreFileException when the record is not one of ours
   */
  static <T> T decode(Table table, String key, byte[] encoded, Class<T> type) {
    var record = table.mapName() + "/" + key;
    if (encoded.length == 0 || encoded[0] != VERSION) {
      throw new StoreFileException(
          "record " + record + " is of another version than " + VERSION, null);
    }
    try {
      return ReceptorJson.mapper().readValue(encoded, 1, encoded.length - 1, type);
    } catch (IOException broken) {
      // The parser's own message quotes the record, which may hold secrets.
      throw new StoreFileException("record " + record + " is no JSON of its type", null);
    }
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Change change
        && table == change.table
        && key.equals(change.key)
        && Arrays.equals(encoded, change.encoded);
  }

  @Override
  public int hashCode() {
    return key.hashCode();
  }
}
