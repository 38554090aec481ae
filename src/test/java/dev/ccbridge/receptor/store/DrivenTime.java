package dev.ccbridge.receptor.store;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.PriorityQueue;

/** Time that passes when the test says so. Scheduled work runs on the thread that advances it. */
public final class DrivenTime extends Clock implements Scheduler {
  private record Job(Instant due, long order, Runnable work) implements Comparable<Job> {
    @Override
    public int compareTo(Job other) {
      var byTime = due.compareTo(other.due);
      return byTime == 0 ? Long.compare(order, other.order) : byTime;
    }
  }

  private final PriorityQueue<Job> jobs = new PriorityQueue<>();
  private Instant now = Instant.parse("2015-08-25T12:00:00Z");
  private long scheduled;
  private boolean closed;

  /** Lets time pass, and what is due happen at its moment. */
  public void advance(Duration duration) {
    var end = instant().plus(duration);
    for (var job = nextUntil(end); job != null; job = nextUntil(end)) {
      job.work.run();
    }
    synchronized (this) {
      now = end;
    }
  }

  @Override
  public synchronized void schedule(Duration delay, Runnable work) {
    if (!closed) {
      jobs.add(new Job(now.plus(delay), scheduled++, work));
    }
  }

  @Override
  public synchronized void close() {
    closed = true;
    jobs.clear();
  }

  @Override
  public synchronized Instant instant() {
    return now;
  }

  @Override
  public ZoneId getZone() {
    return ZoneOffset.UTC;
  }

  @Override
  public Clock withZone(ZoneId zone) {
    throw new UnsupportedOperationException("the store knows no zones");
  }

  private synchronized Job nextUntil(Instant end) {
    if (jobs.isEmpty() || jobs.peek().due.isAfter(end)) {
      return null;
    }
    var job = jobs.remove();
    now = job.due;
    return job;
  }
}
