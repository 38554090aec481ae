package dev.ccbridge.vectors;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.ccbridge.stager.StagerUnderTest;
import dev.ccbridge.stager.StagerUnderTest.Setup;
import dev.ccbridge.stager.recipe.RecipeConfig;
import dev.ccbridge.web.Handler;
import dev.ccbridge.web.Request;
import dev.ccbridge.web.Response;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;

/**
 * A stager for one recorded case, between neighbours that follow its script.
 *
 * <p>The Receptor answers what the stager reads for itself, as any Receptor would, without a note:
 * the lists of the poller, and of a staging request the look for its task. Everything else is noted
 * and answered by the script. Task creates are noted with their callback URL as the original's: its
 * token must be of the form of ours and is taken off.
 */
final class StagerCase implements AutoCloseable {
  private static final String TOKEN = "\\?token=[0-9a-f-]{36}\\.[A-Za-z0-9_-]{43}$";
  private static final String EXPLAINED = "<explained>";

  final StagerNeighbour receptor = new StagerNeighbour();
  final StagerNeighbour cc = new StagerNeighbour();
  final StagerNeighbour consul = new StagerNeighbour();
  final StagerUnderTest stager;
  private final JsonNode input;
  private final List<String> ccHeaders;
  private volatile ObjectNode task;

  /**
   * @param ccHeaders that are compared
   */
  StagerCase(JsonNode vector, List<String> ccHeaders) {
    this.input = vector.path("input");
    this.ccHeaders = ccHeaders;
    var config = input.path("config");
    stager =
        new StagerUnderTest(
            new Setup(
                recipes(config),
                config.path("stager_url").asText(),
                unlessDown(input.path("receptor").path(0), this::receptor),
                unlessDown(input.path("cc"), this::cc),
                config.path("cc_username").asText(),
                config.path("cc_password").asText(),
                consul()));
  }

  private static RecipeConfig recipes(JsonNode config) {
    var lifecycles = new LinkedHashMap<String, String>();
    config
        .path("lifecycles")
        .properties()
        .forEach(e -> lifecycles.put(e.getKey(), e.getValue().asText()));
    return new RecipeConfig(
        lifecycles,
        config.path("file_server_url").asText(),
        config.path("cc_uploader_url").asText(),
        config.path("skip_cert_verify").asBoolean(),
        config.path("docker_staging_stack").asText(),
        config.path("docker_registry_address").asText(),
        config.path("insecure_docker_registry").asBoolean());
  }

  private Optional<Handler> consul() {
    // A Consul that is down is still configured: its handler breaks every connection off.
    return input.has("consul") ? Optional.of(this::consul) : Optional.empty();
  }

  private static Optional<Handler> unlessDown(JsonNode script, Handler handler) {
    return script.path("down").asBoolean() ? Optional.empty() : Optional.of(handler);
  }

  private Response consul(Request request) throws Exception {
    if (input.path("consul").path("down").asBoolean()) {
      throw new IOException("down");
    }
    consul.note(request, StagerNeighbour.body(request), List.of());
    return StagerNeighbour.answer(input.path("consul"));
  }

  private Response cc(Request request) throws Exception {
    var number = cc.note(request, StagerNeighbour.body(request), ccHeaders);
    return number == 0 && input.has("cc")
        ? StagerNeighbour.answer(input.path("cc"))
        : Response.json(200, StagerNeighbour.utf8("{}"));
  }

  private Response receptor(Request request) throws Exception {
    var path = request.rawPath();
    if (request.method().equals("GET")
        && (path.equals("/v1/tasks") || !input.path("method").asText().equals("DELETE"))) {
      return read(path);
    }
    var body = StagerNeighbour.body(request);
    var number = receptor.note(request, body, List.of());
    var script = input.path("receptor").path(number);
    var answer = script.isMissingNode() ? Response.empty(201) : StagerNeighbour.answer(script);
    if (path.equals("/v1/tasks") && hasTaskAfter(script)) {
      task = StagerNeighbour.JSON.readValue(body, ObjectNode.class).put("state", "RUNNING");
    }
    return answer;
  }

