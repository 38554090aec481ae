package dev.ccbridge.vectors;

import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.ccbridge.api.Api;
import dev.ccbridge.api.DesiredLRP;
import dev.ccbridge.api.LRPReasons;
import dev.ccbridge.cloudcontroller.client.BulkClient;
import dev.ccbridge.cloudcontroller.client.CloudControllerConfig;
import dev.ccbridge.kube.Conditions;
import dev.ccbridge.kube.EventRecorder;
import dev.ccbridge.kube.Names;
import dev.ccbridge.nsync.AppResources;
import dev.ccbridge.nsync.DesiredLRPReconciler;
import dev.ccbridge.nsync.EmbeddedApi;
import dev.ccbridge.nsync.NsyncConfig;
import dev.ccbridge.nsync.bulk.AppWriter;
import dev.ccbridge.nsync.bulk.BulkSync;
import dev.ccbridge.nsync.bulk.BulkSyncConfig;
import dev.ccbridge.nsync.bulk.Outcome;
import dev.ccbridge.nsync.bulk.ScriptedServer;
import dev.ccbridge.nsync.bulk.ScriptedServer.Answer;
import dev.ccbridge.nsync.bulk.ScriptedServer.Seen;
import dev.ccbridge.receptor.client.ReceptorClient;
import dev.ccbridge.receptor.client.ReceptorClientConfig;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.javaoperatorsdk.operator.Operator;
import io.javaoperatorsdk.operator.processing.event.rate.LinearRateLimiter;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.net.ServerSocket;
import java.net.URI;
import java.security.GeneralSecurityException;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;

/**
 * One round of the bulker, and the reconciler carrying out what it wrote. What the Receptor has at
 * the beginning has its resource, as if made by earlier rounds. Of what is only asked, of which we
 * keep caches, the first list is compared; a refused write that is tried again counts once.
 */
