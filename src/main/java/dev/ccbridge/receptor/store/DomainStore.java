package dev.ccbridge.receptor.store;

import dev.ccbridge.receptor.model.ReceptorErrorName;
import dev.ccbridge.receptor.model.ReceptorException;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The freshness of domains: only in a fresh one does absence mean that something is not wanted.
 * Thread-safe.
 */
final class DomainStore {
  private final Records records;
  private final Clock clock;
  private final ReentrantLock lock = new ReentrantLock();
  private final Map<String, StoredDomain> domains = new ConcurrentHashMap<>();

  DomainStore(Records records, Clock clock) {
    this.records = records;
    this.clock = clock;
  }

  void load() {
    domains.putAll(records.load(Table.DOMAINS, StoredDomain.class));
  }

  /**
   * Returns when it is on the disk.
   *
   * @param ttl zero: for ever
   */
  void upsert(String domain, Duration ttl) {
    if (domain.isEmpty() || ttl.isNegative()) {
      throw new ReceptorException(
          ReceptorErrorName.InvalidDomain,
          domain.isEmpty() ? "Invalid field: domain" : "ttl must not be negative, was " + ttl);
    }
    var stored = new StoredDomain(ttl.isZero() ? 0 : freshUntil(ttl));
    CompletableFuture<@Nullable Void> written;
    lock.lock();
    try {
      written = records.write(List.of(Change.put(Table.DOMAINS, domain, stored)));
      domains.put(domain, stored);
    } finally {
      lock.unlock();
    }
    Records.await(written);
  }

  /** What is told is on the disk. */
  List<String> fresh() {
    var fresh = domains.keySet().stream().filter(this::isFresh).toList();
    records.settle(Table.DOMAINS);
    return fresh;
  }

  boolean isFresh(String domain) {
    var stored = domains.get(domain);
    return stored != null && stored.isFresh(Times.now(clock));
  }

  /** Drops the records of domains that are fresh no more. */
  void forgetStale() {
    lock.lock();
    try {
      var stale = domains.keySet().stream().filter(domain -> !isFresh(domain)).toList();
      if (!stale.isEmpty()) {
        stale.forEach(domains::remove);
        records.write(stale.stream().map(domain -> Change.remove(Table.DOMAINS, domain)).toList());
      }
    } finally {
      lock.unlock();
    }
  }

  /** A time beyond what the clock can hold is for ever too. */
  private long freshUntil(Duration ttl) {
    try {
      return Math.addExact(Times.now(clock), ttl.toNanos());
    } catch (ArithmeticException farAway) {
      return 0;
    }
  }
}
