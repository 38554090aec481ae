package dev.ccbridge.router;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** A NATS server that notes what is published: {@code SUBJECT MESSAGE}. */
public final class FakeNats implements AutoCloseable {
  public final BlockingQueue<String> published = new LinkedBlockingQueue<>();
  public final BlockingQueue<String> connects = new LinkedBlockingQueue<>();
  final BlockingQueue<String> pongs = new LinkedBlockingQueue<>();
  private final ServerSocket server;
  private final List<Socket> clients = new CopyOnWriteArrayList<>();
  private final String refusal;

  /**
   * @param port 0: any free one
   */
  public FakeNats(int port) throws IOException {
    this(port, "");
  }

  FakeNats(int port, String refusal) throws IOException {
    this.refusal = refusal;
    this.server = listen(port);
    Thread.ofVirtual().start(this::accept);
  }

  /** Waits for the port, which an earlier server gives up only a moment after its end. */
  private static ServerSocket listen(int port) throws IOException {
    var deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
    while (true) {
      var socket = new ServerSocket();
      try {
        socket.setReuseAddress(true);
        socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
        return socket;
      } catch (BindException taken) {
        socket.close();
        if (System.nanoTime() > deadline) {
          throw taken;
        }
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
      }
    }
  }

  public int port() {
    return server.getLocalPort();
  }

  private void accept() {
    try {
      while (true) {
        var client = server.accept();
        clients.add(client);
        Thread.ofVirtual().start(() -> serve(client));
      }
    } catch (IOException closed) {
      // The end.
    }
  }

  private void serve(Socket client) {
    try (client;
        var in =
            new BufferedReader(
                new InputStreamReader(client.getInputStream(), StandardCharsets.UTF_8))) {
      say(client, "INFO {\"server_id\":\"fake\",\"max_payload\":1048576}");
      for (var line = in.readLine(); line != null; line = in.readLine()) {
        var words = line.split(" ", 2);
        switch (words[0]) {
          case "CONNECT" -> connects.add(words[1]);
          case "PING" -> say(client, refusal.isEmpty() ? "PONG" : "-ERR '" + refusal + "'");
          case "PONG" -> pongs.add(line);
          case "PUB" -> published.add(words[1].split(" ")[0] + " " + in.readLine());
          default -> throw new AssertionError(line);
        }
      }
    } catch (IOException gone) {
      // The client, or this server.
    }
  }

  void pingAll() throws IOException {
    for (var client : clients) {
      say(client, "PING");
    }
  }

  private static void say(Socket client, String line) throws IOException {
    client.getOutputStream().write((line + "\r\n").getBytes(StandardCharsets.UTF_8));
  }

  @Override
  public void close() throws IOException {
    server.close();
    for (var client : clients) {
      client.close();
    }
  }
}
