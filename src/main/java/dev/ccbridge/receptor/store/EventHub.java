package dev.ccbridge.receptor.store;

import dev.ccbridge.receptor.EventSource;
import dev.ccbridge.receptor.EventStreamEndedException;
import dev.ccbridge.receptor.model.ReceptorEvent;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Hands each event to every subscriber, in the order of the calls. Never waits for a subscriber:
 * one that is too slow loses its subscription. Thread-safe. Source: bbs/events/hub.go.
 *
 * <p>The latest events are kept once for all, and a subscriber is no more than a place among them:
 * what they cost does not depend on how many there are, and one that comes back can go on where it
 * was. Waking them is left to a thread of its own, so that a change does not wait for it either.
 */
final class EventHub implements AutoCloseable {
  static final int MAX_UNDELIVERED = 1024;
  private static final String SHUTTING_DOWN = "the Receptor is shutting down";

  private record Published(long number, ReceptorEvent event) {}

  /** No id of another hub, as of the process before this one, is taken for one of this. */
  private final String life = UUID.randomUUID().toString();

  private final AtomicReferenceArray<@Nullable Published> latest =
      new AtomicReferenceArray<>(MAX_UNDELIVERED);
  private final ReentrantLock publishing = new ReentrantLock();
  private final Set<Subscription> subscriptions = ConcurrentHashMap.newKeySet();
  private final Thread waker =
      Thread.ofVirtual().name("receptor-events-waker").unstarted(this::wake);

  /** How many events there have been; the number of the next one. */
  private volatile long count;

  private volatile boolean closed;

  EventHub() {
    waker.start();
  }

  /** From the next event on; active when it returns. */
  EventSource subscribe() {
    return add(new Subscription(count, false));
  }

  /** From the event on that followed the one with this id, if that is still here. */
  EventSource subscribe(String lastEventId) {
    var begin = placeAfter(lastEventId);
    return begin < 0 ? subscribe() : add(new Subscription(begin, true));
  }

  /** Below zero: unknown, too old, or of another life. */
  private long placeAfter(String id) {
    var prefix = life + ".";
    if (!id.startsWith(prefix) || !id.substring(prefix.length()).matches("\\d{1,18}")) {
      return -1;
    }
    var place = Long.parseLong(id.substring(prefix.length()));
    var now = count;
    return place <= now && now - place <= MAX_UNDELIVERED ? place : -1;
  }

  private Subscription add(Subscription subscription) {
    subscriptions.add(subscription);
    if (closed) {
      subscription.end(SHUTTING_DOWN);
    }
    return subscription;
  }

  void publish(ReceptorEvent event) {
    publishing.lock();
    try {
      var number = count;
      latest.set((int) (number % MAX_UNDELIVERED), new Published(number, event));
      count = number + 1;
    } finally {
      publishing.unlock();
    }
    LockSupport.unpark(waker);
  }

  /** How many subscribe now. */
  int subscribers() {
    return subscriptions.size();
  }

  private void wake() {
    for (var seen = 0L; !closed; ) {
      var now = count;
      if (now == seen) {
        LockSupport.park(this);
        continue;
      }
      seen = now;
      subscriptions.forEach(Subscription::look);
    }
  }

  @Override
  public void close() {
    closed = true;
    LockSupport.unpark(waker);
    subscriptions.forEach(subscription -> subscription.end(SHUTTING_DOWN));
  }

  private final class Subscription implements EventSource {
    private final boolean resumed;

    /** The number of the event that is next. Changed by its reader only. */
    private volatile long place;

    private volatile @Nullable String ended;
    private volatile @Nullable Thread waiting;

    Subscription(long place, boolean resumed) {
      this.place = place;
      this.resumed = resumed;
    }

    @Override
    public ReceptorEvent next() throws InterruptedException {
      waiting = Thread.currentThread();
      try {
        while (true) {
          var event = poll();
          if (event.isPresent()) {
            return event.get();
          }
          var why = ended;
          if (why != null) {
            throw new EventStreamEndedException("the event stream has ended: " + why, null);
          }
          LockSupport.park(this);
          if (Thread.interrupted()) {
            throw new InterruptedException();
          }
        }
      } finally {
        waiting = null;
      }
    }

    @Override
    public Optional<ReceptorEvent> poll() {
      var number = place;
      // A slow reader has to list anew in any case, so what it has not taken is of no use.
      if (ended != null || number == count) {
        return Optional.empty();
      }
      var published = latest.get((int) (number % MAX_UNDELIVERED));
      if (published == null || published.number() != number) {
        endAsTooSlow();
        return Optional.empty();
      }
      place = number + 1;
      return Optional.of(published.event());
    }

    @Override
    public String lastEventId() {
      return life + "." + place;
    }

    @Override
    public boolean isResumed() {
      return resumed;
    }

    @Override
    public void close() {
      end("it was closed by its reader");
    }

    /** There are new events: its reader is woken, or has had its time. */
    private void look() {
      if (count - place > MAX_UNDELIVERED) {
        endAsTooSlow();
      }
      LockSupport.unpark(waiting);
    }

    private void endAsTooSlow() {
      end("its reader left more than " + MAX_UNDELIVERED + " events undelivered");
    }

    private void end(String why) {
      subscriptions.remove(this);
      synchronized (this) {
        if (ended == null) {
          ended = why;
        }
      }
      LockSupport.unpark(waiting);
    }
  }
}
