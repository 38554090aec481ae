package dev.ccbridge.receptor.store;

import java.time.Duration;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Real time, on one thread. */
final class TimerScheduler implements Scheduler {
  private static final Logger LOG = LoggerFactory.getLogger(TimerScheduler.class);
  private final ScheduledThreadPoolExecutor timer =
      new ScheduledThreadPoolExecutor(
          1,
          Thread.ofPlatform().name("receptor-timer").daemon().factory(),
          new ThreadPoolExecutor.DiscardPolicy());

  @Override
  public void schedule(Duration delay, Runnable work) {
    timer.schedule(() -> runSafely(work), delay.toNanos(), TimeUnit.NANOSECONDS);
  }

  @Override
  public void close() {
    timer.shutdownNow();
  }

  private static void runSafely(Runnable work) {
    try {
      work.run();
    } catch (RuntimeException failure) {
      LOG.error("scheduled work failed", failure);
    }
  }
}
