package dev.ccbridge.nsync;

import dev.ccbridge.CcBridgeException;
import dev.ccbridge.api.DesiredLRPSpec;
import dev.ccbridge.api.DesiredLRPStatus;
import dev.ccbridge.api.DesiredLRPStatus.LastCrash;
import dev.ccbridge.receptor.Receptor;
import dev.ccbridge.receptor.model.Action;
import dev.ccbridge.receptor.model.ActualLRPResponse;
import dev.ccbridge.receptor.model.ActualLRPState;
import dev.ccbridge.receptor.model.DesiredLRPResponse;
import dev.ccbridge.secrets.SecretMask;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells why an instance crashed so that a person understands it without the logs: Diego's reason
 * and the last lines of the instance's output, in which the values that came from Secrets are
 * masked. The Receptor is asked only about a crash that the status does not tell of yet.
 */
final class CrashReports {
  private static final Logger LOG = LoggerFactory.getLogger(CrashReports.class);
  private static final int LINES = 10;

  /** Health checks and exit statuses are among them. */
  private static final int LINES_ASKED_FOR = 60;

  private static final int MAX_REASON_BYTES = 300;
  private static final int MAX_OUTPUT_BYTES = 700;

  private final Receptor receptor;

  CrashReports(Receptor receptor) {
    this.receptor = receptor;
  }

  /** The latest crash: of this version if there is a new one, else what the status has. */
  @Nullable LastCrash latest(
      @Nullable LRPVersion version, DesiredLRPSpec spec, @Nullable DesiredLRPStatus status) {
    var known = status == null ? null : status.lastCrash();
    var latest = version == null ? Optional.<ActualLRPResponse>empty() : crashed(version);
    return latest
        .filter(instance -> !isKnown(instance, known))
        .map(instance -> report(instance, spec, endOfLifeBefore(instance, known)))
        .orElse(known);
  }

  private static Optional<ActualLRPResponse> crashed(LRPVersion version) {
    return version.instances().stream()
        .filter(i -> i.crashCount() > 0 && i.state() != ActualLRPState.RUNNING)
        .max(Comparator.comparingLong(ActualLRPResponse::since));
  }

  /** A claim after the crash may move the time, so that tells only of instances on no cell. */
  private static boolean isKnown(ActualLRPResponse instance, @Nullable LastCrash known) {
    return known != null
        && known.index() == instance.index()
        && Objects.equals(known.crashCount(), instance.crashCount())
        && (instance.state() == ActualLRPState.CLAIMED
            || LRPStatusFactory.time(instance.since()).equals(known.at()));
  }

  /**
   * When the instance crashed before, in nanoseconds since the epoch; all that it printed until
   * then belongs to another life. 0: not known.
   */
  private static long endOfLifeBefore(ActualLRPResponse instance, @Nullable LastCrash known) {
    if (known == null || known.index() != instance.index() || known.at() == null) {
      return 0;
    }
    var at = Instant.parse(known.at()).plusMillis(1);
    return TimeUnit.SECONDS.toNanos(at.getEpochSecond()) + at.getNano();
  }

  private LastCrash report(ActualLRPResponse instance, DesiredLRPSpec spec, long after) {
    return new LastCrash(
        instance.index(),
        reason(instance, spec, after),
        LRPStatusFactory.time(instance.since()),
        instance.crashCount());
  }

  private String reason(ActualLRPResponse instance, DesiredLRPSpec spec, long after) {
    try {
      var mask = mask(instance, spec);
      var lines =
          receptor.lrpLogs(instance.processGuid(), instance.index(), LINES_ASKED_FOR).stream()
              .filter(line -> line.timestamp() > after)
              .toList();
      var reason = mask.apply(CrashWords.reason(instance.crashReason(), lines));
      return orUnreadable(shortened(reason))
          + CrashWords.output(lines, LINES)
              .map(mask::apply)
              .filter(output -> !output.isBlank())
              .map(output -> "; last output:\n" + Texts.lastOf(output, MAX_OUTPUT_BYTES))
              .orElse("");
    } catch (CcBridgeException unreadable) {
      LOG.info(
          "output of a crashed instance not read processGuid={} index={} cause={}",
          instance.processGuid(),
          instance.index(),
          unreadable.message());
      var reason = mask(spec, null).apply(CrashWords.reason(instance.crashReason(), List.of()));
      return orUnreadable(shortened(reason));
    }
  }

  private SecretMask mask(ActualLRPResponse instance, DesiredLRPSpec spec) {
    var running =
        isSecret(spec) ? receptor.findDesiredLRP(instance.processGuid()).orElse(null) : null;
    return mask(spec, running);
  }

  /**
   * @param running has the values; null: they are not known any more
   */
  private static SecretMask mask(DesiredLRPSpec spec, @Nullable DesiredLRPResponse running) {
    var mask = SecretMask.of(spec.environment(), running == null ? null : running.action());
    if (!isDropletSecret(spec)) {
      return mask;
    }
    return running == null
        ? SecretMask.blind()
        : dropletUri(running.setup()).map(mask::andUri).orElseGet(SecretMask::blind);
  }

  private static boolean isSecret(DesiredLRPSpec spec) {
    return SecretMask.isNeeded(spec.environment()) || isDropletSecret(spec);
  }

  private static boolean isDropletSecret(DesiredLRPSpec spec) {
    var droplet = spec.source().droplet();
    return droplet != null && droplet.uriFrom() != null;
  }

  /** In the setup that this room makes the droplet is what is downloaded last. */
  private static Optional<String> dropletUri(@Nullable Action setup) {
    return setup instanceof Action.Serial serial
            && !serial.actions().isEmpty()
            && serial.actions().getLast() instanceof Action.Download droplet
        ? Optional.of(droplet.from())
        : Optional.empty();
  }

  /** Nothing is shown where secrets are about whose values are not known any more. */
  private static String orUnreadable(String masked) {
    return masked.isEmpty() ? "its output cannot be read" : masked;
  }

  private static String shortened(String reason) {
    return Texts.atMost(reason, MAX_REASON_BYTES);
  }
}
