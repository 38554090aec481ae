package dev.ccbridge.receptor.history;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ccbridge.receptor.history.TaskModel.Cancel;
import dev.ccbridge.receptor.history.TaskModel.Create;
import dev.ccbridge.receptor.history.TaskModel.Delete;
import dev.ccbridge.receptor.history.TaskModel.Ended;
import dev.ccbridge.receptor.history.TaskModel.Operation;
import dev.ccbridge.receptor.history.TaskModel.Phase;
import dev.ccbridge.receptor.history.TaskModel.Read;
import dev.ccbridge.receptor.history.TaskModel.Seen;
import dev.ccbridge.receptor.history.TaskModel.Told;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** The checker of histories finds what is wrong, and nothing in what is right. */
class LinearizationTest {
  private static final Operation CREATED = new Create("n1", true);

  @Test
  void acceptsALifeFromItsCreationToItsEnd() {
    assertFits(
        call(CREATED, 0, 1),
        call(read("n1", Phase.PENDING), 2, 3),
        call(read("n1", Phase.RUNNING), 4, 5),
        call(new Create("n2", false), 6, 7),
        call(new Delete(Ended.REFUSED), 8, 9),
        call(success("n1"), 10, 11),
        call(new Cancel(Ended.REFUSED), 12, 13),
        call(new Delete(Ended.DONE), 14, 15),
        call(new Read(Optional.empty()), 16, 17));
  }

  @Test
  void acceptsWhatOverlapsInEitherOrder() {
    assertFits(call(CREATED, 0, 10), call(new Read(Optional.empty()), 1, 9));
    assertFits(call(CREATED, 0, 10), call(read("n1", Phase.PENDING), 1, 9));
    assertFits(
        call(new Create("n1", true), 0, 10),
        call(new Create("n2", false), 0, 10),
        call(read("n1", Phase.RUNNING), 11, 12));
  }

  @Test
  void acceptsAnUnansweredCallThatHappenedAndOneThatDidNot() {
    assertFits(unanswered(CREATED, 0, 5), call(new Read(Optional.empty()), 6, 7));
    assertFits(unanswered(CREATED, 0, 5), call(read("n1", Phase.PENDING), 6, 7));
  }

  @Test
  void refusesAnUnansweredCallThatHappensAfterItsProcessDied() {
    assertFault(
        unanswered(CREATED, 0, 5),
        call(new Read(Optional.empty()), 6, 7),
        call(read("n1", Phase.PENDING), 8, 9));
  }

  @Test
  void refusesAnAcknowledgedTaskThatIsLost() {
    assertFault(call(CREATED, 0, 1), call(new Read(Optional.empty()), 2, 3));
  }

  @Test
  void refusesATaskThatWasReadAndIsLost() {
    assertFault(
        unanswered(CREATED, 0, 9),
        call(read("n1", Phase.PENDING), 1, 2),
        call(new Read(Optional.empty()), 10, 11));
  }

  @Test
  void refusesATaskThatComesBack() {
    assertFault(
        call(CREATED, 0, 1),
        call(success("n1"), 2, 3),
        call(new Delete(Ended.DONE), 4, 5),
        call(success("n1"), 6, 7));
  }

  @Test
  void refusesTwoThatWereAcceptedAtOnce() {
    assertFault(call(CREATED, 0, 10), call(new Create("n2", true), 0, 10));
  }

  @Test
  void refusesATaskThatIsDeletedTwice() {
    assertFault(
        call(CREATED, 0, 1),
        call(new Delete(Ended.DONE), 2, 9),
        call(new Delete(Ended.DONE), 3, 8));
  }

  @Test
  void refusesATaskThatGoesBackToPending() {
    assertFault(
        call(CREATED, 0, 1),
        call(read("n1", Phase.RUNNING), 2, 3),
        call(read("n1", Phase.PENDING), 4, 5));
  }

  @Test
  void refusesASecondOutcome() {
    var cancelled =
        new Read(
            Optional.of(new Seen("n1", Phase.COMPLETED, false, true, TaskModel.CANCEL_REASON, "")));
    assertFits(call(CREATED, 0, 1), call(new Cancel(Ended.DONE), 2, 3), call(cancelled, 4, 5));
    assertFault(call(CREATED, 0, 1), call(cancelled, 4, 5));
    assertFault(call(CREATED, 0, 1), call(new Cancel(Ended.DONE), 2, 3), call(success("n1"), 4, 5));
    assertFault(call(CREATED, 0, 1), call(success("n1"), 2, 3), call(new Cancel(Ended.DONE), 4, 5));
  }

