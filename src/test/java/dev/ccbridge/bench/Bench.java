package dev.ccbridge.bench;

import dev.ccbridge.api.StagingRequest;
import dev.ccbridge.api.StagingRequestStatus.Phase;
import dev.ccbridge.kubernetes.Command;
import dev.ccbridge.kubernetes.RealApiServer;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinition;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * Measures what docs/performance.md tells of, on one real API server, with the program as a user
 * starts it. Prints one section after the other and asserts nothing. Start: {@code mvn -Pbench
 * verify}.
 */
public final class Bench {
  private static final int COUNT = Integer.getInteger("bench.count", 200);
  private static final int WARM_UP_ROUNDS = 3;
  private static final int RUNS = Integer.getInteger("bench.runs", 5);
  private static final int APPS = Integer.getInteger("bench.apps", 10_000);
  private static final int STAGINGS = Integer.getInteger("bench.stagings", 20);
  private static final List<String> PARTS =
      List.of(
          "accepting",
          "calls",
          "stager",
          "start",
          "quickstart",
          "bulk",
          "idle",
          "pods",
          "receptor",
          "events",
          "containers");

  /** What needs no Kubernetes API. */
  private static final List<String> RECEPTOR_PARTS = List.of("receptor", "events", "containers");

  private static final int IDLE_RESOURCES = Integer.getInteger("bench.idle", 10_000);
  private static final int IDLE_MINUTES = Integer.getInteger("bench.idleMinutes", 10);
  private static final int INSTANCES = Integer.getInteger("bench.instances", 1_000);
  private static final String PODS = "pods";
  private static final String STARTED = "operator.started";
  private static final String SAMPLE = "/v1/static/samples/hello-static.tgz";

  private final RealApiServer server;
  private final KubernetesClient client;
  private final Path data;

  private Bench(RealApiServer server, KubernetesClient client, Path data) {
    this.server = server;
    this.client = client;
    this.data = data;
  }

  /** Runs all parts in a few minutes, or those that the property {@code bench.parts} names. */
  public static void main(String[] arguments) throws Exception {
    var data = Files.createTempDirectory("cc-bridge-bench");
    try {
      print("machine: %d cores, load %s", Runtime.getRuntime().availableProcessors(), load());
      withApiServer(
          data,
          parts().stream().filter(p -> !RECEPTOR_PARTS.contains(p) && !p.equals(PODS)).toList());
      if (parts().contains(PODS)) {
        pods(data);
      }
      withReceptor(data, parts().stream().filter(RECEPTOR_PARTS::contains).toList());
      print("load at the end %s", load());
    } finally {
      try (var files = Files.walk(data)) {
        files.sorted(Comparator.reverseOrder()).forEach(file -> file.toFile().delete());
      }
    }
  }

  private static void withReceptor(Path data, List<String> parts) throws Exception {
    var receptor = new ReceptorParts(data);
    for (var part : parts) {
      switch (part) {
        case "receptor" -> receptor.receptor();
        case "events" -> receptor.events();
        case "containers" -> receptor.containers();
        default -> throw new IllegalArgumentException(part + " is none of " + RECEPTOR_PARTS);
      }
    }
  }

  private static void pods(Path data) throws Exception {
    print("%n== %d instances on pretended nodes ==", INSTANCES);
    if (Command.setting("CC_BRIDGE_CLUSTER").isEmpty()
        || Command.setting("CC_BRIDGE_KWOK").isEmpty()) {
      print(
          "not measured: needs CC_BRIDGE_CLUSTER and CC_BRIDGE_KWOK, as .ci/cluster/build and"
              + " .ci/kwok/build print them");
      return;
    }
    try (var part = new PodsPart(INSTANCES, data)) {
      part.run();
    }
  }

  private static void withApiServer(Path data, List<String> parts) throws Exception {
    if (parts.isEmpty()) {
      return;
    }
    if (RealApiServer.assets().isEmpty()) {
      System.out.println(
          "bench: nothing measured: KUBEBUILDER_ASSETS names no directory with etcd and"
              + " kube-apiserver; .ci/kubernetes/build makes one and prints it");
      return;
    }
    var server = RealApiServer.shared();
    try (var client = server.client()) {
      new Bench(server, client, data).run(parts);
    }
  }

  private static List<String> parts() {
    var named = System.getProperty("bench.parts", "");
    return named.isEmpty() ? PARTS : List.of(named.split(","));
  }

  private void run(List<String> parts) throws Exception {
    for (var crd : List.of("stagingrequests", "desiredlrps")) {
      apply(Path.of("crds/" + crd + ".ccbridge.dev-v1.yml"));
    }
    for (var part : parts) {
      switch (part) {
        case "accepting" -> accepting();
        case "calls" -> callsPerStagingRequest();
        case "stager" -> stagerDoor();
        case "start" -> startUp();
        case "quickstart" -> quickstart();
        case "bulk" -> bulk();
        case "idle" -> idle();
        default -> throw new IllegalArgumentException(part + " is none of " + PARTS);
      }
    }
  }

