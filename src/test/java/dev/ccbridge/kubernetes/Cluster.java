package dev.ccbridge.kubernetes;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import java.net.URI;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A throw-away Kubernetes with one real node, from {@code .ci/cluster}; ends with everything in it.
 */
public final class Cluster implements ApiServer, AutoCloseable {
  private static final String PROGRAMS = "CC_BRIDGE_CLUSTER";
  private static final String KWOK = "CC_BRIDGE_KWOK";
  private static final Pattern KUBECONFIG = Pattern.compile("^kubeconfig=(.+)$", Pattern.MULTILINE);

  /** At which address Pods reach what {@link #expose} shows them. */
  public static final String NODE_ADDRESS = "10.250.0.1";

  private static final AtomicInteger STARTED = new AtomicInteger();
  private static @Nullable Cluster shared;

  private final Command script;
  private final String name;
  private final Path kubeconfig;
  private final Set<Object> loaded = new HashSet<>();

  private Cluster(Command script, String name, Path kubeconfig) {
    this.script = script;
    this.name = name;
    this.kubeconfig = kubeconfig;
  }

  /** The one that tests of this JVM share, each in namespaces of its own; skips as {@link #up}. */
  public static synchronized Cluster shared() {
    if (shared == null) {
      shared = up();
    }
    return shared;
  }

  /** A new one; skips the calling test unless {@code CC_BRIDGE_CLUSTER} names the programs. */
  public static Cluster up() {
    return up(Map.of());
  }

  /**
   * Without a real node: KWOK pretends some, and no Pod has a process behind it. Skips as {@link
   * #up}, and unless {@code CC_BRIDGE_KWOK} names what {@code .ci/kwok/build} made.
   */
  public static Cluster simulated(int nodes) {
    var kwok = Command.require(KWOK, Command.setting(KWOK), "directory made by .ci/kwok/build");
    return up(Map.of(KWOK, kwok), "--simulated", "--nodes", Integer.toString(nodes));
  }

  private static Cluster up(Map<String, String> settings, String... how) {
    var programs =
        Command.require(PROGRAMS, Command.setting(PROGRAMS), "directory made by .ci/cluster/build");
    var environment = new HashMap<>(settings);
    environment.put(PROGRAMS, programs);
    environment.put("CLUSTER_CRASHLOOP_MAX", "2s");
    var script =
        new Command(
            List.of(Path.of(".ci/cluster/cluster").toAbsolutePath().toString()),
            Map.copyOf(environment));
    var process = Long.toString(ProcessHandle.current().pid(), Character.MAX_RADIX);
    var name = "test-" + process + "-" + STARTED.incrementAndGet();
    var cluster = new Cluster(script, name, Path.of("/nonexistent"));
    Runtime.getRuntime().addShutdownHook(new Thread(cluster::close));
    var said = KUBECONFIG.matcher(script.and("up", "--name", name).run(how));
    if (!said.find()) {
      throw new AssertionError("cluster up named no kubeconfig");
    }
    return new Cluster(script, name, Path.of(said.group(1)));
  }

  /** Gives the node an image, once. */
  public synchronized void load(Path image) {
    if (loaded.add(image.toAbsolutePath())) {
      script.run("image-load", name, "--", image.toString());
    }
  }

  /**
   * Gives the node the image that a script of {@code .ci/cell-runtime} builds, once: {@code build}
   * or {@code stack}.
   */
  public synchronized void loadCellImage(String builtBy) {
    if (!loaded.add(builtBy)) {
      return;
    }
    var build = Path.of(".ci/cell-runtime", builtBy).toAbsolutePath().toString();
    var tar = Path.of("target", "cell-" + builtBy + ".tar").toAbsolutePath();
    new Command(List.of(build), Map.of("JAVA_HOME", System.getProperty("java.home")))
        .run(tar.toString());
    load(tar);
  }

  /** Makes a port of this machine's loopback reachable from Pods. */
  public void expose(int port) {
    script.run("expose", name, "--", Integer.toString(port));
  }

  /** A cluster administrator's. */
  public Path kubeconfig() {
    return kubeconfig;
  }

  /** A client's configuration as cluster administrator. */
  public Config config() {
    var config = Config.fromKubeconfig(kubeconfig.toFile());
    config.setClientKeyAlgo("EC");
    return config;
  }

  @Override
  public KubernetesClient client() {
    return new KubernetesClientBuilder().withConfig(config()).build();
  }

  @Override
  public URI uri() {
    return URI.create(config().getMasterUrl()).resolve("/");
  }

  @Override
  public Path certificate() {
    return kubeconfig.resolveSibling("pki").resolve("ca.crt");
  }

  @Override
  public Path auditLog() {
    return kubeconfig.resolveSibling("audit.log");
  }

  /** Runs a program where Pods can be reached. */
  public String inNode(String... command) {
    return script.and("enter", name, "--").run(command);
  }

  /** The cluster's own, as administrator. */
  public Command kubectl() {
    return new Command(
        List.of(Path.of(script.environment().get(PROGRAMS)).resolve("kubectl").toString()),
        Map.of("KUBECONFIG", kubeconfig.toString()));
  }

  /** As administrator; skips the calling test without helm. */
  public Command helm() {
    return Command.helm().with("KUBECONFIG", kubeconfig.toString());
  }

  @Override
  public void close() {
    // Once more by the hook when there was an end before it; then there is nothing to take down.
    script.and("down", name).result();
  }
}
