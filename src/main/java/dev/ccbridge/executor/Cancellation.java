package dev.ccbridge.executor;

import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Tells the actions below a point of the tree to stop. Two ways: <em>cancelled</em>, the action
 * ends its work and fails with {@code cancelled}; <em>abandoned</em>, the operator goes away and
 * nobody watches any more, while programs run on. Thread-safe.
 */
public final class Cancellation implements AutoCloseable {
  private final @Nullable Cancellation parent;
  private final Set<Runnable> listeners = new LinkedHashSet<>();
  private boolean cancelled;
  private boolean abandoned;

  public Cancellation() {
    this(null);
  }

  private Cancellation(@Nullable Cancellation parent) {
    this.parent = parent;
  }

  /** Is stopped with this one, and can be stopped alone. To be closed when its work is done. */
  public Cancellation child() {
    var child = new Cancellation(this);
    listen(child.fromParent);
    return child;
  }

  private final Runnable fromParent =
      () -> {
        if (parent() != null && parent().isAbandoned()) {
          abandon();
        } else {
          cancel();
        }
      };

  private @Nullable Cancellation parent() {
    return parent;
  }

  public void cancel() {
    stop(false);
  }

  /** Nobody looks after the actions any more; programs are left alone. */
  public void abandon() {
    stop(true);
  }

  private void stop(boolean abandon) {
    List<Runnable> told;
    synchronized (this) {
      if (abandoned || (cancelled && !abandon)) {
        return;
      }
      cancelled = true;
      abandoned = abandon;
      told = List.copyOf(listeners);
    }
    told.forEach(Runnable::run);
  }

  /** True also when abandoned. */
  public synchronized boolean isCancelled() {
    return cancelled;
  }

  public synchronized boolean isAbandoned() {
    return abandoned;
  }

  /**
   * @throws AbandonedException when abandoned
   */
  public void throwIfAbandoned() {
    if (isAbandoned()) {
      throw new AbandonedException();
    }
  }

  /** Runs {@code listener} on each kind of stop, at once if that has happened already. */
  void listen(Runnable listener) {
    boolean already;
    synchronized (this) {
      listeners.add(listener);
      already = cancelled;
    }
    if (already) {
      listener.run();
    }
  }

  synchronized void unlisten(Runnable listener) {
    listeners.remove(listener);
  }

  /**
   * Waits for {@code event}, for a stop, or for the time to pass, whichever comes first.
   *
   * @return whether the event has come
   * @throws AbandonedException when abandoned
   */
  public boolean await(CompletableFuture<?> event, Duration time) {
    var woken = new CompletableFuture<@Nullable Object>();
    Runnable wake = () -> woken.complete(null);
    listen(wake);
    try {
      awaitEither(event, woken, time);
    } finally {
      unlisten(wake);
    }
    throwIfAbandoned();
    return event.isDone();
  }

  /**
   * Waits for {@code event} or for the time to pass, whether cancelled or not.
   *
   * @return whether the event has come
   * @throws AbandonedException when abandoned
   */
  boolean awaitThoughCancelled(CompletableFuture<?> event, Duration time) {
    var woken = new CompletableFuture<@Nullable Object>();
    Runnable wake =
        () -> {
          if (isAbandoned()) {
            woken.complete(null);
          }
        };
    listen(wake);
    try {
      awaitEither(event, woken, time);
    } finally {
      unlisten(wake);
    }
    throwIfAbandoned();
    return event.isDone();
  }

  private static void awaitEither(
      CompletableFuture<?> event, CompletableFuture<?> other, Duration time) {
    CompletableFuture.anyOf(event, other)
        .handle((value, error) -> true)
        .completeOnTimeout(false, Math.max(0, time.toNanos()), TimeUnit.NANOSECONDS)
        .join();
  }

  /** Waits until stopped or the time has passed. */
  boolean awaitStop(Duration time) {
    await(new CompletableFuture<@Nullable Object>(), time);
    return isCancelled();
  }

  /** Detaches this one from its parent. */
  @Override
  public void close() {
    if (parent != null) {
      parent.unlisten(fromParent);
    }
  }
}
