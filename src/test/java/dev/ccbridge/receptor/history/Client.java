package dev.ccbridge.receptor.history;

import dev.ccbridge.receptor.history.Lives.Life;
import dev.ccbridge.receptor.history.Wire.Answer;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** Makes one random call after the other, with nobody waiting for anybody else. */
final class Client {
  private static final AtomicInteger NONCES = new AtomicInteger();

  private final History history;
  private final Wire wire;
  private final Supplier<Life> life;
  private final Bodies bodies;
  private final Random random;

  Client(History history, Wire wire, Supplier<Life> life, Bodies bodies, long seed) {
    this.history = history;
    this.wire = wire;
    this.life = life;
    this.bodies = bodies;
    this.random = new Random(seed);
  }

  /** One call; false when nobody listened. */
  boolean step() throws Exception {
    var guid = history.tasks.get(random.nextInt(history.tasks.size()));
    return switch (random.nextInt(20)) {
      case 0, 1, 2, 3 -> createTask(guid);
      case 4, 5, 6 -> call("GET", "/v1/tasks/" + guid, "", a -> history.taskRead(guid, a));
      case 7 -> call("GET", "/v1/tasks?domain=" + history.domain(), "", history::tasksListed);
      case 8 ->
          call("POST", "/v1/tasks/" + guid + "/cancel", "", a -> history.taskCancelled(guid, a));
      case 9, 10 -> call("DELETE", "/v1/tasks/" + guid, "", a -> history.taskDeleted(guid, a));
      case 11, 12 -> createLRP();
      case 13, 14 -> updateLRP();
      case 15 -> call("DELETE", lrpPath(), "", history::lrpDeleted);
      case 16 -> call("GET", lrpPath(), "", history::lrpRead);
      case 17 ->
          call("GET", "/v1/desired_lrps?domain=" + history.domain(), "", history::lrpsListed);
      case 18 -> killInstance();
      case 19 -> domain();
      default -> throw new IllegalStateException("twenty cases");
    };
  }

  private boolean createTask(String guid) throws Exception {
    var tells = random.nextInt(3) == 0;
    var nonce =
        "n"
            + NONCES.incrementAndGet()
            + (random.nextInt(4) == 0 ? TaskModel.FAILS : "")
            + (tells ? TaskModel.TELLS : "");
    var body = bodies.task(guid, history.domain(), nonce, tells);
    return call("POST", "/v1/tasks", body, a -> history.taskCreated(guid, nonce, a));
  }

  private boolean createLRP() throws Exception {
    var nonce = "c" + NONCES.incrementAndGet();
    var instances = random.nextInt(3);
    var body = bodies.lrp(history.lrp, history.domain(), nonce, instances);
    return call("POST", "/v1/desired_lrps", body, a -> history.lrpCreated(nonce, instances, a));
  }

  private boolean updateLRP() throws Exception {
    var nonce = "u" + NONCES.incrementAndGet();
    var instances = random.nextInt(3);
    var body = "{\"instances\":%d,\"annotation\":\"%s\"}".formatted(instances, nonce);
    return call("PUT", lrpPath(), body, a -> history.lrpUpdated(nonce, instances, a));
  }

  private boolean killInstance() throws Exception {
    var path = "/v1/actual_lrps/" + history.lrp + "/index/" + random.nextInt(2);
    return call("DELETE", path, "", history::instanceKilled);
  }

  private boolean domain() throws Exception {
    return random.nextInt(3) == 0
        ? call("PUT", "/v1/domains/" + history.domain(), "", history::domainUpserted)
        : call("GET", "/v1/domains", "", history::domainsListed);
  }

  private boolean call(String method, String path, String body, Consumer<Answer> record)
      throws Exception {
    Optional<Answer> answer = wire.call(life.get(), method, path, body);
    answer.ifPresent(record);
    return answer.isPresent();
  }

  private String lrpPath() {
    return "/v1/desired_lrps/" + history.lrp;
  }
}
