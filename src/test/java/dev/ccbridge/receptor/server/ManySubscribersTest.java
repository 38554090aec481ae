package dev.ccbridge.receptor.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.ccbridge.receptor.Requests;
import dev.ccbridge.receptor.backend.FakeBackend;
import dev.ccbridge.receptor.model.DesiredLRPUpdateRequest;
import dev.ccbridge.receptor.store.DrivenTime;
import dev.ccbridge.receptor.store.ReceptorStore;
import dev.ccbridge.receptor.store.ReceptorStoreConfig;
import dev.ccbridge.receptor.store.Records;
import dev.ccbridge.web.HttpService;
import java.io.BufferedInputStream;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A thousand real connections to one event stream; most are good, some are not. */
@Timeout(300)
class ManySubscribersTest {
  private static final int GOOD = 900;
  private static final int STALLED = 50;
  private static final int LEAVING = 50;
  private static final int EVENTS = 40;
  private static final Duration PATIENCE = Duration.ofSeconds(200);

  @TempDir private Path directory;
  private final DrivenTime time = new DrivenTime();
  private ReceptorStore store;
  private ReceptorServer server;
  private HttpService service;

  @BeforeEach
  void start() {
    store =
        new ReceptorStore(
            ReceptorStoreConfig.defaults(),
            Records.inFile(directory.resolve("receptor.db")),
            new FakeBackend(),
            time,
            time);
    store.start();
    server = new ReceptorServer(ReceptorServerConfig.defaults(), store);
    service = HttpService.start(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), server);
  }

  @AfterEach
  void close() {
    server.close();
    service.close();
    store.close();
  }

  @Test
  @DisplayName("H19 who goes away leaves nothing behind")
  void everyGoodOneGetsEveryEventInOrderAndNothingIsLeftAfterwards() throws Exception {
    var threads = Thread.getAllStackTraces().size();
    var good = new ArrayList<CompletableFuture<List<String>>>();
    var sockets = new ArrayList<Socket>();
    var random = new Random(7);
    for (var i = 0; i < GOOD + STALLED + LEAVING; i++) {
      var socket = subscribe();
      sockets.add(socket);
      if (i < GOOD) {
        good.add(onAThread(() -> ids(socket)));
      } else if (i >= GOOD + STALLED) {
        onAThread(() -> leave(socket, random.nextInt(500)));
      }
    }
    await().atMost(PATIENCE).until(() -> server.openStreams() > GOOD + STALLED);

    store.createDesiredLRP(Requests.lrp("web", 0));
    for (var i = 1; i < EVENTS; i++) {
      store.updateDesiredLRP("web", new DesiredLRPUpdateRequest(null, null, "rev " + i));
    }

    for (var reader : good) {
      var ids = reader.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
      assertThat(ids).hasSize(EVENTS);
      for (var i = 0; i < EVENTS; i++) {
        assertThat(ids.get(i)).isEqualTo("id: " + i + " tag " + i);
      }
    }
    assertThat(Thread.getAllStackTraces().size())
        .as("platform threads do not grow with the subscribers")
        .isLessThan(threads + 50);
    for (var socket : sockets) {
      socket.close();
    }
    // Whoever is gone is noticed with the next thing that is told.
    await()
        .atMost(PATIENCE)
        .until(
            () -> {
              store.updateDesiredLRP("web", Requests.instances(0));
              return server.openStreams() == 0;
            });
  }

  @Test
  void oneThatTakesNothingIsCutAndHarmsNobody() throws Exception {
    try (var stalled = subscribe()) {
      await().atMost(PATIENCE).until(() -> server.openStreams() == 1);
      store.createDesiredLRP(Requests.lrp("web", 0));
      var text = "x".repeat(9_000);
      try (var quick = store.subscribeToEvents()) {
        // Each tells of the record before and after it, so that no buffer of a socket takes it all.
        for (var i = 0; i < 2 * 1024; i++) {
          store.updateDesiredLRP("web", new DesiredLRPUpdateRequest(null, null, i + text));
          assertThat(quick.next()).isNotNull();
        }
      }
      assertThat(stalled.isClosed()).isFalse();
      await().atMost(PATIENCE).until(() -> server.openStreams() == 0);
    }
  }

  private static <T> CompletableFuture<T> onAThread(Callable<T> work) {
    var done = new CompletableFuture<T>();
    Thread.ofVirtual()
        .start(
            () -> {
              try {
                done.complete(work.call());
              } catch (Exception failure) {
                done.completeExceptionally(failure);
              }
            });
    return done;
  }

  private Socket subscribe() throws IOException {
    var socket = new Socket();
    socket.setReceiveBufferSize(4096);
    socket.connect(service.address());
    var request = "GET /v1/events HTTP/1.1\r\nHost: x\r\n\r\n";
    socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
    return socket;
  }

  private static Void leave(Socket socket, int afterMillis) throws Exception {
    TimeUnit.MILLISECONDS.sleep(afterMillis);
    socket.close();
    return null;
  }

  /** The id of each event, and the modification tag of what it tells of, which counts too. */
  private static List<String> ids(Socket socket) throws IOException {
    var lines =
        new BufferedReader(
            new InputStreamReader(
                new Chunks(new BufferedInputStream(socket.getInputStream())),
                StandardCharsets.UTF_8));
    var ids = new ArrayList<String>();
    var id = "";
    for (var line = lines.readLine(); line != null; line = lines.readLine()) {
      if (line.startsWith("id: ")) {
        id = line;
      } else if (line.startsWith("data: ")) {
        var tag = line.substring(line.lastIndexOf("\"index\":") + "\"index\":".length());
        ids.add(id + " tag " + tag.replace("}", ""));
        if (ids.size() == EVENTS) {
          return ids;
        }
      }
    }
    return ids;
  }

  /** The body of an answer in chunks. */
  private static final class Chunks extends InputStream {
    private final InputStream in;
    private int left;

    Chunks(InputStream in) throws IOException {
      this.in = in;
      while (!line().isEmpty()) {
        // The head.
      }
    }

    @Override
    public int read() throws IOException {
      if (left == 0) {
        left = Integer.parseInt(line(), 16);
        if (left == 0) {
          return -1;
        }
      }
      var next = in.read();
      if (--left == 0) {
        line();
      }
      return next;
    }

    /** At once what is there: what follows may take its time. */
    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
      var next = read();
      if (next < 0) {
        return -1;
      }
      bytes[offset] = (byte) next;
      return 1;
    }

    private String line() throws IOException {
      var line = new StringBuilder();
      for (var next = in.read(); next >= 0 && next != '\n'; next = in.read()) {
        line.append((char) next);
      }
      return line.toString().strip();
    }
  }
}
