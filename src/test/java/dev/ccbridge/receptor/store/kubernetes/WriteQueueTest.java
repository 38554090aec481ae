package dev.ccbridge.receptor.store.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.ccbridge.receptor.model.ReceptorException;
import dev.ccbridge.receptor.store.Change;
import dev.ccbridge.receptor.store.Table;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.Timeout.ThreadMode;

/** The test is the writer: it is handed each bucket that begins to have something to write. */
@Timeout(value = 30, threadMode = ThreadMode.SEPARATE_THREAD)
class WriteQueueTest {
  private final BlockingQueue<Slot> begun = new LinkedBlockingQueue<>();
  private final WriteQueue queue =
      new WriteQueue("the test", Duration.ofSeconds(5), (its, slot) -> begun.add(slot));

  @Test
  void storesWhatWaitsForARecordAsOne() throws Exception {
    var first = queue.write(List.of(domain("a", 1)));
    var slot = begun();
    var writing = queue.next(slot);
    var second = queue.write(List.of(domain("a", 2)));
    var third = queue.write(List.of(domain("a", 3)));

    queue.stored(slot, writing);
    assertThat(first).isCompleted();
    assertThat(second).isNotDone();

    var last = queue.next(slot);
    assertThat(last.changes()).containsExactly(domain("a", 3));
    queue.stored(slot, last);
    assertThat(second).isCompleted();
    assertThat(third).isCompleted();
    assertThat(queue.next(slot)).as("nothing more").isNull();
    assertThat(begun).as("threads besides the bucket's own").isEmpty();
  }

  @Test
  void storesWhatWaitsForNeighboursAsOne() throws Exception {
    queue.write(List.of(instance("web/0", 1)));
    var slot = begun();
    var writing = queue.next(slot);
    var one = queue.write(List.of(instance("web/1", 1), instance("web/31", 1)));
    var two = queue.write(List.of(instance("web/1", 2), Change.remove(Table.ACTUAL_LRPS, "web/0")));
    assertThat(begun).as("threads besides the bucket's own").isEmpty();
    queue.stored(slot, writing);

    var last = queue.next(slot);
    assertThat(last.changes())
        .containsExactlyInAnyOrder(
            instance("web/1", 2), instance("web/31", 1), Change.remove(Table.ACTUAL_LRPS, "web/0"));
    assertThat(List.of(one, two)).noneMatch(CompletableFuture::isDone);
    queue.stored(slot, last);
    assertThat(List.of(one, two)).allMatch(CompletableFuture::isDone);
    assertThat(queue.next(slot)).as("nothing more").isNull();
  }

  @Test
  void keepsInstancesThatAreNoNeighboursApart() throws Exception {
    queue.write(List.of(instance("web/31", 1), instance("web/32", 1), instance("other/31", 1)));
    for (var i = 0; i < 3; i++) {
      assertThat(queue.next(begun()).changes()).hasSize(1);
    }
  }

  @Test
  void saysThatARecordIsStoredWhileItsNeighbourWaits() throws Exception {
    queue.write(List.of(instance("web/0", 1)));
    var slot = begun();
    var write = queue.next(slot);
    queue.write(List.of(instance("web/1", 1)));
    var first = queue.stored(new RecordKey(Table.ACTUAL_LRPS, "web/0"));
    var second = queue.stored(new RecordKey(Table.ACTUAL_LRPS, "web/1"));
    assertThat(first).isNotDone();
    assertThat(queue.stored(new RecordKey(Table.ACTUAL_LRPS, "web/2"))).isCompleted();

    queue.stored(slot, write);
    assertThat(first).isCompleted();
    settling("web/0").get(5, TimeUnit.SECONDS);
    assertThat(second).isNotDone();
  }

