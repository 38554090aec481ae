package dev.ccbridge.operator;

import java.io.PrintStream;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Shows steps as they happen: on a terminal each on a line that changes with it, otherwise one
 * plain line when it has ended. Thread-safe.
 */
final class Display implements AutoCloseable {
  private static final String[] SPINNER = {"⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"};
  private static final long FRAME_MILLIS = 100;

  /** Where a step stands. */
  enum State {
    RUNNING,
    DONE,
    FAILED
  }

  private record Step(String text, State state, Instant since, @Nullable Duration took) {}

  private final PrintStream out;
  private final boolean terminal;
  private final Map<String, Step> open = new LinkedHashMap<>();
  private final @Nullable Thread animator;
  private int drawn;
  private int frame;

  /**
   * @param terminal whether {@code out} understands ANSI cursor movements
   */
  Display(PrintStream out, boolean terminal) {
    this.out = out;
    this.terminal = terminal;
    this.animator = terminal ? Thread.ofVirtual().name("display").start(this::animate) : null;
  }

  /** A line that stays. */
  synchronized void say(String line) {
    clear();
    out.println(line);
    draw();
  }

  /**
   * Sets the step {@code key}, new or known. An ended step is shown with the time it took, and
   * cannot change any more.
   *
   * @param took null: measured from when the step was first set
   */
  synchronized void step(String key, String text, State state, @Nullable Duration took) {
    clear();
    var known = open.get(key);
    var since = known == null ? Instant.now() : known.since;
    var step = new Step(text, state, since, took);
    if (state == State.RUNNING) {
      open.put(key, step);
    } else {
      open.remove(key);
      out.println(line(step));
    }
    draw();
  }

  /** Leaves what is shown and stops moving. */
  @Override
  public synchronized void close() {
    if (animator != null) {
      animator.interrupt();
    }
    clear();
    open.clear();
    out.flush();
  }

  private void animate() {
    try {
      while (true) {
        Thread.sleep(FRAME_MILLIS);
        synchronized (this) {
          frame++;
          clear();
          draw();
        }
      }
    } catch (InterruptedException closed) {
      Thread.currentThread().interrupt();
    }
  }

  private void clear() {
    if (terminal && drawn > 0) {
      out.print("\033[" + drawn + "A\033[J");
      drawn = 0;
    }
  }

  private void draw() {
    if (!terminal) {
      return;
    }
    for (var step : List.copyOf(new ArrayList<>(open.values()))) {
      out.println(line(step));
      drawn++;
    }
    out.flush();
  }

  private String line(Step step) {
    var took = step.took == null ? Duration.between(step.since, Instant.now()) : step.took;
    var seconds = String.format(Locale.ROOT, "%5.1f s", took.toMillis() / 1000.0);
    var sign =
        switch (step.state) {
          case RUNNING -> terminal ? "\033[36m" + SPINNER[frame % SPINNER.length] + "\033[0m" : "…";
          case DONE -> terminal ? "\033[32m✓\033[0m" : "ok";
          case FAILED -> terminal ? "\033[31m✗\033[0m" : "FAILED";
        };
    return String.format("  %s %-58s %s", sign, step.text, seconds);
  }
}
