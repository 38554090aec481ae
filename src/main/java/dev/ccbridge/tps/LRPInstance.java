package dev.ccbridge.tps;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonInclude.Include;
import com.fasterxml.jackson.annotation.JsonProperty;
import dev.ccbridge.receptor.model.ActualLRPResponse;
import dev.ccbridge.receptor.model.ActualLRPState;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.temporal.ChronoField;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One instance as CC is told of it. {@code uptime}: whole seconds since the last change of state,
 * whatever the state; {@code since}: that change, in seconds since the epoch; {@code port}: where
 * container port 8080 is reached, 0: nowhere. Source: cc_messages/lrp_instance.go.
 */
record LRPInstance(
    @JsonProperty("process_guid") String processGuid,
    @JsonProperty("instance_guid") String instanceGuid,
    @JsonProperty("index") int index,
    @JsonProperty("state") String state,
    @JsonProperty("details") @JsonInclude(Include.NON_EMPTY) String details,
    @JsonProperty("host") @JsonInclude(Include.NON_EMPTY) String host,
    @JsonProperty("port") @JsonInclude(Include.NON_DEFAULT) int port,
    @JsonProperty("uptime") long uptime,
    @JsonProperty("since") long since,
    @JsonProperty("stats") @JsonInclude(Include.NON_NULL) @Nullable Stats stats) {
  private static final int DEFAULT_PORT = 8080;

  /** {@code cpu}: 1 is one core; {@code mem} and {@code disk} in bytes. */
  record Stats(
      @JsonProperty("time") String time,
      @JsonProperty("cpu") BigDecimal cpu,
      @JsonProperty("mem") BigInteger mem,
      @JsonProperty("disk") BigInteger disk) {
    private static final DateTimeFormatter RFC_3339 =
        new DateTimeFormatterBuilder()
            .appendPattern("uuuu-MM-dd'T'HH:mm:ss")
            .appendFraction(ChronoField.NANO_OF_SECOND, 0, 9, true)
            .appendLiteral('Z')
            .toFormatter()
            .withZone(ZoneOffset.UTC);

    static Stats of(ContainerMetric metric, Instant now) {
      return new Stats(
          RFC_3339.format(now),
          number(metric.cpuPercentage() / 100),
          unsigned(metric.memoryBytes()),
          unsigned(metric.diskBytes()));
    }

    /** As Go writes it: a whole number without a point. */
    private static BigDecimal number(double value) {
      var shortest = BigDecimal.valueOf(value).stripTrailingZeros();
      return shortest.scale() < 0 ? shortest.setScale(0) : shortest;
    }

    private static BigInteger unsigned(long bytes) {
      return new BigInteger(Long.toUnsignedString(bytes));
    }
  }

  /** For the status routes: with what keeps it from a cell, without an address. */
  static LRPInstance status(ActualLRPResponse lrp, Instant now) {
    return of(lrp, now, lrp.placementError(), "", 0, null);
  }

  /** For the stats route. */
  static LRPInstance stats(ActualLRPResponse lrp, Instant now, @Nullable ContainerMetric metric) {
    var stats = metric == null ? null : Stats.of(metric, now);
    return of(lrp, now, "", lrp.address(), defaultPort(lrp), stats);
  }

  private static LRPInstance of(
      ActualLRPResponse lrp,
      Instant now,
      String details,
      String host,
      int port,
      @Nullable Stats stats) {
    var nanos = TimeUnit.SECONDS.toNanos(now.getEpochSecond()) + now.getNano();
    return new LRPInstance(
        lrp.processGuid(),
        lrp.instanceGuid(),
        lrp.index(),
        state(lrp.state()),
        details,
        host,
        port,
        TimeUnit.NANOSECONDS.toSeconds(nanos - lrp.since()),
        TimeUnit.NANOSECONDS.toSeconds(lrp.since()),
        stats);
  }

  private static String state(@Nullable ActualLRPState state) {
    return switch (state) {
      case UNCLAIMED, CLAIMED -> "STARTING";
      case RUNNING -> "RUNNING";
      case CRASHED -> "CRASHED";
      case INVALID -> "UNKNOWN";
      case null -> "UNKNOWN";
    };
  }

  private static int defaultPort(ActualLRPResponse lrp) {
    if (lrp.ports() == null) {
      return 0;
    }
    return lrp.ports().stream()
        .filter(port -> port != null && port.containerPort() == DEFAULT_PORT)
        .mapToInt(port -> port.hostPort())
        .findFirst()
        .orElse(0);
  }
}