  @Test
  void letsAnInstanceWaitForWhatIsDesiredInTheSameCall() throws Exception {
    var all = queue.write(List.of(instance("web/0", 1), Change.put(Table.DESIRED_LRPS, "web", 1)));
    var slots = List.of(begun(), begun());
    var desired = named(slots, Table.DESIRED_LRPS);
    var instance = named(slots, Table.ACTUAL_LRPS);
    var itsWrite = queue.next(instance);
    var before = itsWrite.after();
    assertThat(before).hasSize(1).allSatisfy(one -> assertThat(one).isNotDone());

    queue.stored(desired, queue.next(desired));
    assertThat(before).allSatisfy(one -> assertThat(one).isCompleted());
    queue.stored(instance, itsWrite);
    assertThat(all).isCompleted();
  }

  @Test
  void letsAnInstanceWaitForWhatWasDesiredBefore() throws Exception {
    queue.write(List.of(Change.put(Table.DESIRED_LRPS, "web", 1)));
    var desired = begun();
    var write = queue.next(desired);
    queue.write(List.of(instance("web/0", 1)));
    queue.write(List.of(instance("other/0", 1)));
    var before = queue.next(begun()).after();
    assertThat(before).hasSize(1).allSatisfy(one -> assertThat(one).isNotDone());
    assertThat(queue.next(begun()).after()).as("of another LRP").isEmpty();

    queue.stored(desired, write);
    assertThat(before).allSatisfy(one -> assertThat(one).isCompleted());
  }

  @Test
  void keepsWhatIsRefusedAndIsNotWritableMeanwhile() throws Exception {
    var told = queue.write(List.of(domain("a", 1)));
    var slot = begun();
    var write = queue.next(slot);

    queue.refuse(slot, "no answer", true);
    assertThatExceptionOfType(CompletionException.class)
        .isThrownBy(told::join)
        .withCauseInstanceOf(ReceptorException.class)
        .withMessageContaining("cannot store to the test: no answer");
    assertThatExceptionOfType(ReceptorException.class)
        .isThrownBy(queue::requireWritable)
        .withMessageContaining("no answer");

    var later = queue.write(List.of());
    assertThat(later).as("all that was refused as well").isNotDone();
    queue.stored(slot, write);
    queue.requireWritable();
    assertThat(later.get(5, TimeUnit.SECONDS)).isNull();
  }

  @Test
  void takesWhatIsOneBucketsFaultForNothingElse() throws Exception {
    var told = queue.write(List.of(domain("a", 1)));
    queue.refuse(begun(), "too large", false);
    assertThat(told).isCompletedExceptionally();
    queue.requireWritable();
  }

  @Test
  void settlesWhatIsOnItsWayAndNothingElse() throws Exception {
    queue.write(List.of(domain("a", 1), domain("b", 1)));
    var slots = List.of(begun(), begun());
    settling("c").get(5, TimeUnit.SECONDS);
    var settled = settling("a");

    var a = slots.stream().filter(slot -> slot.bucket().key().equals("a")).findFirst().get();
    var write = queue.next(a);
    assertThat(settled).isNotDone();
    queue.stored(a, write);
    settled.get(5, TimeUnit.SECONDS);
  }

  @Test
  void takesNothingMoreOnceItIsLost() throws Exception {
    queue.write(List.of(domain("a", 1)));
    assertThat(queue.lose()).isTrue();
    assertThat(queue.lose()).as("is new").isFalse();
    assertThat(queue.write(List.of(domain("b", 1)))).isCompletedExceptionally();
    queue.close();
  }

  private CompletableFuture<Void> settling(String key) {
    return CompletableFuture.runAsync(() -> queue.settle(record -> record.key().equals(key)));
  }

  private static Slot named(List<Slot> slots, Table table) {
    return slots.stream().filter(slot -> slot.bucket().table() == table).findFirst().orElseThrow();
  }

  private static Change instance(String key, long value) {
    return Change.put(Table.ACTUAL_LRPS, key, value);
  }

  private static Change domain(String name, long value) {
    return Change.put(Table.DOMAINS, name, value);
  }

  private Slot begun() throws InterruptedException {
    return begun.poll(5, TimeUnit.SECONDS);
  }
}
