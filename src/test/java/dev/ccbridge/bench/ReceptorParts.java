package dev.ccbridge.bench;

import dev.ccbridge.receptor.Requests;
import dev.ccbridge.receptor.model.ReceptorJson;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * {@code ./cc-bridge receptor}, driven from outside over its API. Each part also measures, in the
 * same run, what there is to compare with: the disk's own fsync, a bare process.
 */
final class ReceptorParts {
  private static final int STORED = Integer.getInteger("bench.stored", 100_000);
  private static final int TASKS = Integer.getInteger("bench.tasks", 5_000);
  private static final int GETS = 5_000;
  private static final int SUBSCRIBERS = Integer.getInteger("bench.subscribers", 1_000);
  private static final int EVENTS = Integer.getInteger("bench.events", 500);
  private static final int CONTAINERS = Integer.getInteger("bench.containers", 200);
  private static final int IN_FLIGHT = 64;

  private final Path data;

  ReceptorParts(Path data) {
    this.data = data;
  }

  /** One Receptor with a directory of its own. */
  private final class Subject implements AutoCloseable {
    private final Child child;
    private final URI uri;
    private final HttpClient http =
        HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    Subject(String name) throws Exception {
      int port;
      try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
        port = socket.getLocalPort();
      }
      uri = URI.create("http://127.0.0.1:" + port);
      child =
          Child.start(
              "receptor.started",
              "receptor",
              "-address=127.0.0.1:" + port,
              "-stacks=trusty",
              "-data=" + data.resolve(name));
      child.secondsToLine();
    }

    int send(String method, String path, String body) throws Exception {
      return http.send(request(method, path, body), BodyHandlers.discarding()).statusCode();
    }

    String get(String path) throws Exception {
      return http.send(request("GET", path, "null"), BodyHandlers.ofString()).body();
    }

    HttpRequest request(String method, String path, String body) {
      return HttpRequest.newBuilder(URI.create(uri + path))
          .header("Content-Type", "application/json")
          .method(method, BodyPublishers.ofString(body))
          .build();
    }

