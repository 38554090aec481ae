package dev.ccbridge.tps;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * The little of a dropsonde envelope (protobuf) that matters here. Source: dropsonde-protocol
 * events/envelope.proto, metric.proto, log.proto.
 */
final class Envelope {
  private static final int EVENT_TYPE = 2;
  private static final int LOG_MESSAGE = 8;
  private static final int CONTAINER_METRIC = 12;
  private static final long TYPE_LOG_MESSAGE = 5;
  private static final int MAX_SHOWN_BYTES = 200;

  private static final int VARINT = 0;
  private static final int FIXED_64 = 1;
  private static final int BYTES = 2;
  private static final int FIXED_32 = 5;

  private Envelope() {}

  /**
   * The metric in it; empty for an event of another type.
   *
   * @throws MetricsException when it is broken, or a log message: so the traffic controller tells
   *     that those behind it failed
   */
  static Optional<ContainerMetric> containerMetric(ByteBuffer bytes) {
    try {
      return read(bytes);
    } catch (BufferUnderflowException | IllegalArgumentException broken) {
      throw new MetricsException("a part of the answer is no envelope", broken);
    }
  }

  private static Optional<ContainerMetric> read(ByteBuffer bytes) {
    var envelope = bytes.slice().order(ByteOrder.LITTLE_ENDIAN);
    var isLog = false;
    var message = "";
    var metric = Optional.<ContainerMetric>empty();
    while (envelope.hasRemaining()) {
      var tag = varint(envelope);
      switch (field(tag)) {
        case EVENT_TYPE -> isLog = wanted(tag, VARINT) && varint(envelope) == TYPE_LOG_MESSAGE;
        case LOG_MESSAGE -> message = wanted(tag, BYTES) ? text(nested(envelope)) : "";
        case CONTAINER_METRIC -> {
          wanted(tag, BYTES);
          metric = Optional.of(metric(nested(envelope)));
        }
        default -> skip(envelope, tag);
      }
    }
    if (isLog) {
      throw new MetricsException("upstream error: " + message);
    }
    return metric;
  }

  private static ContainerMetric metric(ByteBuffer fields) {
    var index = 0;
    var cpu = 0.0;
    var memory = 0L;
    var disk = 0L;
    while (fields.hasRemaining()) {
      var tag = varint(fields);
      switch (field(tag)) {
        case 2 -> index = wanted(tag, VARINT) ? (int) varint(fields) : 0;
        case 3 -> cpu = wanted(tag, FIXED_64) ? fields.getDouble() : 0;
        case 4 -> memory = wanted(tag, VARINT) ? varint(fields) : 0;
        case 5 -> disk = wanted(tag, VARINT) ? varint(fields) : 0;
        default -> skip(fields, tag);
      }
    }
    if (!Double.isFinite(cpu)) {
      throw new IllegalArgumentException("cpuPercentage must be a number, was " + cpu);
    }
    return new ContainerMetric(index, cpu, memory, disk);
  }

  /** The message of a log message, its first field. */
  private static String text(ByteBuffer fields) {
    while (fields.hasRemaining()) {
      var tag = varint(fields);
      if (field(tag) == 1 && wanted(tag, BYTES)) {
        var message = nested(fields);
        message.limit(Math.min(message.limit(), MAX_SHOWN_BYTES));
        return StandardCharsets.UTF_8.decode(message).toString();
      }
      skip(fields, tag);
    }
    return "";
  }

  private static int field(long tag) {
    return (int) (tag >>> 3);
  }

  private static boolean wanted(long tag, int wireType) {
    if ((tag & 7) != wireType) {
      throw new IllegalArgumentException(
          "field " + field(tag) + " must be of wire type " + wireType + ", was " + (tag & 7));
    }
    return true;
  }

  private static void skip(ByteBuffer fields, long tag) {
    switch ((int) (tag & 7)) {
      case VARINT -> varint(fields);
      case FIXED_64 -> fields.getLong();
      case BYTES -> nested(fields);
      case FIXED_32 -> fields.getInt();
      default -> throw new IllegalArgumentException("unknown wire type " + (tag & 7));
    }
  }

  private static ByteBuffer nested(ByteBuffer fields) {
    var length = varint(fields);
    if (length < 0 || length > fields.remaining()) {
      throw new BufferUnderflowException();
    }
    var nested = fields.slice(fields.position(), (int) length).order(ByteOrder.LITTLE_ENDIAN);
    fields.position(fields.position() + (int) length);
    return nested;
  }

  private static long varint(ByteBuffer fields) {
    var value = 0L;
    for (var shift = 0; shift < 64; shift += 7) {
      var next = fields.get();
      value |= (long) (next & 0x7f) << shift;
      if (next >= 0) {
        return value;
      }
    }
    throw new IllegalArgumentException("a number has more than 64 bits");
  }
}
