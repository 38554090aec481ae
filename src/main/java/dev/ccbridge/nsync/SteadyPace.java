package dev.ccbridge.nsync;

import io.javaoperatorsdk.operator.processing.event.rate.RateLimiter;
import java.time.Duration;
import java.util.Optional;
import java.util.function.LongSupplier;

/**
 * How often one resource is reconciled while it changes all the time: the first twenty passes at
 * once, then one a second. Each second without a pass gives one of the first back.
 *
 * <p>The SDK's own limiter counts passes within a period, and when they are used up lets nothing
 * through until the period is over. The status of an LRP whose last instances come up then is late
 * by up to all of it.
 */
public final class SteadyPace implements RateLimiter<SteadyPace.State> {
  private static final int AT_ONCE = 20;
  private static final long INTERVAL = Duration.ofSeconds(1).toNanos();

  private final LongSupplier nanoTime;

  /** For the SDK, which makes one by itself. */
  public SteadyPace() {
    this(System::nanoTime);
  }

  SteadyPace(LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
  }

  /** Of one resource: when the passes it had would have been over at one a second. */
  static final class State implements RateLimitState {
    private long paidUntil;

    private State(long now) {
      paidUntil = now;
    }
  }

  @Override
  public State initState() {
    return new State(nanoTime.getAsLong());
  }

  @Override
  public Optional<Duration> isLimited(RateLimitState ofResource) {
    var state = (State) ofResource;
    long now = nanoTime.getAsLong();
    long ahead = Math.max(0, state.paidUntil - now) + INTERVAL;
    long excess = ahead - AT_ONCE * INTERVAL;
    if (excess > 0) {
      return Optional.of(Duration.ofNanos(excess));
    }
    state.paidUntil = now + ahead;
    return Optional.empty();
  }
}
