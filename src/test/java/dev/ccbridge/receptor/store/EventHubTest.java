package dev.ccbridge.receptor.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.ccbridge.receptor.EventStreamEndedException;
import dev.ccbridge.receptor.model.ActualLRPState;
import dev.ccbridge.receptor.model.ReceptorEvent;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class EventHubTest {
  private final EventHub hub = new EventHub();

  @Test
  void deliversToEverySubscriberInOrder() throws InterruptedException {
    var first = hub.subscribe();
    var second = hub.subscribe();
    hub.publish(event(1));
    hub.publish(event(2));
    assertThat(first.next()).isEqualTo(event(1));
    assertThat(second.next()).isEqualTo(event(1));
    assertThat(first.next()).isEqualTo(event(2));
    assertThat(second.next()).isEqualTo(event(2));
  }

  @Test
  void endsTheSubscriptionOfWhoLeavesMoreThanTheLimit() throws InterruptedException {
    var slow = hub.subscribe();
    var quick = hub.subscribe();
    for (var i = 0; i < EventHub.MAX_UNDELIVERED; i++) {
      hub.publish(event(i));
      quick.next();
    }
    assertThat(slow.next()).as("the limit itself is no offence").isEqualTo(event(0));
    hub.publish(event(-1));
    hub.publish(event(-2));
    assertThatExceptionOfType(EventStreamEndedException.class).isThrownBy(slow::next);
    assertThat(quick.next()).isEqualTo(event(-1));
  }

  @Test
  void endsAReaderThatWaits() throws Exception {
    var events = hub.subscribe();
    var reader =
        CompletableFuture.supplyAsync(
            () -> {
              try {
                return events.next().wireName();
              } catch (EventStreamEndedException ended) {
                return "ended";
              } catch (InterruptedException interrupted) {
                return "interrupted";
              }
            });
    hub.close();
    assertThat(reader.get(10, TimeUnit.SECONDS)).isEqualTo("ended");
    assertThatExceptionOfType(EventStreamEndedException.class)
        .as("also of who comes later")
        .isThrownBy(() -> hub.subscribe().next());
  }

  private static ReceptorEvent event(int number) {
    return new ReceptorEvent.ActualLRPRemoved(
        InstanceRecords.unclaimed(
            new dev.ccbridge.receptor.model.ActualLRPResponse(
                "web",
                "",
                "",
                "demo",
                0,
                "",
                null,
                ActualLRPState.CRASHED,
                0,
                "",
                "",
                0,
                false,
                new dev.ccbridge.receptor.model.ModificationTag("e", number)),
            0));
  }
}
