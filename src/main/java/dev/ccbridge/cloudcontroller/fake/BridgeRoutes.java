package dev.ccbridge.cloudcontroller.fake;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.ccbridge.cloudcontroller.fake.App.Snapshot;
import dev.ccbridge.cloudcontroller.model.CloudControllerJson;
import dev.ccbridge.web.Request;
import dev.ccbridge.web.Response;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What stager, bulker and watcher ask under {@code /internal}. Source: cloud_controller_ng
 * app/controllers/internal @3c047cc.
 */
final class BridgeRoutes {
  private static final Logger LOG = LoggerFactory.getLogger(BridgeRoutes.class);
  private static final ObjectMapper JSON = CloudControllerJson.mapper();

  private final Apps apps;
  private final Messages messages;
  private final Lifecycle lifecycle;

  BridgeRoutes(Apps apps, Messages messages, Lifecycle lifecycle) {
    this.apps = apps;
    this.messages = messages;
    this.lifecycle = lifecycle;
  }

  /** 200 also when the staging is no longer the current one, which changes nothing. */
  Response stagingCompleted(Request request, byte[] body) throws IOException {
    var stagingGuid = request.param("guid");
    var message = parse(body);
    var app = apps.get(App.guidOf(stagingGuid));
    var taskId = App.restOf(stagingGuid);
    var error = message.path("error");
    if (error.isMissingNode() || error.isNull()) {
      staged(app, taskId, message);
    } else {
      failed(app, taskId, error);
    }
    return json(JSON.createObjectNode());
  }

  private void failed(App app, String taskId, JsonNode error) {
    if (!error.path("id").isTextual() || !error.path("message").isTextual()) {
      throw malformed(app, taskId, "error: wanted an id and a message, both texts");
    }
    app.stagingFailed(taskId, error.get("id").textValue(), error.get("message").textValue());
  }

  private void staged(App app, String taskId, JsonNode message) {
    var metadata = message.path("execution_metadata");
    var commands = message.path("detected_start_command");
    var data = message.path("lifecycle_data");
    if (!metadata.isTextual()) {
      throw malformed(app, taskId, "execution_metadata: wanted a text");
    }
    if (!commands.isObject()) {
      throw malformed(app, taskId, "detected_start_command: wanted an object");
    }
    var complete =
        data.path("buildpack_key").isTextual() && data.path("detected_buildpack").isTextual();
    if (!app.snapshot().settings().isDocker() && !complete) {
      throw malformed(
          app, taskId, "lifecycle_data: wanted buildpack_key and detected_buildpack, both texts");
    }
    var outcome =
        new App.Staged(
            metadata.textValue(),
            commands.path("web").asText(""),
            data.path("detected_buildpack").asText(""),
            data.path("docker_image").asText(""));
    if (app.staged(taskId, outcome)) {
      desire(app.snapshot());
    }
  }

  /** CC holds the staging for failed when it cannot understand how it ended. */
  private static CcError malformed(App app, String taskId, String why) {
    app.stagingFailed(taskId, "StagingError", "Malformed message from Diego stager");
    return CcError.invalidRequest(why);
  }

  /** The staging is over whatever nsync says; the bulker comes again. */
  private void desire(Snapshot app) {
    try {
      lifecycle.desire(app);
    } catch (CcError refused) {
      LOG.warn("app not desired processGuid={} reason={}", app.processGuid(), refused.message());
    }
  }

  /**
   * A page of apps that shall run, by row id: as fingerprints with {@code format=fingerprint},
   * otherwise whole.
   */
  Response bulkPage(Request request) throws IOException {
    var size = batchSize(request);
    var page = apps.runningAfter(lastId(request), size);
    var answer = JSON.createObjectNode();
    if (request.query("format").orElse("").equals("fingerprint")) {
      var fingerprints = answer.putArray("fingerprints");
      for (var app : page) {
        fingerprints.addObject().put("process_guid", app.processGuid()).put("etag", app.etag());
      }
    } else {
      page.forEach(app -> answer.withArray("apps").addPOJO(messages.desire(app)));
    }
    var token = answer.putObject("token");
    if (page.isEmpty()) {
      token.putNull("id");
    } else {
      token.put("id", page.getLast().id());
    }
    return json(answer);
  }

  private static int batchSize(Request request) {
    var text = request.query("batch_size").orElse("");
    try {
      var size = Integer.parseInt(text);
      if (size > 0) {
        return size;
      }
    } catch (NumberFormatException notANumber) {
      throw CcError.invalidRequest("batch_size: was '" + text + "', wanted a number");
    }
    throw CcError.invalidRequest("batch_size: was " + text + ", wanted more than 0");
  }

  private static long lastId(Request request) throws IOException {
    var token = parse(request.query("token").orElse("").getBytes(StandardCharsets.UTF_8));
    var id = token.path("id");
    if (id.isMissingNode() || id.isNull()) {
      return 0;
    }
    if (!id.canConvertToLong() || !id.isIntegralNumber()) {
      throw CcError.invalidRequest("token: wanted {} or {\"id\": number}");
    }
    return id.longValue();
  }

  /** Those of the named processes that are current and shall run. */
  Response bulkApps(Request request, byte[] body) throws IOException {
    var wanted = new HashSet<String>();
    var guids = parse(body);
    if (!guids.isArray()) {
      throw CcError.parse("wanted an array of process guids");
    }
    for (var guid : guids) {
      if (!guid.isTextual()) {
        throw CcError.parse("wanted an array of process guids, all texts");
      }
      wanted.add(guid.textValue());
    }
    List<Object> found = new ArrayList<>();
    for (var app : apps.runningAfter(0, Integer.MAX_VALUE)) {
      if (wanted.contains(app.processGuid())) {
        found.add(messages.desire(app));
      }
    }
    return Response.json(200, JSON.writeValueAsBytes(found));
  }

  Response crashed(Request request, byte[] body) throws IOException {
    var crash = parse(body);
    var app = apps.get(App.guidOf(request.param("guid")));
    if (!crash.isObject()) {
      throw CcError.parse("wanted an object");
    }
    var metadata = JsonNodeFactory.instance.objectNode();
    for (var member :
        List.of("instance", "index", "exit_status", "exit_description", "reason", "crash_count")) {
      Optional.ofNullable(crash.get(member)).ifPresent(value -> metadata.set(member, value));
    }
    app.crashed(metadata);
    return json(JSON.createObjectNode());
  }

  private static JsonNode parse(byte[] body) {
    try {
      var json = JSON.readTree(body);
      if (json != null && !json.isMissingNode()) {
        return json;
      }
    } catch (IOException notJson) {
      throw CcError.parse("no JSON");
    }
    throw CcError.parse("no JSON");
  }

  private static Response json(JsonNode body) throws IOException {
    return Response.json(200, JSON.writeValueAsBytes(body));
  }
}
