package dev.ccbridge.vectors;

import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.ccbridge.cloudcontroller.client.CloudControllerClient;
import dev.ccbridge.cloudcontroller.client.CloudControllerConfig;
import dev.ccbridge.receptor.client.ReceptorClient;
import dev.ccbridge.receptor.client.ReceptorClientConfig;
import dev.ccbridge.tps.CrashKey;
import dev.ccbridge.tps.CrashLedger;
import dev.ccbridge.tps.CrashTold;
import dev.ccbridge.tps.CrashWatcher;
import dev.ccbridge.tps.CrashWatcherConfig;
import dev.ccbridge.web.Response;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.EOFException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The watcher between a scripted Receptor and a scripted CC.
 *
 * <p>The full lists are not in the recordings: they are our own addition. The scripted Receptor
 * answers them with what all events of the earlier connections have made of its instances; before
 * the second connection they are empty.
 *
 * <p>That nothing more will come is told by two crashes that are no part of the case: one at the
 * end of each stream that stays open, one in each list.
 */
final class TpsWatcherVectors implements VectorRunner {
  private static final ObjectMapper JSON =
      new ObjectMapper().enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS);
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final String LAST_EVENT = "last-event-of-connection";
  private static final String LAST_LISTED = "last-of-list-at-connection";
  private static final CrashWatcherConfig QUICK =
      new CrashWatcherConfig(
          Duration.ofHours(1),
          Duration.ofMillis(20),
          Duration.ofMillis(50),
          Duration.ofMillis(50),
          Duration.ofMillis(100),
          500,
          true);

  @Override
  public ObjectNode run(JsonNode vector) throws Exception {
    var script = new WatcherScript(vector);
    var connections = new AtomicInteger();
    try (var ccServer = new ScriptedServer(seen -> cloudController(vector, seen));
        var receptorServer = new ScriptedServer(seen -> receptor(script, connections, seen));
        var receptor = new ReceptorClient(ReceptorClientConfig.of(receptorServer.uri()));
        var cc =
            new CloudControllerClient(
                new CloudControllerConfig(
                    Optional.of(ccServer.uri()),
                    "the-user",
                    "the-password",
                    Duration.ofSeconds(1)));
        var watcher =
            new CrashWatcher(QUICK, receptor, cc, new NothingTold(), new SimpleMeterRegistry())) {
      watcher.start();
      await()
          .atMost(PATIENCE)
          .until(
              () -> isOver(ccServer, connections) && isToldOrRepeated(vector, ccServer, watcher));
      return report(vector, ccServer);
    }
  }

  private static boolean isOver(ScriptedServer cc, AtomicInteger connections) {
    var last = connections.get() - 1;
    return wasTold(cc, LAST_EVENT, last) && wasTold(cc, LAST_LISTED, last);
  }

  private static boolean wasTold(ScriptedServer cc, String guid, int connection) {
    return cc.requests().stream().anyMatch(r -> r.path().contains(guid + "-" + connection + "/"));
  }

  private static boolean isToldOrRepeated(
      JsonNode vector, ScriptedServer cc, CrashWatcher watcher) {
    if (!isRepeated(vector)) {
      return watcher.untold() == 0;
    }
    var ofCase = ofCase(cc);
    var distinct = ofCase.stream().distinct().toList();
    return isDown(vector)
        || (distinct.size() == new WatcherScript(vector).instancesTold()
            && distinct.stream().allMatch(one -> isSeenTwice(ofCase, one)));
  }

  private static boolean isSeenTwice(List<JsonNode> requests, JsonNode one) {
    return requests.stream().filter(one::equals).count() >= 2;
  }

  private static ObjectNode report(JsonNode vector, ScriptedServer cc) {
    var seen = JSON.createObjectNode();
    var requests = seen.putArray("cc_requests");
    var ofCase = ofCase(cc);
    if (isDown(vector)) {
      return seen;
    }
    var repeated = isRepeated(vector) && !ofCase.isEmpty();
    var told = repeated ? ofCase.stream().distinct().toList() : ofCase;
    told.stream().sorted(ORDER).forEach(requests::add);
    if (repeated) {
      seen.put("repeated", true);
    }
    return seen;
  }

  private static final Comparator<JsonNode> ORDER =
      Comparator.<JsonNode, String>comparing(r -> r.path("path").asText())
          .thenComparing(JsonNode::toString);

  private static List<JsonNode> ofCase(ScriptedServer cc) {
    return cc.requests().stream()
        .filter(r -> !r.path().contains(LAST_EVENT) && !r.path().contains(LAST_LISTED))
        .map(TpsWatcherVectors::request)
        .toList();
  }

  private static JsonNode request(ScriptedServer.Seen seen) {
    try {
      var request = JSON.createObjectNode();
      request.set("body", sorted(JSON.readTree(seen.body())));
      request
          .putObject("headers")
          .put("Authorization", seen.header("Authorization"))
          .put("Content-Type", seen.header("Content-Type"));
      return request.put("method", seen.method()).put("path", seen.path());
    } catch (java.io.IOException noJson) {
      throw new AssertionError("a body that is no JSON: " + seen.body(), noJson);
    }
  }

  /** Members by name, so that the order of requests does not hang on that of members. */
  private static JsonNode sorted(JsonNode object) {
    var sorted = JSON.createObjectNode();
    object.properties().stream()
        .sorted(Map.Entry.comparingByKey())
        .forEach(member -> sorted.set(member.getKey(), member.getValue()));
    return sorted;
  }

  private static Response cloudController(JsonNode vector, ScriptedServer.Seen seen)
      throws Exception {
    if (seen.path().contains(LAST_EVENT) || seen.path().contains(LAST_LISTED)) {
      return Response.empty(200);
    }
    if (isDown(vector)) {
      throw new EOFException("down");
    }
    return ScriptedServer.answer(vector.path("input").path("cc"));
  }

  private static Response receptor(
      WatcherScript script, AtomicInteger connections, ScriptedServer.Seen seen) {
    if (seen.path().equals("/v1/events")) {
      var number = connections.getAndIncrement();
      return Response.stream(
          200, "text/event-stream; charset=utf-8", out -> stream(script, number, out));
    }
    var now = connections.get() - 1;
    var list = JSON.createArrayNode();
    script.instancesAt(now).forEach(list::add);
    list.add(WatcherScript.crashed(LAST_LISTED + "-" + now));
    return Response.json(200, list.toString().getBytes(StandardCharsets.UTF_8));
  }

  private static void stream(WatcherScript script, int number, OutputStream out) throws Exception {
    for (var event : script.events(number)) {
      write(out, event.path("event").asText(), WatcherScript.data(event));
    }
    script.sent(number);
    out.flush();
    if (script.isClosed(number)) {
      return;
    }
    var after = WatcherScript.crashed(LAST_EVENT + "-" + number);
    var event = JSON.createObjectNode();
    event.set("actual_lrp_before", after.deepCopy().put("crash_count", 0));
    event.set("actual_lrp_after", after);
    write(out, "actual_lrp_changed", event.toString());
    while (true) {
      // A comment now and then finds out that the reader is gone.
      out.write(":\n".getBytes(StandardCharsets.UTF_8));
      out.flush();
      Thread.sleep(100);
    }
  }

  private static void write(OutputStream out, String name, String data) throws Exception {
    out.write(("event: " + name + "\ndata: " + data + "\n\n").getBytes(StandardCharsets.UTF_8));
  }

  @Override
  public ObjectNode normalised(JsonNode vector) {
    var expected = (ObjectNode) vector.path("expected").deepCopy();
    WatcherScript.sort(expected, ORDER);
    return expected;
  }

  /**
   * The order of what CC was told, which is sorted; and whether the original told what we cannot
   * read, since we do not make its second connection.
   */
  @Override
  public boolean isWithoutMeaning(JsonNode vector, String mutation) {
    var script = new WatcherScript(vector);
    // What the original repeats we tell once, as an original that does not.
    return mutation.equals("swapped /cc_requests")
        || (script.hasUnknownEvent() || !script.repetitions().isEmpty())
            && mutation.matches("removed /cc_requests/\\d+");
  }

  private static boolean isDown(JsonNode vector) {
    return vector.path("input").path("cc").path("down").asBoolean();
  }

  /** Whether CC's answer leaves open whether another try helps. */
  private static boolean isRepeated(JsonNode vector) {
    var cc = vector.path("input").path("cc");
    var status = cc.path("status").asInt(200);
    var refused =
        status >= 400 && status < 500 && !Set.of(401, 407, 408, 425, 429).contains(status);
    return cc.path("down").asBoolean()
        || cc.path("hang").asBoolean()
        || cc.path("drop").asBoolean()
        || !(refused || (status >= 200 && status < 300));
  }

  @Override
  public List<KnownDifference> knownDifferences() {
    return List.of(
        new KnownDifference(
            "an unknown event is skipped",
            "the original's stream ends there, and what follows is lost; later Receptors tell more",
            vector -> new WatcherScript(vector).hasUnknownEvent(),
            (vector, expected) -> new WatcherScript(vector).tellAsWeDo(expected, ORDER)),
        new KnownDifference(
            "what was seen already is not told again",
            "an event that is no newer than the last one of its instance is a repetition",
            vector -> !new WatcherScript(vector).repetitions().isEmpty(),
            (vector, expected) -> new WatcherScript(vector).removeRepetitions(expected, ORDER)),
        new KnownDifference(
            "the first crash after five minutes of health is told",
            "its count does not rise above the one before, which the original looks at alone",
            vector -> !new WatcherScript(vector).crashesAfterHealth().isEmpty(),
            (vector, expected) -> new WatcherScript(vector).addAfterHealth(expected, ORDER)),
        new KnownDifference(
            "what no stream told of is told from the list",
            "the original loses what happens between two streams",
            vector -> !new WatcherScript(vector).missed().isEmpty(),
            (vector, expected) -> new WatcherScript(vector).addMissed(expected, ORDER)),
        new KnownDifference(
            "told until CC knows",
            "the original tries once; a restart of CC must lose no crash. The next crash of the"
                + " instance waits for it",
            vector ->
                isRepeated(vector)
                    && !isDown(vector)
                    && new WatcherScript(vector).instancesTold() > 0,
            (vector, expected) -> {
              new WatcherScript(vector).keepFirstOfEachInstance(expected, ORDER);
              expected.put("repeated", true);
            }));
  }

  @Override
  public void close() {}

  /** The original remembers nothing either. */
  private static final class NothingTold implements CrashLedger {
    @Override
    public Map<Integer, CrashTold> find(String processGuid) {
      return Map.of();
    }

    @Override
    public void record(CrashKey key, CrashTold told) {}

    @Override
    public void keepOnly(Set<CrashKey> present) {}
  }
}
