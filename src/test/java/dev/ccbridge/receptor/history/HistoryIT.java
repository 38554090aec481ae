package dev.ccbridge.receptor.history;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.ccbridge.receptor.history.Lives.Life;
import java.io.IOException;
import java.net.http.HttpClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/**
 * Random calls by many clients at a Receptor that is killed again and again, and a checker that
 * asks whether what they were answered can have been: nothing acknowledged is lost, a task runs at
 * most once and has one end, and whoever has seen something is not told later that it never was.
 *
 * <p>{@code -Dhistory.count=10000} for more of them, {@code -Dhistory.seed=} for those of before
 * (the choices of the clients are the same then; the machine's timing is not).
 */
class HistoryIT {
  private static final int HISTORIES = Integer.getInteger("history.count", 200);
  private static final int AT_ONCE = 100;
  private static final int CLIENTS = 4;
  private static final int CALLS = 20;
  private static final int KILLS = 5;
  private static final Duration LIMIT = Duration.ofSeconds(120);

  /** Where a container and the machine see the same: a /tmp of its own has each. */
  private static final Path SHARED = Path.of("/dev/shm");

  @Test
  void everyHistoryCanHaveHappened() throws Exception {
    var seed = Long.getLong("history.seed", System.nanoTime());
    System.out.println("histories: -Dhistory.count=" + HISTORIES + " -Dhistory.seed=" + seed);
    for (var done = 0; done < HISTORIES; done += AT_ONCE) {
      var size = Math.min(AT_ONCE, HISTORIES - done);
      var data = Path.of("target", "history", "r" + seed + "-" + done).toAbsolutePath();
      delete(data);
      Files.createDirectories(data);
      try (var round = new Round(data, seed + done, size)) {
        var faults = round.play();
        assertThat(faults)
            .as("histories from %d on, seed %d, data and log in %s", done, seed, data)
            .isEmpty();
      }
      delete(data);
    }
  }

  /** Some histories at one Receptor. */
  private static final class Round implements AutoCloseable {
    private final List<History> histories;
    private final Path outside;
    private final Path runs;
    private final Random random;
    private final HttpClient http =
        HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final Wire wire = new Wire(http);
    private final EventReader events = new EventReader(http);
    private final CallbackReceiver callbacks;
    private final Lives lives;
    private final AtomicInteger calls = new AtomicInteger();

    Round(Path data, long seed, int size) throws Exception {
      this.random = new Random(seed);
      this.histories = IntStream.range(0, size).mapToObj(i -> new History("h" + i)).toList();
      this.outside = Files.createTempDirectory(SHARED, "cc-bridge-history");
      this.runs = writableByAll(outside);
      this.callbacks = new CallbackReceiver(seed);
      this.lives = new Lives(data);
    }

    /** Containers have accounts of their own. */
    private static Path writableByAll(Path directory) throws IOException {
      Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
      return Files.setPosixFilePermissions(
          Files.createFile(directory.resolve("runs")),
          PosixFilePermissions.fromString("rw-rw-rw-"));
    }

    List<String> play() throws Exception {
      events.follow(lives.current());
      try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
        var clients = new ArrayList<Future<?>>();
        for (var history : histories) {
          for (var i = 0; i < CLIENTS; i++) {
            clients.add(threads.submit(client(history)));
          }
        }
        killNowAndThen();
        for (var client : clients) {
          client.get();
        }
      }
      settle();
      var counted = countRuns();
      var faults = new ArrayList<>(events.faults());
      for (var history : histories) {
        faults.addAll(history.check(counted, callbacks.heard(), events.written()));
      }
      return faults;
    }

    private Callable<Void> client(History history) {
      var bodies = new Bodies(runs, callbacks.url());
      var client = new Client(history, wire, lives::current, bodies, random.nextLong());
      return () -> {
        for (var made = 0; made < CALLS; ) {
          if (client.step()) {
            made++;
            calls.incrementAndGet();
          } else {
            Thread.sleep(5);
          }
        }
        return null;
      };
    }

    /** At random points of the work, not of time. */
    private void killNowAndThen() throws Exception {
      var all = histories.size() * CLIENTS * CALLS;
      var points = random.ints(KILLS, all / 20, all).sorted().toArray();
      for (var point : points) {
        awaitCalls(point);
        lives.killAndBegin();
        events.follow(lives.current());
      }
    }

    /** However slow the machine is, as long as something moves. */
    private void awaitCalls(int point) throws InterruptedException {
      var movedAt = System.nanoTime();
      for (var seen = calls.get(); seen < point; ) {
        Thread.sleep(1);
        if (calls.get() > seen) {
          seen = calls.get();
          movedAt = System.nanoTime();
        } else if (System.nanoTime() - movedAt > LIMIT.toNanos()) {
          throw new IllegalStateException(
              "no call came to an end for " + LIMIT + ", " + seen + " had");
        }
      }
    }

    /** Until nothing moves any more; then each key is looked at a last time. */
    private void settle() throws Exception {
      var life = lives.current();
      for (var history : histories) {
        for (var guid : history.tasks) {
          await().atMost(LIMIT).until(() -> isAtRest(life, guid));
          look(life, "GET", "/v1/tasks/" + guid, answer -> history.taskRead(guid, answer));
          look(life, "DELETE", "/v1/tasks/" + guid, answer -> history.taskDeleted(guid, answer));
          look(life, "GET", "/v1/tasks/" + guid, answer -> history.taskRead(guid, answer));
        }
        look(life, "GET", "/v1/desired_lrps/" + history.lrp, history::lrpRead);
        look(life, "GET", "/v1/domains", history::domainsListed);
        await(history.lrp + " has the instances it should")
            .atMost(LIMIT)
            .until(() -> runsAsWanted(life, history.lrp));
      }
    }

    /** Gone, or at its end and nobody is to be told. */
    private boolean isAtRest(Life life, String guid) throws Exception {
      var answer = wire.call(life, "GET", "/v1/tasks/" + guid, "").orElseThrow();
      return answer.status() == 404
          || (answer.body().path("state").asText().equals("COMPLETED")
              && answer.body().path("completion_callback_url").asText().isEmpty());
    }

    private boolean runsAsWanted(Life life, String lrp) throws Exception {
      var desired = wire.call(life, "GET", "/v1/desired_lrps/" + lrp, "").orElseThrow();
      var actual = wire.call(life, "GET", "/v1/actual_lrps/" + lrp, "").orElseThrow().body();
      var wanted = desired.status() == 404 ? 0 : desired.body().path("instances").asInt();
      var running = 0;
      for (var instance : actual) {
        var fits = instance.path("index").asInt() == running;
        running += fits && instance.path("state").asText().equals("RUNNING") ? 1 : 0;
      }
      return running == wanted && actual.size() == wanted;
    }

    private void look(Life life, String method, String path, Consumer<Wire.Answer> record)
        throws Exception {
      record.accept(wire.call(life, method, path, "").orElseThrow());
    }

    private Map<String, Integer> countRuns() throws IOException {
      return Files.readAllLines(runs).stream()
          .collect(Collectors.toMap(line -> line, line -> 1, Integer::sum));
    }

    @Override
    public void close() throws IOException {
      lives.close();
      callbacks.close();
      http.shutdownNow();
      delete(outside);
    }
  }

  private static void delete(Path directory) throws IOException {
    if (Files.notExists(directory)) {
      return;
    }
    try (var paths = Files.walk(directory)) {
      for (var path : paths.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    }
  }
}
