package dev.ccbridge.receptor.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Random requests, from a fixed seed: valid ones come back as sent, broken ones harm nothing. */
@Timeout(300)
class RandomRequestsTest {
  private static final int VALID = 60;
  private static final int BROKEN = 800;
  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;
  private static final ObjectMapper MAPPER = new ObjectMapper();
  private static final List<String> TEXTS =
      List.of("a", "é\u2028<&>", "\"\\\n\t\0", "😀", "x".repeat(2000), "null", "-1", " ");

  private static final String ODD = "{}[]\",:\\0\0\u00ff-e.tn";

  @TempDir private Path directory;
  private final Random random = new Random(20150825);

  @Test
  void validOnesComeBackAsSentAlsoAfterARestart() throws Exception {
    var sent = new TreeMap<String, ObjectNode>();
    try (var receptor = new ReceptorUnderTest(directory)) {
      for (var i = 0; i < VALID; i++) {
        var guid = "lrp-" + i;
        var lrp = lrp(guid);
        receptor.client().createDesiredLRP(lrp.toString());
        sent.put(guid, lrp);
      }
      sameAsSent(receptor, sent);
    }
    try (var receptor = new ReceptorUnderTest(directory)) {
      sameAsSent(receptor, sent);
    }
  }

  private static void sameAsSent(ReceptorUnderTest receptor, TreeMap<String, ObjectNode> sent) {
    var list = receptor.client().desiredLRPs();
    assertThat(list).hasSize(sent.size());
    for (var found : list) {
      var expected = sent.get(found.path("process_guid").asText());
      expected
          .properties()
          .forEach(m -> assertThat(found.path(m.getKey())).isEqualTo(m.getValue()));
    }
  }

  @Test
  void brokenOnesAreRefusedOrHarmless() throws Exception {
    try (var receptor = new ReceptorUnderTest(directory)) {
      receptor.client().createDesiredLRP(lrp("kept").toString());
      var kept = receptor.client().getDesiredLRP("kept");
      for (var i = 0; i < BROKEN; i++) {
        var isTask = random.nextBoolean();
        var body = broken((isTask ? task("task-" + i) : lrp("lrp-" + i)).toString());
        var answer = receptor.send("POST", isTask ? "/v1/tasks" : "/v1/desired_lrps", body);
        assertThat(answer.statusCode()).as("%s%n%s", body, answer.body()).isIn(201, 400, 409);
      }
      for (var i = 0; i < BROKEN / 5; i++) {
        var answer = receptor.send("PUT", "/v1/desired_lrps/other", broken(update().toString()));
        // An update with bad values is told with 500, as in the original.
        assertThat(answer.statusCode()).isIn(400, 404, 500);
        assertThat(answer.body()).doesNotContain("internal error");
      }
      assertThat(receptor.client().getDesiredLRP("kept")).isEqualTo(kept);
      receptor.client().desiredLRPs();
      receptor.client().actualLRPs();
    }
  }

  /** One to three changes: of a character, a piece lost or doubled, another value in its place. */
  private String broken(String json) throws Exception {
    if (random.nextInt(3) == 0) {
      var tree = MAPPER.readTree(json);
      replaceSomewhere(tree);
      return tree.toString();
    }
    var text = new StringBuilder(json);
    for (var changes = random.nextInt(3); changes >= 0 && text.length() > 1; changes--) {
      var at = random.nextInt(text.length());
      var end = Math.min(text.length(), at + 1 + random.nextInt(20));
      switch (random.nextInt(4)) {
        case 0 -> text.setCharAt(at, ODD.charAt(random.nextInt(ODD.length())));
        case 1 -> text.delete(at, end);
        case 2 -> text.insert(at, text.substring(at, end));
        default -> text.setLength(at);
      }
    }
    return text.toString();
  }

  private void replaceSomewhere(JsonNode tree) {
    var inner = tree;
    while (inner.isContainerNode() && !inner.isEmpty()) {
      if (inner instanceof ObjectNode object) {
        var names = List.copyOf(object.properties());
        var chosen = names.get(random.nextInt(names.size())).getKey();
        if (random.nextInt(3) == 0) {
          object.set(chosen, odd());
          return;
        }
        inner = object.get(chosen);
      } else {
        var array = (ArrayNode) inner;
        var chosen = random.nextInt(array.size());
        if (random.nextInt(3) == 0) {
          array.set(chosen, odd());
          return;
        }
        inner = array.get(chosen);
      }
    }
  }

