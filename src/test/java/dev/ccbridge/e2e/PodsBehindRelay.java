package dev.ccbridge.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.ccbridge.api.DesiredLRP;
import dev.ccbridge.api.StagingRequest;
import dev.ccbridge.kube.Conditions;
import dev.ccbridge.receptor.backend.pod.PodCluster;
import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.ServiceAccountBuilder;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinition;
import io.fabric8.kubernetes.api.model.authentication.TokenRequestBuilder;
import io.fabric8.kubernetes.api.model.rbac.ClusterRoleBindingBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/**
 * The operator with Pods, started again whenever it ends, with a relay between it and the API
 * server of a real node. {@link #flow} takes one app through its life, as its user does with
 * kubectl: staged, run, scaled, updated, deleted. After each of these all that can be seen of the
 * app has to be what it was in the first, undisturbed flow.
 *
 * <p>How often the staging and the instances ran, they tell themselves.
 */
final class PodsBehindRelay implements Disturbed, AutoCloseable {
  private static final Duration LIMIT = Duration.ofSeconds(180);

  /** In an undisturbed flow, what has not changed for so long has come to its end. */
  private static final Duration STILL = Duration.ofSeconds(3);

  private static final long TOKEN_SECONDS = 6 * 3600;
  private static final PatchContext MERGE = PatchContext.of(PatchType.JSON_MERGE);
  private static final String KIND = "ccbridge.dev/container-kind";
  private static final String INDEX = "ccbridge.dev/index";
  private static final String TABLE = "ccbridge.dev/receptor-table";

  /** Tells that it ran; {@code $WHOSE} is in its environment. */
  private static final String MARK =
      """
      exec 3<>/dev/tcp/%1$s/%2$d
      printf 'GET /mark/%%s HTTP/1.0\\r\\n\\r\\n' "$WHOSE" >&3
      cat <&3
      exec 3>&-
      """;

  private final Path data;
  private final int door;
  private final Deque<AutoCloseable> running = new ArrayDeque<>();
  private final CallSites sites = new CallSites();
  private final PodCluster cluster;
  private final ArchiveServer archives;
  private final String host;
  private final Relay relay;
  private Supervised operator;

  /** Secrets that are there without any app. */
  private Set<String> standing;

  /** By step: what was seen at its end in the undisturbed flow. */
  private final Map<String, List<String>> undisturbed = new HashMap<>();

  private int stagings;
  private int instances;

  private PodsBehindRelay(Path data) throws IOException {
    this.data = data;
    this.door = Ports.free().files();
    this.cluster = keep(PodCluster.orSkip());
    this.archives = keep(ArchiveServer.start());
    this.host = cluster.expose(archives.port());
    this.relay =
        keep(Relay.start("kubernetes", cluster::uri, sites, cluster.trust(), answered -> {}));
  }

  /** The operator leads when this returns. Skips the calling test where there is no cluster. */
  static PodsBehindRelay start(Path data) throws IOException {
    var all = new PodsBehindRelay(data);
    try {
      all.startOperator();
      return all;
    } catch (RuntimeException | AssertionError failure) {
      all.close();
      throw failure;
    }
  }

  private void startOperator() throws IOException {
    define();
    serveSample();
    cluster.expose(door);
    relay.writeKubeconfig(data.resolve("kubeconfig"), cluster.namespace(), token());
    operator = keep(Supervised.start(this::newOperator));
    operator.current().awaitLine("operator.started", LIMIT);
    standing = Set.copyOf(awaitStill(this::secretNames));
  }

  private KubernetesClient client() {
    return cluster.client();
  }

  private void define() throws IOException {
    var defined = new ArrayList<CustomResourceDefinition>();
    try (var definitions = Files.list(Path.of("crds"))) {
      for (var definition : definitions.toList()) {
        defined.add(
            Serialization.unmarshal(Files.readString(definition), CustomResourceDefinition.class));
      }
    }
    defined.forEach(definition -> client().resource(definition).serverSideApply());
    defined.forEach(
        definition ->
            client()
                .resource(definition)
                .waitUntilCondition(
                    PodsBehindRelay::isEstablished, LIMIT.toSeconds(), TimeUnit.SECONDS));
  }

