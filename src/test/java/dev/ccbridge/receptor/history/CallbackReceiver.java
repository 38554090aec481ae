package dev.ccbridge.receptor.history;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.ccbridge.receptor.history.TaskModel.Seen;
import dev.ccbridge.receptor.model.ReceptorJson;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Collection;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** Hears of the ends of tasks; now and then it is not available. */
final class CallbackReceiver implements AutoCloseable {

  /**
   * @param accepted whether it was answered in a way that ends the telling
   */
  record Heard(String taskGuid, Seen seen, boolean accepted, long at) {}

  private final HttpServer server;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final Queue<Heard> heard = new ConcurrentLinkedQueue<>();
  private final Random random;

  CallbackReceiver(long seed) throws IOException {
    random = new Random(seed);
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 100);
    server.setExecutor(threads);
    server.createContext("/", this::receive);
    server.start();
  }

  String url() {
    return "http://127.0.0.1:" + server.getAddress().getPort() + "/done";
  }

  Collection<Heard> heard() {
    return heard;
  }

  private void receive(HttpExchange exchange) throws IOException {
    try (exchange) {
      var task = ReceptorJson.mapper().readTree(exchange.getRequestBody());
      var answer = random.nextInt(10);
      var accepted = answer > 2;
      heard.add(
          new Heard(
              task.path("task_guid").asText(), Observed.task(task), accepted, System.nanoTime()));
      if (answer == 0) {
        return;
      }
      exchange.sendResponseHeaders(accepted ? 200 : 503, -1);
    }
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }
}
