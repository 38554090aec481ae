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

  @Test
  void goesOnAfterAnEventThatIsStillKnown() throws InterruptedException {
    var cut = hub.subscribe("");
    for (var i = 0; i <= EventHub.MAX_UNDELIVERED; i++) {
      hub.publish(event(i));
      if (i == 0) {
        cut.next();
      }
    }
    var goesOn = hub.subscribe(cut.lastEventId());
    assertThat(goesOn.isResumed()).isTrue();
    assertThat(goesOn.next()).isEqualTo(event(1));

    hub.publish(event(-1));
    assertThat(hub.subscribe(cut.lastEventId()).isResumed()).as("too old").isFalse();
    assertThat(new EventHub().subscribe(goesOn.lastEventId()).isResumed())
        .as("of another life")
        .isFalse();
    assertThat(hub.subscribe(goesOn.lastEventId() + "9".repeat(30)).isResumed()).isFalse();
  }

  @Test
  void letsGoOfWhoClosesOrIsTooSlow() {
    var slow = hub.subscribe();
    hub.subscribe().close();
    for (var i = 0; i <= EventHub.MAX_UNDELIVERED; i++) {
      hub.publish(event(i));
    }
    org.awaitility.Awaitility.await().until(() -> hub.subscribers() == 0);
    assertThat(slow.poll()).isEmpty();
  }

  @Test
  void deliversEveryEventOfManyPublishersToManyReadersInOneOrder() throws Exception {
    var readers = new java.util.ArrayList<CompletableFuture<java.util.List<ReceptorEvent>>>();
    var events = 900;
    for (var i = 0; i < 50; i++) {
      var subscription = hub.subscribe();
      readers.add(
          CompletableFuture.supplyAsync(
              () -> {
                var seen = new java.util.ArrayList<ReceptorEvent>();
                try {
                  while (seen.size() < events) {
                    seen.add(subscription.next());
                  }
                } catch (InterruptedException interrupted) {
                  Thread.currentThread().interrupt();
                }
                return seen;
              },
              task -> Thread.ofVirtual().start(task)));
    }
    for (var publisher = 0; publisher < 3; publisher++) {
      var from = publisher * 300;
      Thread.ofVirtual()
          .start(
              () -> {
                for (var i = from; i < from + 300; i++) {
                  hub.publish(event(i));
                }
              });
    }
    var first = readers.getFirst().get(20, TimeUnit.SECONDS);
    assertThat(first).doesNotHaveDuplicates().hasSize(events);
    for (var reader : readers) {
      assertThat(reader.get(20, TimeUnit.SECONDS)).isEqualTo(first);
    }
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