  private static boolean isEstablished(CustomResourceDefinition definition) {
    return definition.getStatus() != null
        && definition.getStatus().getConditions().stream()
            .anyMatch(one -> one.getType().equals("Established") && one.getStatus().equals("True"));
  }

  /** A source that is its own start command, and a buildpack that leaves it as it is. */
  private void serveSample() throws IOException {
    var mark = MARK.formatted(host, archives.port());
    archives.serve(
        "source.tgz",
        Map.of(
            "run",
            "#!/bin/bash\ntrap 'exit 0' TERM\n" + mark + "while :; do sleep 1 & wait; done\n"));
    archives.serve(
        "buildpack.tgz",
        Map.of(
            "bin/detect",
            "#!/bin/bash\necho Plain\n",
            "bin/compile",
            "#!/bin/bash\n" + mark,
            "bin/release",
            "#!/bin/bash\nprintf 'default_process_types:\\n  web: ./run\\n'\n"));
  }

  private String token() {
    var account =
        new ServiceAccountBuilder()
            .withNewMetadata()
            .withName("operator")
            .withNamespace(cluster.namespace())
            .endMetadata()
            .build();
    client().resource(account).create();
    var administrator =
        new ClusterRoleBindingBuilder()
            .withNewMetadata()
            .withName(cluster.namespace())
            .endMetadata()
            .withNewRoleRef("rbac.authorization.k8s.io", "ClusterRole", "cluster-admin")
            .addNewSubject("", "ServiceAccount", "operator", cluster.namespace())
            .build();
    client().resource(administrator).create();
    running.push(() -> client().resource(administrator).delete());
    return client()
        .serviceAccounts()
        .inNamespace(cluster.namespace())
        .withName("operator")
        .tokenRequest(
            new TokenRequestBuilder()
                .withNewSpec()
                .withExpirationSeconds(TOKEN_SECONDS)
                .endSpec()
                .build())
        .getStatus()
        .getToken();
  }

  private Program newOperator() {
    var url = "http://%s:" + door;
    return Program.ccBridge(
        Map.of(),
        "operator",
        "--data=" + data.resolve("operator"),
        "--kubeconfig=" + data.resolve("kubeconfig"),
        "--namespaces=" + cluster.namespace(),
        "--cc-namespace=" + cluster.namespace(),
        "--lease-namespace=" + cluster.namespace(),
        "--listen-address=127.0.0.1:" + door,
        "--public-url=" + url.formatted(host),
        "--stager-url=" + url.formatted("127.0.0.1"),
        "--backend=pod",
        "--pod-namespace=" + cluster.namespace(),
        "--pod-runtime-image=" + PodCluster.RUNTIME,
        "--pod-stack-images=cflinuxfs4:" + PodCluster.STACK);
  }

  @Override
  public CallSites sites() {
    return sites;
  }

  @Override
  public void kill() {
    operator.kill();
  }

  @Override
  public void undo(CallSites.Site site) {
    if (site.isNewLease()) {
      client().leases().inNamespace(cluster.namespace()).delete();
    }
  }

  @Override
  public void cutStreams() {
    relay.cutStreams();
  }

  @Override
  public int starts() {
    return operator.starts();
  }

  /** How often stagings and instances ran in all flows. */
  String runs() {
    return stagings + " stagings and " + instances + " instances ran";
  }

  @Override
  public void flow(String point) throws Exception {
    var app = new App("app-" + UUID.randomUUID());
    try {
      live(app, point);
    } finally {
      app.lrp().delete();
      app.request().delete();
      stagings += app.marks("staging");
      instances += app.marks("instance");
    }
  }

