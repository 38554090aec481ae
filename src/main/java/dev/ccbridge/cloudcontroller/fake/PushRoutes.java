package dev.ccbridge.cloudcontroller.fake;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.ccbridge.cloudcontroller.fake.App.PackageState;
import dev.ccbridge.cloudcontroller.fake.App.Snapshot;
import dev.ccbridge.cloudcontroller.model.CloudControllerJson;
import dev.ccbridge.web.Request;
import dev.ccbridge.web.Response;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/**
 * What a person asks under {@code /v2/apps}, in CC's words. Source: cloud_controller_ng
 * app/controllers/runtime/apps_controller.rb,
 * lib/cloud_controller/diego/instances_reporter.rb @3c047cc.
 */
final class PushRoutes {
  private static final int MAX_JSON_BYTES = 1 << 20;

  private final FakeCloudControllerConfig config;
  private final Apps apps;
  private final BlobFiles files;
  private final Bridge bridge;
  private final Messages messages;
  private final Lifecycle lifecycle;

  PushRoutes(
      FakeCloudControllerConfig config,
      Apps apps,
      BlobFiles files,
      Bridge bridge,
      Messages messages,
      Lifecycle lifecycle) {
    this.config = config;
    this.apps = apps;
    this.files = files;
    this.bridge = bridge;
    this.messages = messages;
    this.lifecycle = lifecycle;
  }

  /** {@code state: STARTED} needs bits first, unless it is a docker app. */
  Response create(Request request) throws IOException {
    var wanted = body(request);
    var settings = AppSettings.defaults(config.stack()).with(wanted);
    messages.buildpacks(settings.buildpack());
    var state = state(wanted);
    if (state.equals("STARTED") && !settings.isDocker()) {
      throw CcError.packageInvalid("bits have not been uploaded");
    }
    var app = apps.create(settings);
    if (state.equals("STARTED")) {
      lifecycle.start(app);
    }
    return json(201, app.json());
  }

  Response list(Request request) {
    var list = JsonNodeFactory.instance.objectNode();
    var resources = list.putArray("resources");
    apps.all().forEach(app -> resources.add(app.json()));
    list.put("total_results", resources.size());
    return json(200, list);
  }

  Response show(Request request) {
    return json(200, app(request).json());
  }

  /** Without a change of state, what runs is told of its new instances and routes at once. */
  Response update(Request request) throws IOException {
    var app = app(request);
    var changes = body(request);
    var state = state(changes);
    var settings = app.snapshot().settings().with(changes);
    messages.buildpacks(settings.buildpack());
    app.change(settings);
    var now = app.snapshot();
    if (state.equals("STARTED") && !now.started()) {
      lifecycle.start(app);
    } else if (state.equals("STOPPED") && now.started()) {
      lifecycle.stop(app);
    } else {
      lifecycle.desire(now);
    }
    return json(201, app.json());
  }

  Response restage(Request request) {
    var app = app(request);
    lifecycle.restage(app);
    return json(201, app.json());
  }

  Response delete(Request request) throws IOException {
    var app = app(request);
    apps.remove(app);
    var last = app.snapshot();
    lifecycle.deleted(last);
    files.delete(StagingRoutes.bitsName(app.guid()));
    files.delete(StagingRoutes.dropletName(app.guid(), last.dropletHash()));
    files.delete(Lifecycle.cacheName(last.settings().stack(), app.guid()));
    return Response.empty(204);
  }

  /** The archive as it is, zip or tgz. */
  Response uploadBits(Request request) throws IOException {
    var app = app(request);
    var written = files.write(request.bodyStream());
    var announced = request.header("Content-Length").orElse(String.valueOf(written.bytes()));
    if (written.bytes() == 0 || !announced.equals(String.valueOf(written.bytes()))) {
      files.discard(written);
      throw CcError.packageInvalid(
          "came as " + written.bytes() + " bytes, wanted a zip or tgz archive");
    }
    files.place(written, StagingRoutes.bitsName(app.guid()));
    app.bitsUploaded();
    return json(201, app.json());
  }

  /** By index; one that is wanted and of which nothing is known is DOWN. */
  Response instances(Request request) {
    var app = runningApp(request);
    return json(200, byIndex(app, bridge.instances(app.processGuid()), PushRoutes::instance));
  }