  private void accepting() throws Exception {
    print("%n== accepting: %d StagingRequests, 16 creates in flight ==", COUNT);
    try (var source = new SlowSource()) {
      for (var round = 0; round < WARM_UP_ROUNDS; round++) {
        raw("warm-up-" + round + "-", source);
      }
      var before = raw("raw-", source);
      print("raw creates, no operator      %s", before);
      var accepted = accepted(source);
      var after = raw("raw-again-", source);
      print("raw creates again             %s", after);
      print(
          "accepted/s to raw creates/s   %.2f",
          accepted.perSecond() / ((before.perSecond() + after.perSecond()) / 2));
    }
  }

  private Load.Result raw(String prefix, SlowSource source) throws Exception {
    try (var load = new Load(client, prefix, COUNT, source.uri())) {
      var cpu = ApiCalls.serverCpuSeconds(server);
      var created = load.create();
      print(
          "%-28s  %7.1f ms",
          prefix + "* API server CPU", (ApiCalls.serverCpuSeconds(server) - cpu) * 1000 / COUNT);
      var deleted = load.delete();
      print("%-28s  %7.1f /s", prefix + "* deleted", deleted);
      return created;
    }
  }

  private Load.Result accepted(SlowSource source) throws Exception {
    try (var operator = operator("accepting")) {
      operator.secondsToLine();
      try (var warmUp = new Load(client, "first-", COUNT, source.uri())) {
        warmUp.create();
        warmUp.awaitRunning();
        warmUp.delete();
      }
      try (var load = new Load(client, "accepted-", COUNT, source.uri())) {
        var cpu = operator.cpuSeconds();
        var serverCpu = ApiCalls.serverCpuSeconds(server);
        var calls = ApiCalls.count(server);
        var created = load.create();
        var accepted = load.awaitAccepted();
        print("creates while it works        %s", created);
        print("accepted                      %s", accepted);
        print("task runs, says the status    %s", load.awaitRunning());
        print(
            "operator CPU per request      %7.1f ms", (operator.cpuSeconds() - cpu) * 1000 / COUNT);
        print(
            "API server CPU per request    %7.1f ms",
            (ApiCalls.serverCpuSeconds(server) - serverCpu) * 1000 / COUNT);
        print(
            "operator resident             %7.0f MiB with %d tasks running, peak %.0f MiB",
            operator.residentMiB("VmRSS"), COUNT, operator.residentMiB("VmHWM"));
        print("API calls per request until its task runs, without the create itself:");
        printCalls(calls, COUNT, List.of("POST stagingrequests 201"));
        print("deleted with their tasks      %7.1f /s", load.delete());
        return accepted;
      }
    }
  }

  private void stagerDoor() throws Exception {
    print("%n== stager: PUT /v1/staging, %d at once ==", COUNT);
    var port = freePort();
    try (var source = new SlowSource()) {
      try (var operator =
          operator(
              "stager",
              "--stager-address=127.0.0.1:" + port,
              "--cc-base-url=http://127.0.0.1:1",
              "--bulk-sync=false",
              "--crash-watcher=false")) {
        operator.secondsToLine();
        var door = new StagerDoor(URI.create("http://127.0.0.1:" + port), source.uri());
        for (var round = 0; round < WARM_UP_ROUNDS; round++) {
          var result = door.put(COUNT);
          print(
              "round %d                       %7.1f /s   p50 %7.1f ms   p99 %7.1f ms   answers %s",
              round + 1,
              result.perSecond(),
              result.millis().percentile(50),
              result.millis().percentile(99),
              result.statuses());
          deleteAll();
        }
      }
    }
  }