  private void live(App app, String point) throws Exception {
    create(
        StagingRequest.class,
        """
        apiVersion: ccbridge.dev/v1alpha1
        kind: StagingRequest
        metadata: {name: %1$s}
        spec:
          memoryMB: 64
          buildpack:
            appBits: {uri: "%2$s/source.tgz"}
            buildpacks: [{name: plain, uri: "%2$s/buildpack.tgz"}]
          environment: [{name: WHOSE, value: %1$s/staging}]
        """
            .formatted(app.name, "http://" + host + ":" + archives.port()));
    awaitEnd("staged", app, point, app::isStaged);

    create(
        DesiredLRP.class,
        """
        apiVersion: ccbridge.dev/v1alpha1
        kind: DesiredLRP
        metadata: {name: %1$s}
        spec:
          source: {stagingRequestRef: {name: %1$s}}
          memoryMB: 32
          environment: [{name: WHOSE, value: %1$s/instance}]
          healthCheck: {type: none}
          routes: [{hostname: %1$s.test}]
        """
            .formatted(app.name));
    awaitEnd("run", app, point, () -> app.isReady("1/1") && app.marks("instance") == 1);

    app.lrp().scale(2);
    awaitEnd("scaled", app, point, () -> app.isReady("2/2") && app.marks("instance") == 2);

    var before = app.lrp().get().getStatus().processGuid();
    app.lrp().patch(MERGE, "{\"spec\":{\"memoryMB\":48}}");
    awaitEnd(
        "updated",
        app,
        point,
        () ->
            app.isReady("2/2")
                && app.marks("instance") == 4
                && !before.equals(app.lrp().get().getStatus().processGuid()));

    app.lrp().delete();
    app.request().delete();
    awaitEnd("deleted", app, point, () -> app.lrp().get() == null && app.request().get() == null);
  }

  private <T extends HasMetadata> void create(Class<T> type, String yaml) {
    client()
        .resource(Serialization.unmarshal(yaml, type))
        .inNamespace(cluster.namespace())
        .create();
  }

  /** What a user sees of one app, and what else there is in the namespace meanwhile. */
  private final class App {
    private final String name;

    App(String name) {
      this.name = name;
    }

    Resource<StagingRequest> request() {
      return client()
          .resources(StagingRequest.class)
          .inNamespace(cluster.namespace())
          .withName(name);
    }

    Resource<DesiredLRP> lrp() {
      return client().resources(DesiredLRP.class).inNamespace(cluster.namespace()).withName(name);
    }

    boolean isStaged() {
      var status = request().get().getStatus();
      return Conditions.isTrue(status.conditions(), Conditions.READY);
    }

    boolean isReady(String instances) {
      var lrp = lrp().get();
      var status = lrp.getStatus();
      return lrp.getMetadata().getGeneration().equals(status.observedGeneration())
          && instances.equals(status.ready())
          && Conditions.isTrue(status.conditions(), Conditions.READY);
    }

    int marks(String what) {
      return archives.marks("/" + name + "/" + what);
    }

    List<String> seen() {
      var seen = new ArrayList<String>();
      var request = request().get();
      if (request != null) {
        var status = request.getStatus();
        seen.add("request " + status.phase() + " " + words(status.conditions()));
        status.steps().forEach(step -> seen.add("  " + step.name() + " " + step.state()));
      }
      var lrp = lrp().get();
      if (lrp != null) {
        var status = lrp.getStatus();
        seen.add("lrp " + status.ready() + " " + words(status.conditions()));
        seen.add("  crashes " + status.crashes());
        status.actual().forEach(one -> seen.add("  " + one.index() + " " + one.state()));
      }
      seen.addAll(objects());
      seen.add("staging ran " + marks("staging"));
      seen.add("instances ran " + marks("instance"));
      return seen;
    }
  }