  @Test
  void refusesAResultThatIsNotTheTasks() {
    var other =
        new Read(Optional.of(new Seen("n1", Phase.COMPLETED, false, false, "", "something")));
    assertFault(call(CREATED, 0, 1), call(other, 2, 3));
  }

  @Test
  void refusesATaskThatGoesAwayWithoutATelling() {
    var told = new Told(new Seen("n1", Phase.COMPLETED, false, false, "", "n1"));
    assertFits(call(CREATED, 0, 1), call(told, 0, 5), call(new Read(Optional.empty()), 6, 7));
    assertFault(
        call(CREATED, 0, 1), call(success("n1"), 2, 3), call(new Read(Optional.empty()), 6, 7));
  }

  @Test
  void refusesATellingOfWhatDidNotHappen() {
    assertFault(call(new Told(new Seen("n1", Phase.COMPLETED, false, false, "", "n1")), 0, 5));
    assertFault(
        call(CREATED, 0, 1),
        call(new Told(new Seen("n1", Phase.COMPLETED, false, true, "made up", "")), 2, 3));
  }

  @Test
  void refusesAnUpdateThatIsLostOrCountedTwice() {
    var read = new LRPModel.Read(Optional.of(new LRPModel.State("u1", 2, "e", 1)));
    var create = call((LRPModel.Operation) new LRPModel.Create("c1", 1, true), 0, 1);
    var update = call((LRPModel.Operation) new LRPModel.Update("u1", 2, true), 2, 3);
    assertThat(lrpFault(create, update, call(read, 4, 5))).isEmpty();
    assertThat(lrpFault(create, call(read, 4, 5))).isPresent();
    assertThat(lrpFault(create, update, update, call(read, 4, 5))).isPresent();
    assertThat(lrpFault(create, update, call(new LRPModel.Read(Optional.empty()), 4, 5)))
        .isPresent();
  }

  @Test
  void refusesAnEpochThatChangesWhileTheLRPStays() {
    assertThat(
            lrpFault(
                call(new LRPModel.Create("c1", 1, true), 0, 1),
                call(new LRPModel.Read(Optional.of(new LRPModel.State("c1", 1, "e", 0))), 2, 3),
                call(new LRPModel.Read(Optional.of(new LRPModel.State("c1", 1, "f", 0))), 4, 5)))
        .isPresent();
  }

  @Test
  void refusesADomainThatIsForgotten() {
    assertThat(
            Linearization.faultOf(
                new DomainModel(),
                List.of(
                    new Call<DomainModel.Operation>(new DomainModel.Upsert(), 0, 5, false),
                    new Call<DomainModel.Operation>(new DomainModel.Read(true), 1, 2, true),
                    new Call<DomainModel.Operation>(new DomainModel.Read(false), 6, 7, true))))
        .isPresent();
  }

  @SafeVarargs
  @SuppressWarnings("varargs")
  private static Optional<String> lrpFault(Call<LRPModel.Operation>... calls) {
    return Linearization.faultOf(new LRPModel(), List.of(calls));
  }

  @SafeVarargs
  @SuppressWarnings("varargs")
  private static void assertFits(Call<Operation>... calls) {
    assertThat(Linearization.faultOf(new TaskModel(), List.of(calls))).isEmpty();
  }

  @SafeVarargs
  @SuppressWarnings("varargs")
  private static void assertFault(Call<Operation>... calls) {
    assertThat(Linearization.faultOf(new TaskModel(), List.of(calls))).isPresent();
  }

  private static <O> Call<O> call(O operation, long invoked, long answered) {
    return new Call<>(operation, invoked, answered, true);
  }

  private static Call<Operation> unanswered(Operation operation, long invoked, long died) {
    return new Call<>(operation, invoked, died, false);
  }

  private static Operation read(String nonce, Phase phase) {
    return new Read(Optional.of(new Seen(nonce, phase, phase == Phase.RUNNING, false, "", "")));
  }

  private static Operation success(String nonce) {
    return new Read(Optional.of(new Seen(nonce, Phase.COMPLETED, false, false, "", nonce)));
  }
}
