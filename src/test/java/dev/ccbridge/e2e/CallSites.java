package dev.ccbridge.e2e;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Pattern;

/**
 * The calls between the program under test and its neighbours, as points at which something can go
 * wrong. They are found by recording a run, not written down.
 *
 * <p>A point is a method and a path with everything that differs from run to run taken out, which
 * occurrence of that it is, and whether the neighbour has carried it out. Thread-safe.
 */
final class CallSites {
  /** Later ones of the same kind are points like the last of these. */
  private static final int OCCURRENCES = 3;

  private static final Pattern VARIABLE =
      Pattern.compile(
          "\\p{XDigit}{8}-\\p{XDigit}{4}-\\p{XDigit}{4}-\\p{XDigit}{4}-\\p{XDigit}{12}|\\p{XDigit}{16,}|(?<=-)(\\p{XDigit}{8}|\\p{XDigit}{10})(?=[-/]|$)|(?<=/)\\d+(?=/|$)");

  /** When it goes wrong. */
  enum Moment {
    /** The neighbour never hears of the call. */
    BEFORE,
    /** The neighbour has carried it out, the program never hears of that. */
    AFTER
  }

  /**
   * One point.
   *
   * @param call neighbour, method and path
   * @param occurrence from 1
   */
  record Site(String call, int occurrence, Moment moment) {
    /** Whether what is answered has no end: a watch, or the Receptor's events. */
    boolean isStream() {
      return call.endsWith("?watch") || call.endsWith("/v1/events");
    }

    /** Whether it makes a lease, which later lives find. */
    boolean isNewLease() {
      return call.contains(" POST ") && call.endsWith("/leases");
    }

    @Override
    public String toString() {
      return moment + " " + call + " #" + occurrence;
    }
  }

  private final Map<String, AtomicInteger> occurrences = new ConcurrentHashMap<>();
  private final Set<Site> seen = new LinkedHashSet<>();
  private final List<String> calls = new ArrayList<>();
  private final Map<Site, Fault> armed = new LinkedHashMap<>();

  /** A call on its way; each is numbered by what came before it in this life of the program. */
  record Call(String call, int occurrence) {}

  Call arrived(String neighbour, String method, String path) {
    var call = neighbour + " " + method + " " + VARIABLE.matcher(path).replaceAll("*");
    var occurrence = occurrences.computeIfAbsent(call, c -> new AtomicInteger()).incrementAndGet();
    synchronized (this) {
      calls.add(call + " #" + occurrence);
      if (occurrence <= OCCURRENCES) {
        for (var moment : Moment.values()) {
          seen.add(new Site(call, occurrence, moment));
        }
      }
    }
    return new Call(call, occurrence);
  }

  /** What is to go wrong with the call at this moment; each point that is armed only once. */
  synchronized Optional<Fault> strike(Call call, Moment moment) {
    return Optional.ofNullable(armed.remove(new Site(call.call(), call.occurrence(), moment)));
  }

  /** When the program next comes to {@code site}, {@code fault} happens. */
  synchronized void arm(Site site, Fault fault) {
    armed.put(site, fault);
  }

  /** Nothing goes wrong any more; gives the points that the program has not come to. */
  synchronized Set<Site> disarm() {
    var unmet = new LinkedHashSet<>(armed.keySet());
    armed.clear();
    return unmet;
  }

  /** A new flow begins: occurrences are counted from 1 again. */
  void restartCounting() {
    occurrences.clear();
  }

  /** Whether the program came to {@code site} since the counting began. */
  boolean wasMet(Site site) {
    var met = occurrences.get(site.call());
    return met != null && met.get() >= site.occurrence();
  }

  /** All points seen so far, in the order in which they were first met. */
  synchronized List<Site> sites() {
    return List.copyOf(seen);
  }

  /** All calls so far, for a failure's message. */
  synchronized List<String> calls() {
    return List.copyOf(calls);
  }
}
