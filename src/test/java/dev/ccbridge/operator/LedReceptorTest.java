package dev.ccbridge.operator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import dev.ccbridge.ErrorKind;
import dev.ccbridge.receptor.EventStreamEndedException;
import dev.ccbridge.receptor.Receptor;
import dev.ccbridge.receptor.ReceptorContract;
import dev.ccbridge.receptor.Requests;
import dev.ccbridge.receptor.client.ReceptorClient;
import dev.ccbridge.receptor.client.ReceptorClientConfig;
import dev.ccbridge.receptor.model.ReceptorException;
import dev.ccbridge.receptor.server.ReceptorServer;
import dev.ccbridge.receptor.server.ReceptorServerConfig;
import dev.ccbridge.receptor.store.ReceptorStore;
import dev.ccbridge.web.HttpService;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The contract on a replica that does not lead, and what happens when another one does. */
class LedReceptorTest extends ReceptorContract {
  private final List<AutoCloseable> opened = new ArrayList<>();
  private ReceptorStore leaders;
  private LedReceptor led;

  @Override
  protected Receptor open(ReceptorStore store) {
    leaders = store;
    led = new LedReceptor(url -> new ReceptorClient(ReceptorClientConfig.of(url)));
    led.follow(Optional.of(publish(store)));
    return led;
  }

  private URI publish(Receptor receptor) {
    var password = "secret";
    var server =
        new ReceptorServer(
            ReceptorServerConfig.defaults().withCredentials(Receptors.PEER, password), receptor);
    var service =
        HttpService.start(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), server);
    opened.add(service);
    opened.add(server);
    return URI.create(
        service.uri().toString().replaceFirst("//", "//" + Receptors.PEER + ":" + password + "@"));
  }

  @AfterEach
  void unpublish() throws Exception {
    for (var one : opened.reversed()) {
      one.close();
    }
  }

  @Test
  void isUnavailableWhileNobodyLeads() {
    led.follow(Optional.empty());
    unavailable(() -> led.tasks(""));
    unavailable(() -> led.createTask(Requests.task("t1")));
    unavailable(led::subscribeToEvents);
    led.follow(Optional.of(URI.create("http://127.0.0.1:1")));
    unavailable(() -> led.tasks(""));
  }

  private static void unavailable(Runnable call) {
    assertThatExceptionOfType(ReceptorException.class)
        .isThrownBy(call::run)
        .matches(failure -> failure.kind() == ErrorKind.UNAVAILABLE);
  }

  @Test
  void endsStreamsWhenAnotherLeads() throws Exception {
    var ended = new CompletableFuture<Throwable>();
    var events = led.subscribeToEvents();
    Thread.startVirtualThread(
        () -> {
          try {
            events.next();
          } catch (EventStreamEndedException | InterruptedException end) {
            ended.complete(end);
          }
        });
    led.follow(Optional.of(publish(leaders)));
    assertThat(ended.get(10, java.util.concurrent.TimeUnit.SECONDS))
        .isInstanceOf(EventStreamEndedException.class);
    led.createTask(Requests.task("t1"));
    assertThat(led.findTask("t1")).isPresent();
  }

  @Test
  void usesItsOwnWhileItLeadsWhoeverIsSaidTo() {
    led.lead(leaders);
    led.follow(Optional.of(URI.create("http://127.0.0.1:1")));
    led.createTask(Requests.task("t1"));
    assertThat(leaders.findTask("t1")).isPresent();
    var events = led.subscribeToEvents();
    led.leave();
    assertThatExceptionOfType(EventStreamEndedException.class).isThrownBy(events::next);
    unavailable(() -> led.findTask("t1"));
    led.close();
    await().atMost(Duration.ofSeconds(1)).until(() -> leaders.findTask("t1").isPresent());
  }
}