  private JsonNode odd() {
    return switch (random.nextInt(10)) {
      case 0 -> JSON.nullNode();
      case 1 -> JSON.numberNode(-1);
      case 2 -> JSON.numberNode(Long.MAX_VALUE);
      case 3 -> JSON.numberNode(0.5);
      case 4 -> JSON.textNode("");
      case 5 -> JSON.arrayNode();
      case 6 -> JSON.objectNode();
      case 7 -> JSON.booleanNode(true);
      case 8 -> JSON.textNode("\ud800");
      default -> JSON.arrayNode().add(JSON.nullNode()).add("x");
    };
  }

  private String text() {
    return TEXTS.get(random.nextInt(TEXTS.size()));
  }

  private ObjectNode task(String guid) {
    var task = JSON.objectNode();
    task.put("task_guid", guid).put("domain", text()).put("rootfs", "preloaded:" + guid);
    task.set("action", action(4));
    task.put("cpu_weight", random.nextInt(101)).put("memory_mb", random.nextInt());
    task.put("annotation", text()).put("log_guid", text());
    task.set("egress_rules", rules());
    return task;
  }

  private ObjectNode lrp(String guid) {
    var lrp = JSON.objectNode();
    lrp.put("process_guid", guid).put("domain", text()).put("rootfs", "docker:///a/b#" + guid);
    lrp.put("instances", 0).put("cpu_weight", random.nextInt(101)).put("start_timeout", 7);
    lrp.put("disk_mb", random.nextInt()).put("privileged", random.nextBoolean());
    lrp.set("setup", random.nextBoolean() ? JSON.nullNode() : action(3));
    lrp.set("action", action(5));
    lrp.set("monitor", random.nextBoolean() ? JSON.nullNode() : action(2));
    lrp.set("ports", JSON.arrayNode().add(random.nextInt(65536)).add(8080));
    lrp.set("routes", JSON.objectNode().set(text(), JSON.arrayNode().add(text()).add(1).add(true)));
    lrp.put("log_source", text()).put("annotation", text());
    lrp.set("env", env());
    lrp.set("egress_rules", rules());
    return lrp;
  }

  private ObjectNode update() {
    var update = JSON.objectNode().put("instances", random.nextInt(5)).put("annotation", text());
    update.set("routes", JSON.objectNode().put(text(), text()));
    return update;
  }

  private ArrayNode env() {
    return JSON.arrayNode().add(JSON.objectNode().put("name", "A").put("value", text()));
  }

  private ArrayNode rules() {
    var rule = JSON.objectNode().put("protocol", "tcp");
    rule.set("destinations", JSON.arrayNode().add("10.0.0.0/8").add("1.2.3.4-1.2.3.9").add("::1"));
    if (random.nextBoolean()) {
      rule.set("ports", JSON.arrayNode().add(1 + random.nextInt(65535)));
    } else {
      rule.set("port_range", JSON.objectNode().put("start", 1).put("end", 65535));
    }
    return JSON.arrayNode().add(rule.put("log", random.nextBoolean()));
  }

  private ObjectNode action(int depth) {
    var kinds = List.of("run", "download", "upload", "timeout", "emit_progress", "try", "serial");
    var kind = kinds.get(random.nextInt(depth == 0 ? 3 : kinds.size()));
    var action = JSON.objectNode();
    switch (kind) {
      case "run" -> {
        action.put("path", text()).put("user", text());
        action.set("args", JSON.arrayNode().add(text()).add(""));
        action.set("env", env());
        action.set("resource_limits", JSON.objectNode().put("nofile", random.nextInt(9)));
      }
      case "download" ->
          action.put("from", text()).put("to", text()).put("cache_key", "").put("user", text());
      case "upload" -> action.put("from", text()).put("to", text()).put("user", text());
      case "timeout" -> {
        action.set("action", action(depth - 1));
        action.put("timeout", 1 + random.nextInt(1000));
      }
      case "emit_progress" -> {
        action.set("action", action(depth - 1));
        action.put("start_message", text()).put("success_message", "");
        action.put("failure_message_prefix", text());
      }
      case "try" -> action.set("action", action(depth - 1));
      default -> action.set("actions", JSON.arrayNode().add(action(depth - 1)).add(action(0)));
    }
    return JSON.objectNode().set(kind, action);
  }
}
