package dev.ccbridge.e2e;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

/** A program that is started again whenever it ends, as any supervisor does. */
final class Supervised implements AutoCloseable {
  private static final Duration EVER = Duration.ofDays(1);

  private final Supplier<Program> start;
  private final AtomicInteger starts = new AtomicInteger();
  private final Thread supervisor;
  private volatile Program current;
  private volatile boolean wanted = true;

  private Supervised(Supplier<Program> start) {
    this.start = start;
    this.current = next();
    this.supervisor = Thread.ofVirtual().start(this::supervise);
  }

  /** It has been started once when this returns. */
  static Supervised start(Supplier<Program> start) {
    return new Supervised(start);
  }

  private Program next() {
    starts.incrementAndGet();
    return start.get();
  }

  private void supervise() {
    try {
      current.awaitEnd(EVER);
      while (wanted) {
        current = next();
        current.awaitEnd(EVER);
      }
    } catch (InterruptedException ended) {
      Thread.currentThread().interrupt();
    }
  }

  /** As it was started last. */
  Program current() {
    return current;
  }

  /** How often it has been started. */
  int starts() {
    return starts.get();
  }

  /** SIGKILL; it is started again. */
  void kill() {
    try {
      current.kill();
    } catch (Exception impossible) {
      throw new IllegalStateException(impossible);
    }
  }

  /** Ends it for good. */
  @Override
  public void close() throws IOException {
    wanted = false;
    supervisor.interrupt();
    current.close();
  }
}
