package dev.ccbridge.receptor.history;

import com.fasterxml.jackson.databind.JsonNode;
import dev.ccbridge.receptor.history.CallbackReceiver.Heard;
import dev.ccbridge.receptor.history.EventReader.Written;
import dev.ccbridge.receptor.history.TaskModel.Ended;
import dev.ccbridge.receptor.history.Wire.Answer;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.StreamSupport;

/**
 * What four clients did to a few guids of their own, and what became of it. Its keys do not touch
 * each other, so each is checked by itself.
 */
final class History {
  final String name;
  final List<String> tasks;
  final String lrp;
  private final Map<String, Queue<Call<TaskModel.Operation>>> taskCalls = new ConcurrentHashMap<>();
  private final Queue<Call<LRPModel.Operation>> lrpCalls = new ConcurrentLinkedQueue<>();
  private final Queue<Call<DomainModel.Operation>> domainCalls = new ConcurrentLinkedQueue<>();
  private final Queue<String> faults = new ConcurrentLinkedQueue<>();

  History(String name) {
    this.name = name;
    this.tasks = List.of(name + "-a", name + "-b");
    this.lrp = name + "-lrp";
    tasks.forEach(guid -> taskCalls.put(guid, new ConcurrentLinkedQueue<>()));
  }

  /** Also the domain of everything in it. */
  String domain() {
    return name;
  }

  void taskCreated(String guid, String nonce, Answer answer) {
    expect(answer, 201, 409);
    task(guid, new TaskModel.Create(nonce, answer.status() != 409), answer);
  }

  void taskCancelled(String guid, Answer answer) {
    expect(answer, 200, 404, 500);
    task(guid, new TaskModel.Cancel(ended(answer, 500)), answer);
  }

  void taskDeleted(String guid, Answer answer) {
    expect(answer, 200, 404, 409);
    task(guid, new TaskModel.Delete(ended(answer, 409)), answer);
  }

  void taskRead(String guid, Answer answer) {
    expect(answer, 200, 404);
    if (answer.isKnown()) {
      var seen = answer.status() == 200 ? Optional.of(answer.body()) : Optional.<JsonNode>empty();
      task(guid, new TaskModel.Read(seen.map(Observed::task)), answer);
    }
  }

  void tasksListed(Answer answer) {
    expect(answer, 200);
    if (answer.isKnown()) {
      var listed = byMember("task_guid", answer);
      for (var guid : tasks) {
        var seen = Optional.ofNullable(listed.remove(guid)).map(Observed::task);
        task(guid, new TaskModel.Read(seen), answer);
      }
      fault(!listed.isEmpty(), "a list has tasks of others: " + listed);
    }
  }

  void lrpCreated(String nonce, int instances, Answer answer) {
    expect(answer, 201, 409);
    lrp(new LRPModel.Create(nonce, instances, answer.status() != 409), answer);
  }

  void lrpUpdated(String nonce, int instances, Answer answer) {
    expect(answer, 204, 404);
    lrp(new LRPModel.Update(nonce, instances, answer.status() != 404), answer);
  }

  void lrpDeleted(Answer answer) {
    expect(answer, 204, 404);
    lrp(new LRPModel.Delete(answer.status() != 404), answer);
  }

  void lrpRead(Answer answer) {
    expect(answer, 200, 404);
    if (answer.isKnown()) {
      var seen = answer.status() == 200 ? Optional.of(answer.body()) : Optional.<JsonNode>empty();
      lrp(new LRPModel.Read(seen.map(Observed::lrp)), answer);
    }
  }

  void lrpsListed(Answer answer) {
    expect(answer, 200);
    if (answer.isKnown()) {
      var seen = Optional.ofNullable(byMember("process_guid", answer).get(lrp));
      lrp(new LRPModel.Read(seen.map(Observed::lrp)), answer);
    }
  }

  void instanceKilled(Answer answer) {
    expect(answer, 204, 404);
  }

  void domainUpserted(Answer answer) {
    expect(answer, 204);
    domainCalls.add(call(new DomainModel.Upsert(), answer));
  }

  void domainsListed(Answer answer) {
    expect(answer, 200);
    if (answer.isKnown()) {
      var fresh =
          StreamSupport.stream(answer.body().spliterator(), false)
              .anyMatch(domain -> domain.asText().equals(domain()));
      domainCalls.add(call(new DomainModel.Read(fresh), answer));
    }
  }

  void fault(boolean is, String what) {
    if (is) {
      faults.add(what);
    }
  }

  /**
   * Everything that is wrong with it.
   *
   * @param runs how often each nonce has begun to run
   */
  List<String> check(
      Map<String, Integer> runs, Collection<Heard> heard, Collection<Written> written) {
    var found = new ArrayList<>(faults);
    for (var guid : tasks) {
      var calls = withTellings(guid, heard);
      found.addAll(wrongRuns(calls, runs));
      Linearization.faultOf(new TaskModel(), calls).ifPresent(f -> found.add(guid + ": " + f));
    }
    Linearization.faultOf(new LRPModel(), withEvents(written))
        .ifPresent(fault -> found.add(lrp + ": " + fault));
    Linearization.faultOf(new DomainModel(), List.copyOf(domainCalls))
        .ifPresent(fault -> found.add("domain " + domain() + ": " + fault));
    return found;
  }