  private static int freePort() throws IOException {
    try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  private void deleteAll() throws Exception {
    client.resources(StagingRequest.class).inNamespace("default").delete();
    while (!client
        .resources(StagingRequest.class)
        .inNamespace("default")
        .list()
        .getItems()
        .isEmpty()) {
      TimeUnit.MILLISECONDS.sleep(200);
    }
  }

  private void callsPerStagingRequest() throws Exception {
    print("%n== API calls per StagingRequest, from its creation to Succeeded and its task gone ==");
    try (var operator = operator("calls")) {
      operator.secondsToLine();
      // What happens once per process is not to be counted.
      stage("calls-first");
      settle();
      var before = ApiCalls.count(server);
      var seconds = new double[STAGINGS];
      for (var i = 0; i < STAGINGS; i++) {
        var begin = System.nanoTime();
        stage("calls-" + i);
        seconds[i] = (System.nanoTime() - begin) / 1e9;
      }
      settle();
      // Our own: the create, and the list that waiting begins with.
      printCalls(before, STAGINGS, List.of("POST stagingrequests 201", "GET stagingrequests 200"));
      print("create to Succeeded           %s", new Samples(seconds).spread("s"));
      client.resources(StagingRequest.class).inNamespace("default").delete();
      client
          .resources(StagingRequest.class)
          .inNamespace("default")
          .informOnCondition(List::isEmpty)
          .get(60, TimeUnit.SECONDS);
    }
  }

  /**
   * @param ours of the calls, one per request is the measuring client's own
   */
  private void printCalls(Map<String, Long> before, int requests, List<String> ours)
      throws Exception {
    var calls = ApiCalls.between(before, ApiCalls.count(server));
    ours.forEach(
        own ->
            calls.computeIfPresent(
                own, (call, count) -> count == requests ? null : count - requests));
    var writes = 0L;
    for (var call : calls.entrySet()) {
      print("  %-40s %6.2f", call.getKey(), (double) call.getValue() / requests);
      writes += ApiCalls.isWrite(call.getKey()) ? call.getValue() : 0;
    }
    print("  %-40s %6.2f", "writes in all", (double) writes / requests);
  }

  private void stage(String name) {
    var request = StagingRequests.of(name, SAMPLE);
    client.resource(request).create();
    var staged =
        client
            .resources(StagingRequest.class)
            .inNamespace("default")
            .withName(name)
            .waitUntilCondition(
                r ->
                    r != null
                        && r.getStatus() != null
                        && r.getStatus().phase() != null
                        && r.getStatus().phase().isFinal(),
                120,
                TimeUnit.SECONDS);
    if (staged.getStatus().phase() != Phase.SUCCEEDED) {
      throw new IllegalStateException(name + " failed: " + staged.getStatus().failure());
    }
  }

  private void startUp() throws Exception {
    print("%n== the operator's start, with %d runs ==", RUNS);
    var seconds = new double[RUNS];
    var resident = new double[RUNS];
    for (var i = 0; i < RUNS; i++) {
      try (var operator = operator("start-" + i)) {
        seconds[i] = operator.secondsToLine();
        settle();
        resident[i] = operator.residentMiB("VmRSS");
      }
    }
    print("start to ready                %s", new Samples(seconds).spread("s"));
    print("resident, idle                %s", new Samples(resident).spread("MiB"));
  }

  private void quickstart() throws Exception {
    print("%n== ./cc-bridge quickstart --once ==");
    var seconds = new double[RUNS];
    for (var i = 0; i < RUNS; i++) {
      try (var child =
          Child.start(
              "quickstart: ok",
              "quickstart",
              "--once",
              "--data",
              data.resolve("quickstart-" + i).toString())) {
        seconds[i] = child.secondsToEnd();
      }
    }
    print("start to end                  %s", new Samples(seconds).spread("s"));
  }

  private void bulk() throws Exception {
    print("%n== the bulker with %d apps ==", APPS);
    try (var part = new BulkPart(APPS)) {
      part.run(server.kubeconfig());
    }
  }

  private void idle() throws Exception {
    print("%n== nothing to do, with many resources ==");
    try (var operator = operator("idle")) {
      operator.secondsToLine();
      settle();
      print("resident with     0 resources  %7.0f MiB", operator.residentMiB("VmRSS"));
      var lrps = new IdleLRPs(client);
      for (var count = IDLE_RESOURCES / 10; count <= IDLE_RESOURCES; count *= 10) {
        print("%d resources ready after %.1f s", count, lrps.grow(count, operator));
        settle();
        print("resident with %5d resources  %7.0f MiB", count, operator.residentMiB("VmRSS"));
      }
      // What is written late, events for example, is written by then.
      TimeUnit.SECONDS.sleep(30);
      var before = ApiCalls.count(server);
      var cpu = operator.cpuSeconds();
      TimeUnit.MINUTES.sleep(IDLE_MINUTES);
      print(
          "calls in %d minutes            %s (leases and watches not counted)",
          IDLE_MINUTES, ApiCalls.between(before, ApiCalls.count(server)));
      print(
          "operator CPU meanwhile        %7.2f %%",
          (operator.cpuSeconds() - cpu) / (IDLE_MINUTES * 60) * 100);
      lrps.delete();
    }
  }

  private Child operator(String name, String... more) throws Exception {
    var arguments = new ArrayList<>(List.of("operator"));
    arguments.addAll(List.of("--kubeconfig", server.kubeconfig().toString()));
    arguments.addAll(List.of("--data", data.resolve(name).toString()));
    arguments.addAll(List.of(more));
    return Child.start(STARTED, arguments.toArray(String[]::new));
  }

  private void apply(Path crd) throws Exception {
    try (var in = Files.newInputStream(crd)) {
      var definition =
          client.apiextensions().v1().customResourceDefinitions().load(in).serverSideApply();
      client.resource(definition).waitUntilCondition(Bench::isEstablished, 30, TimeUnit.SECONDS);
    }
  }

  private static boolean isEstablished(CustomResourceDefinition crd) {
    return crd != null
        && crd.getStatus() != null
        && crd.getStatus().getConditions() != null
        && crd.getStatus().getConditions().stream()
            .anyMatch(c -> c.getType().equals("Established") && c.getStatus().equals("True"));
  }

  /** What is done after an answer, events for example, is done by then. */
  private static void settle() throws InterruptedException {
    TimeUnit.SECONDS.sleep(3);
  }

  private static String load() throws Exception {
    return Files.readString(Path.of("/proc/loadavg")).split(" ")[0];
  }

  private static void print(String format, Object... values) {
    System.out.printf(Locale.ROOT, format + "%n", values);
  }
}
