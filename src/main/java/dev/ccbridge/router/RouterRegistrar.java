package dev.ccbridge.router;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells CF's router again and again where something is served, until it is closed; then that it no
 * longer is. A NATS server that is away is waited for.
 */
public final class RouterRegistrar implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(RouterRegistrar.class);
  private static final Duration LAST_WORDS = Duration.ofSeconds(5);

  private final RegistrationConfig config;
  private final CompletableFuture<Void> closing = new CompletableFuture<>();
  private final Thread heart;

  private RouterRegistrar(RegistrationConfig config) {
    this.config = config;
    this.heart = Thread.ofVirtual().name("nats-heartbeat").unstarted(this::beat);
  }

  /** Returns at once. */
  public static RouterRegistrar start(RegistrationConfig config) {
    var registrar = new RouterRegistrar(config);
    registrar.heart.start();
    return registrar;
  }

  private void beat() {
    try {
      for (var attempt = 0; !closing.isDone(); attempt++) {
        announceAt(config.nats().get(attempt % config.nats().size()));
        pause();
      }
    } catch (InterruptedException stopping) {
      Thread.currentThread().interrupt();
    }
  }

  private void pause() throws InterruptedException {
    try {
      closing.get(config.retry().toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException over) {
      // The next attempt.
    } catch (ExecutionException impossible) {
      throw new IllegalStateException(impossible);
    }
  }

  /** Until the connection breaks, or the end. */
  private void announceAt(InetSocketAddress server) throws InterruptedException {
    try (var connection = connect(server).orElse(null)) {
      if (connection == null) {
        return;
      }
      connection.publish("router.register", message());
      LOG.info("nats-heartbeat.started server={} uris={}", server, config.uris());
      while (!hasEndedWithinInterval(connection)) {
        connection.publish("router.register", message());
      }
      connection.publish("router.unregister", message());
    } catch (IOException lost) {
      LOG.warn("nats-heartbeat.connection-lost server={} reason={}", server, lost.getMessage());
    }
  }

  /** Also when the server goes away, so that the next one hears of us at once. */
  private boolean hasEndedWithinInterval(NatsConnection connection)
      throws IOException, InterruptedException {
    try {
      CompletableFuture.anyOf(closing, connection.lost())
          .get(config.interval().toMillis(), TimeUnit.MILLISECONDS);
      return true;
    } catch (TimeoutException due) {
      return false;
    } catch (ExecutionException lost) {
      throw new IOException(lost.getCause());
    }
  }

  private Optional<NatsConnection> connect(InetSocketAddress server) {
    try {
      return Optional.of(NatsConnection.open(server, config.username(), config.password()));
    } catch (IOException down) {
      LOG.warn("connecting-to-nats-failed server={} reason={}", server, down.getMessage());
      return Optional.empty();
    }
  }

  private String message() {
    var uris = NatsConnection.JSON.arrayNode();
    config.uris().forEach(uris::add);
    var message = NatsConnection.JSON.objectNode();
    message.set("uris", uris);
    return message.put("host", config.host()).put("port", config.port()).toString();
  }

  /** Takes the registration back, if there is a connection; waits for that only so long. */
  @Override
  public void close() {
    closing.complete(null);
    try {
      if (!heart.join(LAST_WORDS)) {
        heart.interrupt();
      }
    } catch (InterruptedException stopping) {
      Thread.currentThread().interrupt();
    }
  }
}