  Response stats(Request request) {
    var app = runningApp(request);
    var stats = bridge.stats(app.processGuid(), request.header("Authorization"));
    return json(200, byIndex(app, stats, PushRoutes::instanceWithStats));
  }

  Response events(Request request) {
    var list = JsonNodeFactory.instance.objectNode();
    var resources = list.putArray("resources");
    app(request).events().forEach(resources::add);
    list.put("total_results", resources.size());
    return json(200, list);
  }

  /** Stops one instance; it comes again. */
  Response stopIndex(Request request) {
    var app = runningApp(request);
    var text = request.param("index");
    try {
      bridge.stopIndex(app.processGuid(), Integer.parseInt(text));
    } catch (NumberFormatException notANumber) {
      throw CcError.invalidRequest("index: was '" + text + "', wanted a number");
    }
    return Response.empty(204);
  }

  private Snapshot runningApp(Request request) {
    var app = app(request).snapshot();
    if (app.packageState() == PackageState.FAILED) {
      throw CcError.staging("cannot get instances since staging failed");
    }
    if (!app.started()) {
      throw CcError.instances(
          "Request failed for app: " + app.settings().name() + " as the app is in stopped state.");
    }
    if (app.packageState() == PackageState.PENDING) {
      throw CcError.notStaged();
    }
    return app;
  }

  private interface InstanceView {
    ObjectNode of(Snapshot app, JsonNode instance);
  }

  private static ObjectNode byIndex(Snapshot app, JsonNode instances, InstanceView view) {
    var result = JsonNodeFactory.instance.objectNode();
    for (int index = 0; index < app.settings().instances(); index++) {
      result.putObject(String.valueOf(index)).put("state", "DOWN");
    }
    for (var instance : instances) {
      var index = instance.path("index").asInt(-1);
      if (index >= 0 && index < app.settings().instances()) {
        result.set(String.valueOf(index), view.of(app, instance));
      }
    }
    return result;
  }

  private static ObjectNode instance(Snapshot app, JsonNode instance) {
    var shown = JsonNodeFactory.instance.objectNode();
    for (var member : new String[] {"state", "uptime", "since", "details"}) {
      if (instance.has(member)) {
        shown.set(member, instance.get(member));
      }
    }
    return shown;
  }

  private static ObjectNode instanceWithStats(Snapshot app, JsonNode instance) {
    var mb = 1L << 20;
    var shown = JsonNodeFactory.instance.objectNode();
    shown.set("state", instance.path("state"));
    var stats = shown.putObject("stats").put("name", app.settings().name());
    app.settings().routes().forEach(stats.putArray("uris")::add);
    for (var member : new String[] {"host", "port", "uptime"}) {
      if (instance.has(member)) {
        stats.set(member, instance.get(member));
      }
    }
    stats
        .put("mem_quota", app.settings().memory() * mb)
        .put("disk_quota", app.settings().diskQuota() * mb);
    if (instance.path("stats").isObject()) {
      stats.set("usage", instance.get("stats"));
    }
    return shown;
  }

  private App app(Request request) {
    return apps.get(request.param("guid"));
  }

  /** Empty when nothing is said. */
  private static String state(JsonNode wanted) {
    var state = wanted.path("state");
    if (state.isMissingNode() || state.isNull()) {
      return "";
    }
    if (!state.asText().equals("STARTED") && !state.asText().equals("STOPPED")) {
      throw CcError.appInvalid("state: was " + state + ", wanted STARTED or STOPPED");
    }
    return state.textValue();
  }

  private static JsonNode body(Request request) throws IOException {
    try {
      var body = CloudControllerJson.mapper().readTree(request.body(MAX_JSON_BYTES));
      if (body.isObject()) {
        return body;
      }
    } catch (JsonProcessingException notJson) {
      throw CcError.parse("the body is no JSON");
    }
    throw CcError.parse("the body is no JSON object");
  }

  /** Indented: a person reads it. */
  static Response json(int status, JsonNode body) {
    return Response.json(status, (body.toPrettyString() + "\n").getBytes(StandardCharsets.UTF_8));
  }
}