    @Override
    public void close() throws IOException {
      http.close();
      child.close();
    }
  }

  /** Tasks created while few are stored and while many are, one read, all listed. */
  void receptor() throws Exception {
    print("%n== receptor: %d tasks, %d stored, %d in flight ==", TASKS, STORED, IN_FLIGHT);
    var syncs = syncsPerSecond();
    print("fsync of 1 KB, one at a time  %7.1f /s", syncs);
    try (var subject = new Subject("receptor")) {
      // Too large for any cell, so that storing is measured and no container.
      create(subject, "warm-up-", 500);
      var created = create(subject, "task-", TASKS);
      print("tasks created, durable        %s", created);
      print("tasks created per fsync       %7.1f", created.perSecond() / syncs);
      print("so many stored                %s", create(subject, "stored-", STORED));
      syncs = syncsPerSecond();
      var late = create(subject, "late-", TASKS);
      print("tasks created beside those    %s", late);
      print("tasks created per fsync       %7.1f of %.1f /s", late.perSecond() / syncs, syncs);
      print("GET of one task               %s", get(subject));
      print("resident                      %7.0f MiB", subject.child.residentMiB("VmRSS"));
      list(subject);
      print("resident after the list       %7.0f MiB", subject.child.residentMiB("VmRSS"));
    }
  }

  private record Rate(double perSecond, Samples millis) {
    @Override
    public String toString() {
      return String.format(
          Locale.ROOT,
          "%7.1f /s   p50 %7.1f ms   p99 %7.1f ms",
          perSecond,
          millis.percentile(50),
          millis.percentile(99));
    }
  }

  /** One call. */
  private interface Call {
    void make(int number) throws Exception;
  }

  private static Rate measure(int count, int inFlight, Call call) throws Exception {
    var slots = new Semaphore(inFlight);
    var millis = new double[count];
    var begin = System.nanoTime();
    try (var pool = Executors.newVirtualThreadPerTaskExecutor()) {
      var calls = new ArrayList<Future<?>>();
      for (var i = 0; i < count; i++) {
        var number = i;
        slots.acquire();
        calls.add(
            pool.submit(
                (Callable<Void>)
                    () -> {
                      var start = System.nanoTime();
                      try {
                        call.make(number);
                      } finally {
                        slots.release();
                      }
                      millis[number] = (System.nanoTime() - start) / 1e6;
                      return null;
                    }));
      }
      for (var one : calls) {
        one.get();
      }
    }
    return new Rate(count / ((System.nanoTime() - begin) / 1e9), new Samples(millis));
  }

  private Rate create(Subject subject, String prefix, int count) throws Exception {
    return measure(
        count,
        IN_FLIGHT,
        i ->
            expect(201, subject.send("POST", "/v1/tasks", task(prefix + i, "/bin/true", 1 << 30))));
  }

  private Rate get(Subject subject) throws Exception {
    return measure(
        GETS,
        8,
        i -> expect(200, subject.send("GET", "/v1/tasks/stored-" + (i * 7919L % STORED), "null")));
  }

  private void list(Subject subject) throws Exception {
    var begin = System.nanoTime();
    var bytes = 0L;
    var answer =
        subject.http.send(
            subject.request("GET", "/v1/tasks", "null"), BodyHandlers.ofInputStream());
    try (var body = answer.body()) {
      var buffer = new byte[1 << 16];
      for (var n = body.read(buffer); n >= 0; n = body.read(buffer)) {
        bytes += n;
      }
    }
    print(
        "list of all tasks             %7.2f s, %.0f MiB",
        (System.nanoTime() - begin) / 1e9, bytes / (1024.0 * 1024));
  }

  private double syncsPerSecond() throws IOException {
    var file = Files.createTempFile(data, "sync", "");
    try (var channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      var count = 0;
      var begin = System.nanoTime();
      while (System.nanoTime() - begin < 2_000_000_000L) {
        channel.write(ByteBuffer.allocate(1024));
        channel.force(false);
        count++;
      }
      return count / ((System.nanoTime() - begin) / 1e9);
    }
  }

  /** Events to many subscribers. */
  void events() throws Exception {
    print("%n== events: %d of them to %d subscribers ==", EVENTS, SUBSCRIBERS);
    try (var subject = new Subject("events");
        var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      var lrp = ReceptorJson.mapper().writeValueAsString(Requests.lrp("web", 0));
      expect(201, subject.send("POST", "/v1/desired_lrps", lrp));
      var alone = updates(subject, EVENTS);
      print("updates, nobody subscribed    %7.1f /s", alone);
      var opened = new CountDownLatch(SUBSCRIBERS);
      var done = new CountDownLatch(SUBSCRIBERS);
      var sockets = new ArrayList<Socket>();
      for (var i = 0; i < SUBSCRIBERS; i++) {
        var socket = new Socket();
        sockets.add(socket);
        var unused = threads.submit(() -> count(socket, subject.uri, opened, done));
      }
      opened.await();
      var cpu = subject.child.cpuSeconds();
      var begin = System.nanoTime();
      print("updates meanwhile             %7.1f /s", updates(subject, EVENTS));
      if (!done.await(100, TimeUnit.SECONDS)) {
        print("%d subscribers have not got everything", done.getCount());
      }
      var seconds = (System.nanoTime() - begin) / 1e9;
      print(
          "delivered                     %7.0f events/s", EVENTS * (double) SUBSCRIBERS / seconds);
      print(
          "Receptor's CPU per delivery   %7.1f µs",
          (subject.child.cpuSeconds() - cpu) * 1e6 / EVENTS / SUBSCRIBERS);
      print("resident                      %7.0f MiB", subject.child.residentMiB("VmRSS"));
      for (var socket : sockets) {
        socket.close();
      }
    }
  }

  private static double updates(Subject subject, int count) throws Exception {
    return measure(
            count,
            8,
            i ->
                expect(
                    204,
                    subject.send("PUT", "/v1/desired_lrps/web", "{\"annotation\":\"" + i + "\"}")))
        .perSecond();
  }

  private static Void count(Socket socket, URI uri, CountDownLatch opened, CountDownLatch done)
      throws IOException {
    socket.connect(new InetSocketAddress(uri.getHost(), uri.getPort()));
    socket
        .getOutputStream()
        .write("GET /v1/events HTTP/1.1\r\nHost: x\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
    var in = socket.getInputStream();
    var buffer = new byte[1 << 14];
    // The head comes once the subscription is active.
    var n = in.read(buffer);
    opened.countDown();
    var matched = new int[1];
    for (var seen = ends(buffer, n, matched); seen < EVENTS; seen += ends(buffer, n, matched)) {
      n = in.read(buffer);
      if (n < 0) {
        throw new IOException("the stream was cut after " + seen + " events");
      }
    }
    done.countDown();
    return null;
  }

  /**
   * Counts the ends of data: a brace before two line ends.
   *
   * @param matched how much of one the bytes before ended with
   */
  private static long ends(byte[] bytes, int length, int[] matched) {
    var count = 0L;
    for (var i = 0; i < length; i++) {
      if (bytes[i] == '}') {
        matched[0] = 1;
      } else if (bytes[i] == '\n' && matched[0] > 0) {
        matched[0]++;
        if (matched[0] == 3) {
          count++;
          matched[0] = 0;
        }
      } else {
        matched[0] = 0;
      }
    }
    return count;
  }

  /** Containers beside bare processes. */
  void containers() throws Exception {
    for (var inFlight : new int[] {1, 8}) {
      print("%n== containers: %d of /bin/true, %d at a time ==", CONTAINERS, inFlight);
      var bare = bare(inFlight);
      print("bare processes                %s", bare);
      try (var subject = new Subject("containers-" + inFlight)) {
        tasks(subject, "warm-up-", 20, inFlight);
        var cpu = subject.child.cpuSeconds();
        var tasks = tasks(subject, "task-", CONTAINERS, inFlight);
        print("tasks, created to COMPLETED   %s", tasks);
        print(
            "Receptor's CPU per task       %7.1f ms, without its children",
            (subject.child.cpuSeconds() - cpu) * 1000 / CONTAINERS);
        print("tasks to bare processes       %7.3f", tasks.perSecond() / bare.perSecond());
      }
      print("bare processes again          %s", bare(inFlight));
    }
  }

  private static Rate bare(int inFlight) throws Exception {
    return measure(CONTAINERS, inFlight, i -> new ProcessBuilder("/bin/true").start().waitFor());
  }

  private static Rate tasks(Subject subject, String prefix, int count, int inFlight)
      throws Exception {
    var failed = new AtomicLong();
    var rate =
        measure(
            count,
            inFlight,
            i -> {
              var guid = prefix + i;
              expect(201, subject.send("POST", "/v1/tasks", task(guid, "/bin/true", 8)));
              String seen;
              do {
                TimeUnit.MILLISECONDS.sleep(2);
                seen = subject.get("/v1/tasks/" + guid);
              } while (!seen.contains("\"state\":\"COMPLETED\""));
              if (seen.contains("\"failed\":true")) {
                failed.incrementAndGet();
              }
            });
    if (failed.get() > 0) {
      throw new IllegalStateException(failed + " tasks failed");
    }
    return rate;
  }

  private static String task(String guid, String path, int memoryMb) {
    return """
    {"task_guid":"%s","domain":"bench","rootfs":"preloaded:trusty","memory_mb":%d,"disk_mb":8,"cpu_weight":1,
     "log_guid":"g","action":{"run":{"path":"%s","user":"vcap"}},"annotation":"%s"}\
    """
        .formatted(guid, memoryMb, path, "a".repeat(100));
  }

  private static void expect(int wanted, int status) {
    if (status != wanted) {
      throw new IllegalStateException("status " + status + ", wanted " + wanted);
    }
  }

  private static void print(String format, Object... values) {
    System.out.printf(Locale.ROOT, format + "%n", values);
  }
}
