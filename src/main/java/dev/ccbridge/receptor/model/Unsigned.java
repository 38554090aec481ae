package dev.ccbridge.receptor.model;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.JsonDeserializer;
import java.io.IOException;
import java.math.BigInteger;
import org.jspecify.annotations.Nullable;

/**
 * Integers that Go declares unsigned: one that does not fit is no JSON of ours, before validation
 * has a word. Null is 0.
 */
final class Unsigned {
  private Unsigned() {}

  /** uint16, a port of a container. */
  static final class Bits16 extends JsonDeserializer<Integer> {
    @Override
    public Integer deserialize(JsonParser in, DeserializationContext context) throws IOException {
      return (int) read(in, context, 0xffff);
    }

    @Override
    public Integer getNullValue(DeserializationContext context) {
      return 0;
    }
  }

  /** uint, of which half is enough for us. */
  static final class Bits31 extends JsonDeserializer<Integer> {
    @Override
    public Integer deserialize(JsonParser in, DeserializationContext context) throws IOException {
      return (int) read(in, context, Integer.MAX_VALUE);
    }

    @Override
    public Integer getNullValue(DeserializationContext context) {
      return 0;
    }
  }

  /** uint32, a port of an egress rule. */
  static final class Bits32 extends JsonDeserializer<Long> {
    @Override
    public Long deserialize(JsonParser in, DeserializationContext context) throws IOException {
      return read(in, context, 0xffff_ffffL);
    }

    @Override
    public Long getNullValue(DeserializationContext context) {
      return 0L;
    }
  }

  /** uint, of which half is enough for us. */
  static final class Bits63 extends JsonDeserializer<Long> {
    @Override
    public Long deserialize(JsonParser in, DeserializationContext context) throws IOException {
      return read(in, context, Long.MAX_VALUE);
    }

    @Override
    public Long getNullValue(DeserializationContext context) {
      return 0L;
    }
  }

  /** uint64, where an absent one means something else than 0. */
  static final class Bits64 extends JsonDeserializer<BigInteger> {
    @Override
    public @Nullable BigInteger deserialize(JsonParser in, DeserializationContext context)
        throws IOException {
      requireInteger(in, context);
      var value = in.getBigIntegerValue();
      if (value.signum() < 0 || value.bitLength() > 64) {
        context.reportInputMismatch(this, "want an integer from 0 to 2^64-1");
      }
      return value;
    }
  }

  private static long read(JsonParser in, DeserializationContext context, long max)
      throws IOException {
    requireInteger(in, context);
    var value = in.getLongValue();
    if (value < 0 || value > max) {
      context.reportInputMismatch(Long.class, "want an integer from 0 to %d, was %d", max, value);
    }
    return value;
  }

  private static void requireInteger(JsonParser in, DeserializationContext context)
      throws IOException {
    if (!in.hasToken(JsonToken.VALUE_NUMBER_INT)) {
      context.reportInputMismatch(Long.class, "want an integer");
    }
  }
}
