import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Executors;

/**
 * A web app in one file: says which instance answered. GET /crash ends the instance with exit code
 * 1, to watch how it is started again.
 */
public class Hello {
  public static void main(String[] arguments) throws IOException {
    int port = Integer.parseInt(variable("PORT", "8080"));
    HttpServer server = HttpServer.create(new InetSocketAddress(port), 0);
    server.createContext("/", Hello::hello);
    server.createContext("/crash", Hello::crash);
    server.setExecutor(Executors.newFixedThreadPool(4));
    server.start();
    System.out.println("instance " + variable("INSTANCE_INDEX", "?") + " listens on " + port);
    Runtime.getRuntime()
        .addShutdownHook(
            new Thread(
                () -> {
                  System.out.println("told to stop");
                  server.stop(1);
                }));
  }

  private static void hello(HttpExchange exchange) throws IOException {
    answer(
        exchange,
        "Hello from instance %s (%s) on port %s%n"
            .formatted(
                variable("INSTANCE_INDEX", "?"),
                variable("INSTANCE_GUID", "no guid"),
                variable("PORT", "8080")));
  }

  private static void crash(HttpExchange exchange) throws IOException {
    System.out.println("asked to crash");
    answer(exchange, "crashing\n");
    Runtime.getRuntime().halt(1);
  }

  private static void answer(HttpExchange exchange, String text) throws IOException {
    byte[] body = text.getBytes(StandardCharsets.UTF_8);
    exchange.getResponseHeaders().set("Content-Type", "text/plain; charset=utf-8");
    exchange.sendResponseHeaders(200, body.length);
    try (var out = exchange.getResponseBody()) {
      out.write(body);
    }
  }

  private static String variable(String name, String otherwise) {
    String value = System.getenv(name);
    return value == null ? otherwise : value;
  }
}