final class BulkVectors implements VectorRunner {
  private static final ObjectMapper JSON =
      new ObjectMapper().enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS);
  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final int DEFAULT_PORT = 8080;
  private static final List<String> SORTED =
      List.of("creates", "updates", "deletes", "cc_app_requests");

  private final EmbeddedApi api = EmbeddedApi.start();

  @Override
  public ObjectNode run(JsonNode vector) throws Exception {
    try (var one = new Case(vector.path("input"))) {
      return one.run();
    }
  }

  @Override
  public ObjectNode normalised(JsonNode vector) {
    var expected = VectorRunner.super.normalised(vector);
    expected.path("creates").forEach(BulkVectors::withoutEmptyMonitor);
    for (var list : SORTED) {
      if (expected.path(list) instanceof ArrayNode array) {
        expected.set(list, sorted(array));
      }
    }
    return expected;
  }

  /**
   * The order in sorted lists, which a recording cannot have otherwise; and what the original sends
   * for a guid that comes twice, or at the end of a round that we give up, and we do not send at
   * all.
   */
  @Override
  public boolean isWithoutMeaning(JsonNode vector, String mutation) {
    return SORTED.stream().anyMatch(list -> mutation.equals("swapped /" + list))
        || lacksFingerprints(vector)
            && mutation.matches("[a-z]+ /(deletes|domain_bump_sent|domain_request)(/.*)?")
        || !repeated(vector).isEmpty()
            && mutation.matches("[a-z]+ /(creates|cc_app_requests)(/.*)?");
  }

  @Override
  public List<KnownDifference> knownDifferences() {
    return List.of(
        new KnownDifference(
            "an answer without fingerprints is none",
            "the original stops every app at a proxy's empty object",
            BulkVectors::lacksFingerprints,
            (vector, expected) -> {
              expected.putArray("deletes");
              expected.put("domain_bump_sent", false).remove("domain_request");
            }),
        new KnownDifference(
            "a guid that comes twice is one app",
            "the original takes the second one for missing, asks for it and tries to create it",
            vector -> !repeated(vector).isEmpty(),
            BulkVectors::onlyOnce));
  }

  @Override
  public void close() {
    api.close();
  }

  /** {@code {}}, null and absent mean the same here. */
  private static void withoutEmptyMonitor(JsonNode create) {
    var monitor = create.path("monitor");
    if (create instanceof ObjectNode object && (monitor.isMissingNode() || monitor.isEmpty())) {
      object.putNull("monitor");
    }
  }

  private static ArrayNode sorted(JsonNode list) {
    var elements = new ArrayList<JsonNode>();
    list.forEach(elements::add);
    // Not by the whole text, in which members come in any order.
    elements.sort(
        Comparator.comparing((JsonNode e) -> e.path("process_guid").asText())
            .thenComparing(e -> e.isTextual() ? e.asText() : e.path("body").toString()));
    return JSON.createArrayNode().addAll(elements);
  }

  /** Of the pages that are asked for, the last one is an object without them. */
  private static boolean lacksFingerprints(JsonNode vector) {
    var asked = vector.at("/expected/cc_fingerprint_requests").size();
    var page = vector.at("/input/fingerprint_pages").path(asked - 1);
    var body = Messages.folded(page.path("body"));
    return page.path("status").asInt() == 200 && body.isObject() && !body.has("fingerprints");
  }

  private static Set<String> repeated(JsonNode vector) {
    var seen = new HashSet<String>();
    var repeated = new HashSet<String>();
    for (var page : vector.path("input").path("fingerprint_pages")) {
      for (var fingerprint : page.path("body").path("fingerprints")) {
        var guid = fingerprint.path("process_guid").asText();
        if (!seen.add(guid)) {
          repeated.add(guid);
        }
      }
    }
    return repeated;
  }

  /** Asked for once, or not at all when it is fresh; and created only when it was not there. */
  private static void onlyOnce(JsonNode vector, ObjectNode expected) {
    var there = new HashMap<String, String>();
    vector
        .path("input")
        .path("existing")
        .path("body")
        .forEach(l -> there.put(l.path("process_guid").asText(), l.path("annotation").asText()));
    var etags = new HashMap<String, String>();
    vector
        .path("input")
        .path("fingerprint_pages")
        .forEach(
            page ->
                page.path("body")
                    .path("fingerprints")
                    .forEach(
                        f ->
                            etags.putIfAbsent(
                                f.path("process_guid").asText(), f.path("etag").asText())));
    for (var guid : repeated(vector)) {
      keep(expected.withArray("creates"), guid, there.containsKey(guid) ? 0 : 1);
      var left = Objects.equals(there.get(guid), etags.get(guid)) ? 0 : 1;
      for (var request : expected.withArray("cc_app_requests")) {
        left -= keep((ArrayNode) request.path("body"), guid, left);
      }
    }
    var requests = expected.withArray("cc_app_requests");
    for (var i = requests.size() - 1; i >= 0; i--) {
      if (requests.get(i).path("body").isEmpty()) {
        requests.remove(i);
      }
    }
  }

  /** How many of those with this guid are left; of several only those go that are the same. */
  private static int keep(ArrayNode list, String guid, int most) {
    var kept = new ArrayList<JsonNode>();
    for (var i = 0; i < list.size(); i++) {
      var element = list.get(i);
      var its = element.isTextual() ? element.asText() : element.path("process_guid").asText();
      if (!its.equals(guid)) {
        continue;
      }
      if (kept.size() < most || !(most == 0 || kept.contains(element))) {
        kept.add(element);
      } else {
        list.remove(i--);
      }
    }
    return kept.size();
  }

  /** One case at work. */
  private final class Case implements AutoCloseable {
    private final JsonNode input;
    private final KubernetesClient client = api.client();
    private final String namespace = EmbeddedApi.namespace(client);
    private final AtomicInteger pages = new AtomicInteger();
    private final List<Seen> looks = new CopyOnWriteArrayList<>();
    private volatile String brokenOff = "";
    private final ScriptedServer cc = new ScriptedServer(this::answer);
    private final ScriptedReceptor receptor;
    private final ReceptorClient receptorClient;
    private final BulkClient bulkClient;
    private final NsyncConfig config;
    private final BulkSync sync;
    private final EventRecorder events;
    private Operator operator;

    Case(JsonNode input) throws Exception {
      this.input = input;
      receptor = new ScriptedReceptor(input.path("existing"), input.path("receptor_faults"));
      var nowhere = nowhere();
      receptorClient =
          new ReceptorClient(
              ReceptorClientConfig.of(
                  input.path("receptor_down").asBoolean() ? nowhere : receptor.uri()));
      bulkClient =
          new BulkClient(
              new CloudControllerConfig(
                  Optional.of(input.path("cc_down").asBoolean() ? nowhere : cc.uri()),
                  "bulk_api",
                  "the-password",
                  PATIENCE));
      var lifecycles = new TreeMap<String, String>();
      input
          .path("config")
          .path("lifecycles")
          .properties()
          .forEach(entry -> lifecycles.put(entry.getKey(), entry.getValue().asText()));
      config =
          NsyncConfig.of(lifecycles, input.path("config").path("file_server_url").asText())
              .withCcNamespace(namespace)
              .withNamespaces(Set.of(namespace))
              .withSshKeyBits(1024);
      sync =
          new BulkSync(
              syncConfig(),
              bulkClient,
              client,
              receptorClient,
              AppWriter.of(new AppResources(config, client)),
              new SimpleMeterRegistry(),
              Clock.systemUTC());
      events = new EventRecorder(client, "cc-bridge", Clock.systemUTC());
    }

    private BulkSyncConfig syncConfig() {
      var usual = BulkSyncConfig.of(namespace);
      return new BulkSyncConfig(
          namespace,
          input.path("batch_size").asInt(usual.batchSize()),
          usual.pollingInterval(),
          Duration.ofSeconds(input.path("domain_ttl_seconds").asLong()),
          usual.workers(),
          PATIENCE,
          Duration.ofHours(1),
          Duration.ofMillis(50));
    }

    ObjectNode run() throws Exception {
      if (ScriptedReceptor.lists(input.path("existing"))) {
        input.path("existing").path("body").forEach(this::seed);
      }
      sync.watch();
      var outcome = sync.round();
      if (outcome.extent() != Outcome.Extent.GIVEN_UP) {
        reconcile();
        await().atMost(PATIENCE).until(this::isCarriedOut);
        sync.relist();
        await().atMost(PATIENCE).until(sync::isReady);
        sync.bumpFreshness();
      }
      return seen();
    }

    /** Every resource has been dealt with at least once, as far as the Receptor lets it. */
    private boolean isCarriedOut() {
      return client.resources(DesiredLRP.class).inNamespace(namespace).list().getItems().stream()
          .allMatch(
              lrp ->
                  lrp.isMarkedForDeletion()
                      ? isDeleteTried(lrp.getSpec().processGuid())
                      : isDealtWith(lrp));
    }

    /** One that still waits for the reconciler's first list of LRPs has a status as well. */
    private boolean isDealtWith(DesiredLRP lrp) {
      var status = lrp.getStatus();
      return status != null
          && lrp.getMetadata().getGeneration().equals(status.observedGeneration())
          && (!Conditions.hasReason(
                  status.conditions(), Conditions.RECONCILING, LRPReasons.RECEPTOR_UNAVAILABLE)
              || isWriteTried(lrp.getSpec().processGuid()));
    }

    private boolean isWriteTried(String processGuid) {
      return receptor.writes().stream()
          .anyMatch(
              w ->
                  w.path().endsWith("/" + processGuid)
                      || w.body().path("process_guid").asText().equals(processGuid));
    }

    private boolean isDeleteTried(String processGuid) {
      return receptor.writes().stream()
          .anyMatch(w -> w.method().equals("DELETE") && w.path().endsWith("/" + processGuid));
    }

    private void reconcile() {
      operator =
          new Operator(
              o ->
                  o.withKubernetesClient(client)
                      .withCloseClientOnStop(false)
                      .checkingCRDAndValidateLocalModel(false));
      operator.register(
          new DesiredLRPReconciler(
              config,
              receptorClient,
              uri -> uri,
              events,
              Clock.systemUTC(),
              new SimpleMeterRegistry()),
          o ->
              o.settingNamespace(namespace)
                  .withRateLimiter(LinearRateLimiter.deactivatedRateLimiter()));
      operator.start();
    }

    /** The resource that an earlier round made of this LRP. */
    private void seed(JsonNode lrp) {
      var guid = lrp.path("process_guid").asText();
      var app = input.path("apps").path(guid);
      var spec = JsonNodeFactory.instance.objectNode();
      spec.put("processGuid", guid);
      var image = app.path("docker_image").asText("");
      if (image.isEmpty()) {
        spec.putObject("source").putObject("droplet").put("uri", "http://cc.test/earlier");
      } else {
        spec.putObject("source").putObject("docker").put("image", image);
        spec.put("executionMetadata", app.path("execution_metadata").asText("{}"));
      }
      spec.put("stack", app.path("stack").asText("cflinuxfs2"));
      spec.put("instances", lrp.path("instances").asInt());
      if (lrp.has("annotation")) {
        spec.put("etag", lrp.path("annotation").asText());
      }
      var routes = spec.putArray("routes");
      for (var entry : lrp.path("routes").path("cf-router")) {
        for (var hostname : entry.path("hostnames")) {
          var route = routes.addObject().put("hostname", hostname.asText());
          if (entry.path("port").asInt() != DEFAULT_PORT) {
            route.put("port", entry.path("port").asInt());
          }
        }
      }
      var resource = JsonNodeFactory.instance.objectNode();
      resource.put("apiVersion", Api.GROUP + "/" + Api.VERSION).put("kind", "DesiredLRP");
      resource
          .putObject("metadata")
          .put("name", Names.fromGuid(guid))
          .put("namespace", namespace)
          .putArray("finalizers")
          .add(Api.FINALIZER);
      resource.set("spec", spec);
      client.resource(Serialization.unmarshal(resource.toString(), DesiredLRP.class)).create();
    }

    private Answer answer(Seen request) throws Exception {
      if (request.method().equals("GET")) {
        if (request.path().equals(brokenOff)) {
          // The JDK's client looks once more by itself.
          brokenOff = "";
          return Answer.DROP;
        }
        looks.add(request);
        var script = input.path("fingerprint_pages").path(pages.getAndIncrement());
        brokenOff = script.path("drop").asBoolean() ? request.path() : "";
        return script.isMissingNode() ? Answer.status(500) : scripted(script);
      }
      var asked = JSON.readTree(request.body());
      for (var fault : input.path("apps_faults")) {
        for (var guid : asked) {
          if (guid.equals(fault.path("when_asked_for"))) {
            return scripted(fault.path("reply"));
          }
        }
      }
      var found = JSON.createArrayNode();
      for (var guid : asked) {
        var app = input.path("apps").path(guid.asText());
        if (!app.isMissingNode()) {
          found.add(app);
        }
      }
      return Answer.json(found.toString());
    }

    private static Answer scripted(JsonNode reply) {
      if (reply.path("hang").asBoolean()) {
        return Answer.HANG;
      }
      if (reply.path("drop").asBoolean()) {
        return Answer.DROP;
      }
      var scripted = reply.has("body");
      return Answer.of(
          reply.path("status").asInt(200),
          reply.path("content_type").asText(scripted ? "application/json" : "text/plain"),
          scripted ? reply.path("body").toString() : reply.path("body_text").asText(""));
    }

    private ObjectNode seen() throws Exception {
      var seen = JSON.createObjectNode();
      var fingerprints = seen.putArray("cc_fingerprint_requests");
      looks.forEach(request -> fingerprints.add(request(request)));
      var apps = JSON.createArrayNode();
      for (var request : cc.seen("POST")) {
        apps.add(request(request).set("body", JSON.readTree(request.body())));
      }
      seen.set("cc_app_requests", sorted(apps));
      seen.set("creates", creates());
      seen.set("updates", updates());
      seen.set("deletes", deletes());
      bump(seen);
      list(seen);
      return seen;
    }

    private static ObjectNode request(Seen request) {
      var node = JSON.createObjectNode();
      node.put("method", request.method()).put("path", request.path());
      node.putObject("headers").put("Authorization", request.authorization());
      return node;
    }

    private ArrayNode creates() throws GeneralSecurityException {
      var creates = writes("POST", "/v1/desired_lrps");
      for (var write : creates) {
        if (write.body() instanceof ObjectNode body) {
          SshPlaceholders.put(body);
          withoutEmptyMonitor(body);
          body.remove("modification_tag");
        }
      }
      return once(creates, ScriptedReceptor.Write::body);
    }

    private ArrayNode updates() {
      return once(
          writes("PUT", "/v1/desired_lrps/"),
          write -> {
            var update = JSON.createObjectNode();
            update.set("body", write.body());
            return update.put("process_guid", guid(write));
          });
    }

    private ArrayNode deletes() {
      return once(
          writes("DELETE", "/v1/desired_lrps/"),
          write -> JsonNodeFactory.instance.textNode(guid(write)));
    }

    private static String guid(ScriptedReceptor.Write write) {
      return write.path().substring("/v1/desired_lrps/".length());
    }

    /** The repetition of what the Receptor did not accept is left out, and no other. */
    private static ArrayNode once(
        List<ScriptedReceptor.Write> writes, Function<ScriptedReceptor.Write, JsonNode> report) {
      var all = JSON.createArrayNode();
      var refused = new HashSet<JsonNode>();
      for (var write : writes) {
        var reported = report.apply(write);
        if (!refused.contains(reported)) {
          all.add(reported);
        }
        if (!write.accepted()) {
          refused.add(reported);
        }
      }
      return sorted(all);
    }

    private void bump(ObjectNode seen) {
      var bumps = writes("PUT", "/v1/domains/");
      seen.put("domain_bump_sent", !bumps.isEmpty());
      for (var bump : bumps) {
        var request = JSON.createObjectNode();
        request.put("method", bump.method()).put("path", bump.path());
        var headers = request.putObject("headers");
        if (bump.cacheControl() != null) {
          headers.put("Cache-Control", bump.cacheControl());
        }
        seen.set(seen.has("domain_request") ? "domain_request_again" : "domain_request", request);
      }
    }

    private void list(ObjectNode seen) {
      receptor
          .firstList()
          .ifPresent(
              path -> seen.putObject("existing_request").put("method", "GET").put("path", path));
    }

    private List<ScriptedReceptor.Write> writes(String method, String path) {
      return receptor.writes().stream()
          .filter(w -> w.method().equals(method) && w.path().startsWith(path))
          .toList();
    }

    /** Where nobody listens. */
    private static URI nowhere() throws Exception {
      try (var socket = new ServerSocket(0, 1, java.net.InetAddress.getLoopbackAddress())) {
        return URI.create("http://127.0.0.1:" + socket.getLocalPort());
      }
    }

    @Override
    public void close() {
      if (operator != null) {
        operator.stop();
      }
      sync.close();
      events.close();
      bulkClient.close();
      receptorClient.close();
      receptor.close();
      cc.close();
      client.close();
    }
  }
}
