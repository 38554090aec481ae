package dev.ccbridge.receptor.store;

import dev.ccbridge.receptor.EventSource;
import dev.ccbridge.receptor.EventStreamEndedException;
import dev.ccbridge.receptor.model.ReceptorEvent;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Hands each event to every subscriber, in the order of the calls. Never waits for a subscriber:
 * one that is too slow loses its subscription. Thread-safe. Source: bbs/events/hub.go.
 */
final class EventHub implements AutoCloseable {
  static final int MAX_UNDELIVERED = 1024;

  private final List<Subscription> subscriptions = new CopyOnWriteArrayList<>();
  private volatile boolean closed;

  /** Active when it returns. */
  EventSource subscribe() {
    var subscription = new Subscription();
    subscriptions.add(subscription);
    if (closed) {
      subscription.end("the Receptor is shutting down");
    }
    return subscription;
  }

  void publish(ReceptorEvent event) {
    subscriptions.forEach(subscription -> subscription.offer(event));
  }

  @Override
  public void close() {
    closed = true;
    subscriptions.forEach(subscription -> subscription.end("the Receptor is shutting down"));
  }

  private final class Subscription implements EventSource {
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final Queue<ReceptorEvent> undelivered = new ArrayDeque<>();
    private @Nullable String ended;

    @Override
    public ReceptorEvent next() throws InterruptedException {
      lock.lockInterruptibly();
      try {
        while (undelivered.isEmpty() && ended == null) {
          changed.await();
        }
        if (ended != null) {
          throw new EventStreamEndedException("the event stream has ended: " + ended, null);
        }
        return undelivered.remove();
      } finally {
        lock.unlock();
      }
    }

    @Override
    public void close() {
      end("it was closed by its reader");
    }

    private void offer(ReceptorEvent event) {
      lock.lock();
      try {
        if (undelivered.size() < MAX_UNDELIVERED) {
          undelivered.add(event);
          changed.signal();
          return;
        }
      } finally {
        lock.unlock();
      }
      end("its reader left more than " + MAX_UNDELIVERED + " events undelivered");
    }

    private void end(String why) {
      subscriptions.remove(this);
      lock.lock();
      try {
        if (ended == null) {
          ended = why;
        }
        // A slow reader has to list anew in any case, so what it has not taken is of no use.
        undelivered.clear();
        changed.signalAll();
      } finally {
        lock.unlock();
      }
    }
  }
}