  /** What is told has happened: its creation by then, although nobody may have been told of it. */
  private List<Call<TaskModel.Operation>> withTellings(String guid, Collection<Heard> heard) {
    var toldAt = new HashMap<String, Long>();
    var tellings = new ArrayList<Heard>();
    for (var one : heard) {
      if (one.taskGuid().equals(guid)) {
        toldAt.merge(one.seen().nonce(), one.at(), Math::min);
        tellings.add(one);
      }
    }
    var calls = new ArrayList<Call<TaskModel.Operation>>();
    var createdAt = new HashMap<String, Long>();
    for (var call : taskCalls.get(guid)) {
      if (call.operation() instanceof TaskModel.Create create && create.accepted()) {
        createdAt.put(create.nonce(), call.invoked());
        calls.add(provenBy(toldAt.get(create.nonce()), call));
      } else {
        calls.add(call);
      }
    }
    for (var telling : tellings) {
      var since = createdAt.get(telling.seen().nonce());
      if (since == null) {
        faults.add(guid + ": told of what was never created: " + telling);
      } else if (telling.accepted()) {
        calls.add(new Call<>(new TaskModel.Told(telling.seen()), since, telling.at(), true));
      }
    }
    return calls;
  }

  private List<Call<LRPModel.Operation>> withEvents(Collection<Written> written) {
    var writtenAt = new HashMap<String, Long>();
    for (var one : written) {
      if (one.process().equals(lrp)) {
        writtenAt.merge(one.lrp().nonce(), one.at(), Math::min);
      }
    }
    var calls = new ArrayList<Call<LRPModel.Operation>>();
    for (var call : lrpCalls) {
      var seenAt =
          switch (call.operation()) {
            case LRPModel.Create create -> writtenAt.remove(create.nonce());
            case LRPModel.Update update -> writtenAt.remove(update.nonce());
            case LRPModel.Delete delete -> null;
            case LRPModel.Read read -> null;
          };
      calls.add(provenBy(seenAt, call));
    }
    fault(!writtenAt.isEmpty(), lrp + ": events of what nobody wrote: " + writtenAt);
    return calls;
  }

  private static <O> Call<O> provenBy(Long seenAt, Call<O> call) {
    return seenAt == null
        ? call
        : new Call<>(call.operation(), call.invoked(), Math.min(call.answered(), seenAt), true);
  }

  private static List<String> wrongRuns(
      List<Call<TaskModel.Operation>> calls, Map<String, Integer> runs) {
    var found = new ArrayList<String>();
    var ran = new HashSet<String>();
    for (var call : calls) {
      if (call.operation() instanceof TaskModel.Create create) {
        var count = runs.getOrDefault(create.nonce(), 0);
        if (count > (create.accepted() ? 1 : 0)) {
          found.add(create + " was run " + count + " times");
        }
      }
      outcome(call.operation())
          .filter(seen -> !seen.reason().equals(TaskModel.CANCEL_REASON))
          .ifPresent(seen -> ran.add(seen.nonce()));
    }
    ran.stream()
        .filter(nonce -> !runs.containsKey(nonce))
        .forEach(nonce -> found.add(nonce + " ended and was never run"));
    return found;
  }

  private static Optional<TaskModel.Seen> outcome(TaskModel.Operation operation) {
    return switch (operation) {
      case TaskModel.Told told -> Optional.of(told.seen());
      case TaskModel.Read read ->
          read.seen()
              .filter(
                  seen ->
                      seen.phase() == TaskModel.Phase.COMPLETED
                          || seen.phase() == TaskModel.Phase.RESOLVING);
      case TaskModel.Create create -> Optional.empty();
      case TaskModel.Cancel cancel -> Optional.empty();
      case TaskModel.Delete delete -> Optional.empty();
    };
  }

  private void task(String guid, TaskModel.Operation operation, Answer answer) {
    taskCalls.get(guid).add(call(operation, answer));
  }

  private void lrp(LRPModel.Operation operation, Answer answer) {
    lrpCalls.add(call(operation, answer));
  }

  private static <O> Call<O> call(O operation, Answer answer) {
    return new Call<>(operation, answer.invoked(), answer.answered(), answer.isKnown());
  }

  private void expect(Answer answer, int... statuses) {
    var expected = !answer.isKnown();
    for (var status : statuses) {
      expected |= answer.status() == status;
    }
    fault(!expected, "answered " + answer.status() + " " + answer.body());
  }

  private static Ended ended(Answer answer, int refusal) {
    if (answer.status() == refusal) {
      return Ended.REFUSED;
    }
    return answer.status() == 404 ? Ended.MISSING : Ended.DONE;
  }

  private static Map<String, JsonNode> byMember(String member, Answer answer) {
    var all = new HashMap<String, JsonNode>();
    answer.body().forEach(node -> all.put(node.path(member).asText(), node));
    return all;
  }
}
