package dev.ccbridge.router;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.ReentrantLock;

/**
 * One connection to a NATS server, for publishing only. Source: the text protocol of NATS, as
 * gnatsd spoke it in 2015 and today's servers still do.
 */
final class NatsConnection implements AutoCloseable {
  static final JsonNodeFactory JSON = JsonNodeFactory.instance;

  private static final int TIMEOUT_MILLIS = 5_000;

  /** A server pings every two minutes or more often; after this silence it is gone. */
  private static final int SILENCE_MILLIS = 300_000;

  /** A line of the protocol; INFO is the longest. */
  private static final int MAX_LINE = 64 * 1024;

  private final Socket socket;
  private final InputStream in;
  private final ReentrantLock writing = new ReentrantLock();

  private final CompletableFuture<Void> lost = new CompletableFuture<>();

  private NatsConnection(Socket socket) throws IOException {
    this.socket = socket;
    this.in = new BufferedInputStream(socket.getInputStream());
  }

  /**
   * Returns when the server has accepted it.
   *
   * @param username empty: none is told
   */
  static NatsConnection open(InetSocketAddress server, String username, String password)
      throws IOException {
    var socket = new Socket();
    try {
      socket.connect(
          new InetSocketAddress(server.getHostString(), server.getPort()), TIMEOUT_MILLIS);
      socket.setSoTimeout(TIMEOUT_MILLIS);
      var connection = new NatsConnection(socket);
      connection.greet(username, password);
      socket.setSoTimeout(SILENCE_MILLIS);
      Thread.ofVirtual().name("nats-reader").start(connection::answerPings);
      return connection;
    } catch (IOException refused) {
      socket.close();
      throw refused;
    }
  }

  private void greet(String username, String password) throws IOException {
    var info = readLine();
    if (!info.startsWith("INFO ")) {
      throw new IOException("not a NATS server: no INFO");
    }
    var connect = JSON.objectNode().put("verbose", false).put("pedantic", false);
    connect.put("name", "cc-bridge").put("lang", "java").put("version", "1");
    if (!username.isEmpty()) {
      connect.put("user", username).put("pass", password);
    }
    write("CONNECT " + connect + "\r\nPING\r\n");
    for (var line = readLine(); !line.equals("PONG"); line = readLine()) {
      refuse(line);
    }
  }

  private static void refuse(String line) throws IOException {
    if (line.startsWith("-ERR")) {
      throw new IOException("NATS answered " + line);
    }
  }

  /**
   * @throws IOException also when the server went away earlier
   */
  void publish(String subject, String message) throws IOException {
    if (socket.isClosed()) {
      throw new IOException("the server closed the connection");
    }
    var length = message.getBytes(StandardCharsets.UTF_8).length;
    write("PUB " + subject + " " + length + "\r\n" + message + "\r\n");
  }

  /** Fails when the server has gone away; never completes otherwise. */
  CompletableFuture<Void> lost() {
    return lost;
  }

  private void answerPings() {
    try (socket) {
      while (true) {
        var line = readLine();
        refuse(line);
        if (line.equals("PING")) {
          write("PONG\r\n");
        }
      }
    } catch (IOException gone) {
      lost.completeExceptionally(gone);
    }
  }

  private void write(String text) throws IOException {
    writing.lock();
    try {
      socket.getOutputStream().write(text.getBytes(StandardCharsets.UTF_8));
    } finally {
      writing.unlock();
    }
  }

  private String readLine() throws IOException {
    var line = new ByteArrayOutputStream();
    for (var next = in.read(); next != '\n'; next = in.read()) {
      if (next < 0 || line.size() > MAX_LINE) {
        throw new IOException(next < 0 ? "the server closed the connection" : "line too long");
      }
      line.write(next);
    }
    return line.toString(StandardCharsets.UTF_8).strip();
  }

  /** All that was published goes out first. */
  @Override
  public void close() throws IOException {
    if (!socket.isClosed()) {
      socket.shutdownOutput();
    }
    socket.close();
  }
}