  private static String words(List<Condition> conditions) {
    return conditions.stream()
        .map(one -> one.getType() + "=" + one.getStatus() + " " + one.getReason())
        .sorted()
        .collect(Collectors.joining(", "));
  }

  /** All that an app may leave behind, but for what people read: events. */
  private List<String> objects() {
    var objects = new ArrayList<String>();
    for (var pod : client().pods().inNamespace(cluster.namespace()).list().getItems()) {
      objects.add(words(pod));
    }
    for (var secret : client().secrets().inNamespace(cluster.namespace()).list().getItems()) {
      if (!standing.contains(secret.getMetadata().getName()) && !isOfDomain(secret)) {
        objects.add(words(secret));
      }
    }
    client()
        .services()
        .inNamespace(cluster.namespace())
        .list()
        .getItems()
        .forEach(any -> objects.add("service"));
    objects.sort(null);
    return objects;
  }

  private static String words(Pod pod) {
    var labels = pod.getMetadata().getLabels();
    return "pod %s %s %s%s"
        .formatted(
            labels.get(KIND),
            labels.getOrDefault(INDEX, ""),
            pod.getStatus().getPhase(),
            pod.getMetadata().getDeletionTimestamp() == null ? "" : " deleted");
  }

  /** A domain is renewed while the operator runs, with or without an app. */
  private static boolean isOfDomain(Secret secret) {
    var labels = secret.getMetadata().getLabels();
    return labels != null && "domains".equals(labels.get(TABLE));
  }

  /** With the instances whose records are in it. */
  private static String words(Secret secret) {
    var labels = secret.getMetadata().getLabels();
    var table = labels == null ? null : labels.get(TABLE);
    var records = table == null ? "" : " " + table + " " + new TreeSet<>(secret.getData().keySet());
    return "secret " + secret.getType() + records;
  }

  private List<String> secretNames() {
    return client().secrets().inNamespace(cluster.namespace()).list().getItems().stream()
        .map(secret -> secret.getMetadata().getName())
        .toList();
  }

  private void awaitEnd(String step, App app, String point, BooleanSupplier isDone)
      throws Exception {
    var expected = undisturbed.get(step);
    if (expected == null) {
      await(step + ", " + point).atMost(LIMIT).ignoreExceptions().until(isDone::getAsBoolean);
      undisturbed.put(step, awaitStill(app::seen));
      System.out.printf("%s:%n  %s%n", step, String.join("\n  ", undisturbed.get(step)));
      return;
    }
    var begin = System.nanoTime();
    try {
      await()
          .atMost(LIMIT)
          .pollInterval(Duration.ofMillis(200))
          .ignoreExceptions()
          .untilAsserted(
              () -> {
                assertThat(app.seen()).isEqualTo(expected);
                assertThat(isDone.getAsBoolean()).as("done").isTrue();
              });
      System.out.printf("  %s after %d s%n", step, (System.nanoTime() - begin) / 1_000_000_000);
    } catch (RuntimeException late) {
      throw new AssertionError(
          "%s, %s:%n%s%n%s".formatted(step, point, late.getMessage(), operator.current().output()),
          late);
    }
  }

  private static List<String> awaitStill(Supplier<List<String>> look) {
    var before = new ArrayList<String>();
    var since = new long[] {System.nanoTime()};
    await("nothing changes")
        .atMost(LIMIT)
        .pollInterval(Duration.ofMillis(200))
        .ignoreExceptions()
        .until(
            () -> {
              var now = look.get();
              if (!now.equals(before)) {
                before.clear();
                before.addAll(now);
                since[0] = System.nanoTime();
              }
              return System.nanoTime() - since[0] > STILL.toNanos();
            });
    return List.copyOf(before);
  }

  private <T extends AutoCloseable> T keep(T part) {
    running.push(part);
    return part;
  }

  @Override
  public void close() {
    while (!running.isEmpty()) {
      try {
        running.pop().close();
      } catch (Exception failure) {
        throw new IllegalStateException(failure);
      }
    }
  }
}
