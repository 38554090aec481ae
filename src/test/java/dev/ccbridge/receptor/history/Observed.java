package dev.ccbridge.receptor.history;

import com.fasterxml.jackson.databind.JsonNode;
import dev.ccbridge.receptor.history.TaskModel.Phase;
import dev.ccbridge.receptor.history.TaskModel.Seen;

/** What the wire says, in the words of the models. */
final class Observed {
  private Observed() {}

  static Seen task(JsonNode task) {
    return new Seen(
        task.path("annotation").asText(),
        Phase.valueOf(task.path("state").asText()),
        !task.path("cell_id").asText().isEmpty(),
        task.path("failed").asBoolean(),
        task.path("failure_reason").asText(),
        task.path("result").asText());
  }

  static LRPModel.State lrp(JsonNode lrp) {
    var tag = lrp.path("modification_tag");
    return new LRPModel.State(
        lrp.path("annotation").asText(),
        lrp.path("instances").asInt(),
        tag.path("epoch").asText(),
        tag.path("index").asInt());
  }
}
