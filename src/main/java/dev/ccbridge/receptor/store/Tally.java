package dev.ccbridge.receptor.store;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * How many records a table has, and a sum over all of them that does not depend on their order.
 * Kept beside the table in every commit, it tells whether a record is missing or is an older one,
 * which no record's own checksum can.
 */
record Tally(long count, long sum) {
  static final Tally NONE = new Tally(0, 0);

  /** Odd, so that nothing of a checksum is lost by the multiplication. */
  private static final long SPREAD = 0x9E3779B97F4A7C15L;

  static Tally decode(byte[] encoded) {
    var buffer = ByteBuffer.wrap(encoded);
    return new Tally(buffer.getLong(), buffer.getLong());
  }

  byte[] encode() {
    return ByteBuffer.allocate(2 * Long.BYTES).putLong(count).putLong(sum).array();
  }

  Tally with(String key, byte[] value) {
    return new Tally(count + 1, sum + weight(key, value));
  }

  /**
   * @param value null: there was none
   */
  Tally without(String key, byte @Nullable [] value) {
    return value == null ? this : new Tally(count - 1, sum - weight(key, value));
  }

  private static long weight(String key, byte[] value) {
    var crc = new CRC32C();
    crc.update(key.getBytes(StandardCharsets.UTF_8));
    crc.update(value);
    return crc.getValue() * SPREAD;
  }
}
