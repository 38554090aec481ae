package dev.ccbridge.e2e;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Pattern;

/**
 * The calls between the program under test and its neighbours, as points at which it can be killed.
 * They are found by recording a run, not written down.
 *
 * <p>A point is a method and a path with everything that differs from run to run taken out, which
 * occurrence of that it is, and whether the neighbour has carried it out. Thread-safe.
 */
final class CallSites {
  /** Later ones of the same kind are points like the last of these. */
  private static final int OCCURRENCES = 3;

  private static final Pattern VARIABLE =
      Pattern.compile(
          "\\p{XDigit}{8}-\\p{XDigit}{4}-\\p{XDigit}{4}-\\p{XDigit}{4}-\\p{XDigit}{12}|\\p{XDigit}{16,}|(?<=/)\\d+(?=/|$)");

  /** When the program dies. */
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
    @Override
    public String toString() {
      return moment + " " + call + " #" + occurrence;
    }
  }

  private final Map<String, AtomicInteger> occurrences = new ConcurrentHashMap<>();
  private final Set<Site> seen = new LinkedHashSet<>();
  private final List<String> calls = new ArrayList<>();
  private final Runnable kill;
  private Optional<Site> armed = Optional.empty();

  /**
   * @param kill ends the program at once and returns when it is dead
   */
  CallSites(Runnable kill) {
    this.kill = kill;
  }

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

  /** Kills the program if this is the point; true: it is dead, and the call ends here. */
  boolean dies(Call call, Moment moment) {
    synchronized (this) {
      if (!armed.equals(Optional.of(new Site(call.call(), call.occurrence(), moment)))) {
        return false;
      }
      armed = Optional.empty();
    }
    kill.run();
    return true;
  }

  /** The program dies when it next comes to {@code site}. */
  synchronized void arm(Site site) {
    armed = Optional.of(site);
  }

  /** Whether the program has not come to the point where it was to die. */
  synchronized boolean isArmed() {
    return armed.isPresent();
  }

  synchronized void disarm() {
    armed = Optional.empty();
  }

  /** A new flow begins: occurrences are counted from 1 again. */
  void restartCounting() {
    occurrences.clear();
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
