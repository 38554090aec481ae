package dev.ccbridge.receptor.store;

import com.fasterxml.jackson.core.JsonProcessingException;
import dev.ccbridge.receptor.model.ReceptorErrorName;
import dev.ccbridge.receptor.model.ReceptorException;
import dev.ccbridge.receptor.model.ReceptorJson;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * One record to be stored or removed.
 *
 * @param encoded a byte for the version of the encoding, the CRC-32C of the table's name, the key
 *     and the JSON, then compact JSON; null: remove. Version 1 had no checksum
 */
public record Change(Table table, String key, byte @Nullable [] encoded) {
  private static final byte VERSION = 2;
  private static final byte WITHOUT_CHECKSUM = 1;
  private static final int HEADER_BYTES = 1 + Integer.BYTES;

  public static Change put(Table table, String key, Object value) {
    try {
      var json = ReceptorJson.mapper().writeValueAsBytes(value);
      var encoded =
          ByteBuffer.allocate(HEADER_BYTES + json.length)
              .put(VERSION)
              .putInt(checksum(table, key, json, 0))
              .put(json)
              .array();
      return new Change(table, key, encoded);
    } catch (JsonProcessingException failure) {
      throw new ReceptorException(
          ReceptorErrorName.UnknownError, "cannot encode " + table.mapName() + "/" + key, failure);
    }
  }

  public static Change remove(Table table, String key) {
    return new Change(table, key, null);
  }

  /**
   * @throws RecordsException when the record is not one of ours
   */
  public static <T> T decode(Table table, String key, byte[] encoded, Class<T> type) {
    var record = table.mapName() + "/" + key;
    var start = contentOf(table, key, encoded);
    try {
      return ReceptorJson.mapper().readValue(encoded, start, encoded.length - start, type);
    } catch (IOException broken) {
      // The parser's own message quotes the record, which may hold secrets.
      throw new RecordsException("record " + record + " is no JSON of its type", null);
    }
  }

  /** Where the JSON begins. */
  private static int contentOf(Table table, String key, byte[] encoded) {
    var record = table.mapName() + "/" + key;
    if (encoded.length > 0 && encoded[0] == WITHOUT_CHECKSUM) {
      return 1;
    }
    if (encoded.length < HEADER_BYTES || encoded[0] != VERSION) {
      throw new RecordsException(
          "record " + record + " is of another version than " + VERSION, null);
    }
    if (ByteBuffer.wrap(encoded).getInt(1) != checksum(table, key, encoded, HEADER_BYTES)) {
      throw new RecordsException("record " + record + " does not fit its checksum", null);
    }
    return HEADER_BYTES;
  }

  private static int checksum(Table table, String key, byte[] bytes, int start) {
    var crc = new CRC32C();
    crc.update((table.mapName() + "/" + key).getBytes(StandardCharsets.UTF_8));
    crc.update(bytes, start, bytes.length - start);
    return (int) crc.getValue();
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
