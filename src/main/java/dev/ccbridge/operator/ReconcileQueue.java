package dev.ccbridge.operator;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * The threads that reconcile the resources of one controller, and how long these wait for one.
 *
 * <p>Bounded: a thread for each of a thousand resources at once would need more memory than there
 * is.
 */
final class ReconcileQueue extends ThreadPoolExecutor {
  private static final int AT_A_TIME = 32;

  private record Waiting(Runnable pass, long since) implements Runnable {
    @Override
    public void run() {
      pass.run();
    }

    Duration age() {
      return Duration.ofNanos(System.nanoTime() - since);
    }
  }

  private final Timer waits;

  /**
   * @param controller name of the controller, the only label
   */
  ReconcileQueue(String controller, MeterRegistry registry) {
    super(
        AT_A_TIME,
        AT_A_TIME,
        0,
        TimeUnit.SECONDS,
        new LinkedBlockingQueue<>(),
        Thread.ofVirtual().name("reconcile-", 0).factory());
    Gauge.builder("ccbridge.controller.queue.depth", () -> getQueue().size())
        .description("resources that wait for a reconcile")
        .tag(ControllerMetrics.CONTROLLER, controller)
        .register(registry);
    Gauge.builder("ccbridge.controller.queue.age", this::oldestSeconds)
        .description("how long the resource waits that waits longest for a reconcile; 0: none does")
        .baseUnit("seconds")
        .tag(ControllerMetrics.CONTROLLER, controller)
        .register(registry);
    waits =
        Timer.builder("ccbridge.controller.queue.wait")
            .description("how long resources waited for a reconcile")
            .tag(ControllerMetrics.CONTROLLER, controller)
            .register(registry);
  }

  /** The queue is in the order of coming. */
  private double oldestSeconds() {
    return getQueue().peek() instanceof Waiting first ? first.age().toMillis() / 1000.0 : 0;
  }

  @Override
  public void execute(Runnable pass) {
    super.execute(new Waiting(pass, System.nanoTime()));
  }

  @Override
  protected void beforeExecute(Thread thread, Runnable task) {
    if (task instanceof Waiting waited) {
      waits.record(waited.age());
    }
  }
}