  /** By what the answer says, whatever its status; what a router says is no answer. */
  private static boolean hasTaskAfter(JsonNode script) {
    if (script.path("headers").has("X-Cf-Routererror")) {
      return false;
    }
    return script.path("status").asInt(201) < 300
        || Messages.folded(script.path("body"))
            .path("name")
            .asText()
            .equals("TaskGuidAlreadyExists");
  }

  private Response read(String path) {
    var known = task;
    if (path.equals("/v1/tasks")) {
      var list = JsonNodeFactory.instance.arrayNode();
      return Response.json(
          200, StagerNeighbour.utf8((known == null ? list : list.add(known)) + ""));
    }
    return known == null
        ? Response.json(
            404, StagerNeighbour.utf8("{\"name\":\"TaskNotFound\",\"message\":\"not found\"}"))
        : Response.json(200, StagerNeighbour.utf8(known.toString()));
  }

  /** Whether the Receptor has taken the task, or had it already. */
  boolean hasTask() {
    return task != null;
  }

  /** The whole callback URL of the task. */
  String callbackUrl() {
    return task.path("completion_callback_url").asText();
  }

  HttpResponse<String> send(String path) throws Exception {
    var body =
        input.has("body_text")
            ? input.path("body_text").asText()
            : input.has("body") ? input.path("body").toString() : "";
    return stager.send(input.path("method").asText(), path, body);
  }

  /** The answer in the form of the recordings; what explains bad input is only looked at. */
  static ObjectNode report(HttpResponse<String> response) throws IOException {
    var seen = JsonNodeFactory.instance.objectNode().put("http_status", response.statusCode());
    response.headers().firstValue("Allow").ifPresent(allow -> seen.put("response_allow", allow));
    if (!response.body().isEmpty()) {
      var type = response.headers().firstValue("Content-Type").orElse("");
      seen.put("response_content_type", type);
      seen.set("response_body", body(response));
    }
    return seen;
  }

  private static JsonNode body(HttpResponse<String> response) throws IOException {
    if (!response.body().startsWith("{")) {
      return JsonNodeFactory.instance.objectNode().put("text", response.body());
    }
    var json = StagerNeighbour.JSON.readTree(response.body());
    if (response.statusCode() < 500) {
      var holder = json.has("error") ? json.path("error") : json;
      if (holder.path("message").asText().matches("[\\w.\\[\\]]+: .+")) {
        ((ObjectNode) holder).put("message", EXPLAINED);
      }
    }
    return json;
  }

  /** In CC's form, as {@code PUT} answers; in that of our routes otherwise. */
  static void explain(ObjectNode expected, boolean inCcForm) {
    var body = JsonNodeFactory.instance.objectNode();
    if (inCcForm) {
      body.put("execution_metadata", "").putNull("detected_start_command");
      body.putObject("error").put("id", "StagingError").put("message", EXPLAINED);
      expected.put("response_content_type", "text/plain; charset=utf-8");
    } else {
      body.put(
          "name", expected.path("http_status").asInt() == 404 ? "NOT_FOUND" : "INVALID_REQUEST");
      body.put("message", EXPLAINED);
      expected.put("response_content_type", "application/json");
    }
    expected.set("response_body", body);
  }

  /** What the Receptor was sent, callbacks without their tokens. */
  JsonNode receptorRequests() {
    var all = receptor.requests();
    for (var request : all) {
      if (request.path("body").has("completion_callback_url")) {
        var url = request.path("body").path("completion_callback_url").asText();
        ((ObjectNode) request.path("body"))
            .put("completion_callback_url", url.replaceFirst(TOKEN, ""));
      }
    }
    return all;
  }

  @Override
  public void close() {
    stager.close();
  }
}
