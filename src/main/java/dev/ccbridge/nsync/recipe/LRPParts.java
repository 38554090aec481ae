package dev.ccbridge.nsync.recipe;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.ccbridge.cloudcontroller.model.DesireAppRequestFromCC;
import dev.ccbridge.receptor.model.Action;
import dev.ccbridge.receptor.model.DesiredLRPResponse;
import dev.ccbridge.receptor.model.DesiredLRPUpdateRequest;
import dev.ccbridge.receptor.model.EnvironmentVariable;
import dev.ccbridge.receptor.model.RouteValue;
import java.math.BigInteger;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The parts of a recipe that both lifecycles share, for one app, its user and its ports. Source:
 * nsync/recipebuilder/buildpack_recipe_builder.go and docker_recipe_builder.go @fb3fab5.
 */
record LRPParts(
    DesireAppRequestFromCC app,
    LRPOptions options,
    String user,
    List<Integer> appPorts,
    Optional<Ssh> ssh) {
  static final int DEFAULT_PORT = 8080;
  static final String LIFECYCLE_DIR = "/tmp/lifecycle";
  static final String LOG_SOURCE = "CELL";
  private static final String ROUTER = "cf-router";
  private static final String SSH = "diego-ssh";
  private static final int SSH_PORT = 2222;
  private static final BigInteger DEFAULT_FILE_DESCRIPTORS = BigInteger.valueOf(1024);
  private static final Duration MONITOR_TIMEOUT = Duration.ofSeconds(30);
  private static final int MIN_MEMORY_MB = 256;
  private static final int MAX_MEMORY_MB = 8192;

  /** The keys of an app's ssh server and of those who may log in. */
  record Ssh(SshKeyPair host, SshKeyPair user) {}

  /** With new keys where the app has an ssh server, the host's first. */
  static LRPParts of(
      DesireAppRequestFromCC app,
      LRPOptions options,
      String user,
      List<Integer> appPorts,
      SshKeySource keys) {
    var ssh =
        app.allowSsh() ? Optional.of(new Ssh(keys.next(), keys.next())) : Optional.<Ssh>empty();
    return new LRPParts(app, options, user, appPorts, ssh);
  }

  Action.Download lifecycle(RecipeConfig config, String path, String cacheKey) {
    return Action.download("", config.staticUrl(path), LIFECYCLE_DIR, cacheKey, user);
  }

  Action action() {
    var actions = new ArrayList<Action>();
    actions.add(
        run(
            "launcher",
            List.of("app", app.startCommand(), app.executionMetadata()),
            environment(),
            fileDescriptors(),
            "APP"));
    ssh.ifPresent(
        keys -> actions.add(run("diego-sshd", sshd(keys), environment(), fileDescriptors(), "")));
    return Action.codependent(actions);
  }

  private static List<String> sshd(Ssh keys) {
    return List.of(
        "-address=0.0.0.0:" + SSH_PORT,
        "-hostKey=" + keys.host().privateKeyPem(),
        "-authorizedKey=" + keys.user().authorizedKey(),
        "-inheritDaemonEnv",
        "-logLevel=fatal");
  }

  /**
   * Null: no check.
   *
   * <p>Differs from Diego: an empty object stood there for a few days, which the rest of Diego
   * could not read.
   */
  @Nullable Action monitor() {
    var port = "-port=" + appPorts.getFirst();
    return switch (app.healthCheckType()) {
      case "", "port" -> check(List.of(port));
      case "http" ->
          options.healthEndpoint().isEmpty()
              ? null
              : check(List.of(port, "-uri=" + options.healthEndpoint()));
      default -> null;
    };
  }

  private Action check(List<String> args) {
    return Action.timeout(
        MONITOR_TIMEOUT.toNanos(),
        run("healthcheck", args, List.of(), DEFAULT_FILE_DESCRIPTORS, "HEALTH"));
  }

  private Action run(
      String program,
      List<String> args,
      List<EnvironmentVariable> env,
      BigInteger nofile,
      String logSource) {
    return Action.run(user, LIFECYCLE_DIR + "/" + program, args, env, nofile, logSource);
  }

  private List<EnvironmentVariable> environment() {
    var environment = new ArrayList<>(app.environment());
    environment.add(new EnvironmentVariable("PORT", String.valueOf(appPorts.getFirst())));
    return environment;
  }

  private BigInteger fileDescriptors() {
    return app.fileDescriptors().signum() == 0 ? DEFAULT_FILE_DESCRIPTORS : app.fileDescriptors();
  }

  List<Integer> ports() {
    var ports = new ArrayList<>(appPorts);
    ssh.ifPresent(keys -> ports.add(SSH_PORT));
    return ports;
  }

  Map<String, RouteValue> routes() {
    var routes = new TreeMap<String, RouteValue>();
    routes.put(ROUTER, RouteValue.of(router()));
    ssh.ifPresent(keys -> routes.put(SSH, RouteValue.of(sshRoute(keys))));
    return routes;
  }

  /** Routes of an existing LRP keep everything that is not the router's. */
  DesiredLRPUpdateRequest update(DesiredLRPResponse existing) {
    var routes = new LinkedHashMap<>(existing.routes());
    routes.put(ROUTER, RouteValue.of(router()));
    return new DesiredLRPUpdateRequest(app.numInstances(), routes, app.etag());
  }

  private JsonNode router() {
    var entries = JsonNodeFactory.instance.arrayNode();
    if (options.routes().isEmpty()) {
      entries.add(route(appPorts.getFirst(), app.routes()));
    } else {
      options
          .routes()
          .forEach(
              (port, hostnames) ->
                  entries.add(
                      route(port == LRPOptions.APP_PORT ? appPorts.getFirst() : port, hostnames)));
    }
    return entries;
  }

  private static ObjectNode route(int port, @Nullable List<String> hostnames) {
    var entry = JsonNodeFactory.instance.objectNode();
    if (hostnames == null) {
      entry.putNull("hostnames");
    } else {
      var names = entry.putArray("hostnames");
      hostnames.forEach(names::add);
    }
    return entry.put("port", port);
  }

  private static JsonNode sshRoute(Ssh keys) {
    return JsonNodeFactory.instance
        .objectNode()
        .put("container_port", SSH_PORT)
        .put("host_fingerprint", keys.host().fingerprint())
        .put("private_key", keys.user().privateKeyPem());
  }

  /** 1 to 100, in proportion to the memory between 256 MB and 8 GB. */
  int cpuWeight() {
    var memory = app.memoryMb();
    if (memory < MIN_MEMORY_MB) {
      return 1;
    }
    if (memory > MAX_MEMORY_MB) {
      return 100;
    }
    return 99 * (memory - MIN_MEMORY_MB) / (MAX_MEMORY_MB - MIN_MEMORY_MB) + 1;
  }
}
