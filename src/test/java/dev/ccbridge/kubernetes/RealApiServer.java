package dev.ccbridge.kubernetes;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPairGenerator;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A real etcd and kube-apiserver on free loopback ports, one pair per test JVM, stopped when the
 * JVM ends in whatever way. There are no controllers: nothing collects owned objects, and a deleted
 * namespace stays in Terminating.
 *
 * <p>The programs come from the directory that the system property or environment variable {@code
 * KUBEBUILDER_ASSETS} names; without it the calling test is skipped, with the reason in the log.
 */
public final class RealApiServer implements ApiServer, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(RealApiServer.class);
  private static final String ASSETS = "KUBEBUILDER_ASSETS";
  private static final Duration START_LIMIT = Duration.ofSeconds(90);

  /** Runs a program until its standard input ends, so that it cannot outlive the JVM. */
  private static final String LEASH =
      "\"$@\" </dev/null & pid=$!; read -r never; kill \"$pid\"; wait \"$pid\"";

  private static RealApiServer shared;

  private final Path assets;
  private final Path dir;
  private final List<Process> processes = new ArrayList<>();
  private final String token = UUID.randomUUID().toString();
  private URI uri;

  private RealApiServer(Path assets, Path dir) {
    this.assets = assets;
    this.dir = dir;
  }

  /** The one of this JVM, started at the first call; skips the calling test without programs. */
  public static synchronized RealApiServer shared() {
    if (shared == null) {
      shared = unused();
    }
    return shared;
  }

  /**
   * A new one, for an operator that works in every namespace: in the shared one it would find what
   * other tests have left. Skips the calling test without programs.
   */
  public static RealApiServer unused() {
    var assets = assets();
    assumeTrue(assets.isPresent(), () -> skipReason());
    return start(assets.get());
  }

  /** Where etcd, kube-apiserver and kubectl are, if they are. */
  public static Optional<Path> assets() {
    var named = System.getProperty(ASSETS, System.getenv().getOrDefault(ASSETS, ""));
    var dir = Path.of(named.isEmpty() ? "/nonexistent" : named);
    var complete =
        List.of("etcd", "kube-apiserver").stream()
            .allMatch(program -> Files.isExecutable(dir.resolve(program)));
    return complete ? Optional.of(dir) : Optional.empty();
  }

  private static String skipReason() {
    var reason = ASSETS + " names no directory with etcd and kube-apiserver: test skipped";
    LOG.warn(reason);
    return reason;
  }

  @Override
  public URI uri() {
    return uri;
  }

  /** A bearer token of a member of system:masters; impersonation gives any other user. */
  public String token() {
    return token;
  }

  /** For kubectl and any other client; a cluster administrator. */
  public Path kubeconfig() {
    return dir.resolve("kubeconfig");
  }

  @Override
  public Path auditLog() {
    return dir.resolve("audit.log");
  }

  @Override
  public Path certificate() {
    return dir.resolve("pki/apiserver.crt");
  }

  /** A client's configuration as cluster administrator; independent of this machine's settings. */
  public Config config() {
    return new ConfigBuilder(Config.empty())
        .withMasterUrl(uri.toString())
        .withCaCertFile(certificate().toString())
        .withOauthToken(token)
        .withNamespace("default")
        .build();
  }

  @Override
  public KubernetesClient client() {
    return new KubernetesClientBuilder().withConfig(config()).build();
  }

  private static RealApiServer start(Path assets) {
    try {
      var server = new RealApiServer(assets, Files.createTempDirectory("cc-bridge-api"));
      Runtime.getRuntime().addShutdownHook(new Thread(server::close));
      server.start();
      return server;
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }

  private void start() throws IOException {
    var begin = Instant.now();
    var etcdPort = freePort();
    var peerPort = freePort();
    uri = URI.create("https://127.0.0.1:" + freePort());
    writeKeys();
    run("etcd", etcdArguments(etcdPort, peerPort));
    run("kube-apiserver", apiServerArguments(etcdPort));
    awaitReady(begin.plus(START_LIMIT));
    writeKubeconfig();
    LOG.info(
        "real API server ready uri={} millis={}",
        uri,
        Duration.between(begin, Instant.now()).toMillis());
  }

  private void writeKeys() throws IOException {
    Files.createDirectory(dir.resolve("pki"));
    Files.writeString(dir.resolve("tokens.csv"), token + ",admin,admin,system:masters\n");
    Files.writeString(
        dir.resolve("audit.yaml"),
        """
        apiVersion: audit.k8s.io/v1
        kind: Policy
        omitStages: [RequestReceived]
        rules: [{level: Metadata, userGroups: ["system:serviceaccounts"]}, {level: None}]
        """);
    try {
      var generator = KeyPairGenerator.getInstance("RSA");
      generator.initialize(2048);
      var key = generator.generateKeyPair().getPrivate().getEncoded();
      Files.writeString(
          dir.resolve("pki/sa.key"),
          "-----BEGIN PRIVATE KEY-----\n"
              + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(key)
              + "\n-----END PRIVATE KEY-----\n");
    } catch (java.security.NoSuchAlgorithmException impossible) {
      throw new IllegalStateException(impossible);
    }
  }

  private List<String> etcdArguments(int port, int peerPort) {
    var client = "http://127.0.0.1:" + port;
    var peer = "http://127.0.0.1:" + peerPort;
    return List.of(
        "--data-dir=" + dir.resolve("etcd"),
        "--unsafe-no-fsync",
        "--log-level=warn",
        "--listen-client-urls=" + client,
        "--advertise-client-urls=" + client,
        "--listen-peer-urls=" + peer,
        "--initial-advertise-peer-urls=" + peer,
        "--initial-cluster=default=" + peer);
  }

  private List<String> apiServerArguments(int etcdPort) {
    return List.of(
        "--etcd-servers=http://127.0.0.1:" + etcdPort,
        "--secure-port=" + uri.getPort(),
        "--bind-address=127.0.0.1",
        "--advertise-address=127.0.0.1",
        "--endpoint-reconciler-type=none",
        // It makes its own certificate there.
        "--cert-dir=" + dir.resolve("pki"),
        "--token-auth-file=" + dir.resolve("tokens.csv"),
        "--service-account-key-file=" + dir.resolve("pki/sa.key"),
        "--service-account-signing-key-file=" + dir.resolve("pki/sa.key"),
        "--service-account-issuer=https://kubernetes.default.svc.cluster.local",
        "--service-cluster-ip-range=10.96.0.0/16",
        "--authorization-mode=Node,RBAC",
        "--audit-policy-file=" + dir.resolve("audit.yaml"),
        "--audit-log-path=" + auditLog(),
        // Who makes an object that keeps its owner needs a right to the owner's finalizers.
        "--enable-admission-plugins=OwnerReferencesPermissionEnforcement",
        // Nothing makes ServiceAccounts here, so nothing may insist on them.
        "--disable-admission-plugins=ServiceAccount",
        "--allow-privileged",
        "--profiling=false");
  }

  private void run(String program, List<String> arguments) throws IOException {
    var command = new ArrayList<>(List.of("sh", "-c", LEASH, "sh"));
    command.add(assets.resolve(program).toString());
    command.addAll(arguments);
    processes.add(
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(dir.resolve(program + ".log").toFile())
            .start());
  }

  private void awaitReady(Instant deadline) throws IOException {
    var certificate = certificate();
    while (Instant.now().isBefore(deadline)) {
      if (Files.exists(certificate)
          && answers("/readyz")
          && answers("/api/v1/namespaces/default")) {
        return;
      }
      pause();
    }
    var log = Files.readAllLines(dir.resolve("kube-apiserver.log"));
    throw new IllegalStateException(
        "kube-apiserver was not ready within "
            + START_LIMIT
            + ", its log ends with: "
            + String.join("\n", log.subList(Math.max(0, log.size() - 20), log.size())));
  }

  private boolean answers(String path) {
    try (var client = HttpClient.newBuilder().sslContext(trust()).build()) {
      var request =
          HttpRequest.newBuilder(uri.resolve(path))
              .header("Authorization", "Bearer " + token)
              .timeout(Duration.ofSeconds(2))
              .build();
      return client.send(request, BodyHandlers.discarding()).statusCode() == 200;
    } catch (IOException notYet) {
      return false;
    } catch (InterruptedException stopped) {
      throw interrupted(stopped);
    }
  }

  /** Trusts this server and no other. */
  public javax.net.ssl.SSLContext trust() {
    try {
      return Trust.in(Files.readString(certificate()));
    } catch (IOException unreadable) {
      throw new IllegalStateException("cannot read " + certificate(), unreadable);
    }
  }

  private void writeKubeconfig() throws IOException {
    Files.writeString(
        kubeconfig(),
        """
        apiVersion: v1
        kind: Config
        clusters: [{name: c, cluster: {server: "%s", certificate-authority: "%s"}}]
        users: [{name: u, user: {token: "%s"}}]
        contexts: [{name: x, context: {cluster: c, user: u, namespace: default}}]
        current-context: x
        """
            .formatted(uri, certificate(), token));
  }

  @Override
  public void close() {
    for (var process : processes.reversed()) {
      try {
        process.getOutputStream().close();
        if (!process.waitFor(5, TimeUnit.SECONDS)) {
          process.descendants().forEach(ProcessHandle::destroyForcibly);
          process.destroyForcibly();
        }
      } catch (IOException gone) {
        process.destroyForcibly();
      } catch (InterruptedException stopped) {
        throw interrupted(stopped);
      }
    }
    try (var files = Files.walk(dir)) {
      files.sorted(Comparator.reverseOrder()).forEach(file -> file.toFile().delete());
    } catch (IOException alreadyGone) {
      LOG.debug("directory not removed dir={}", dir, alreadyGone);
    }
  }

  private static int freePort() throws IOException {
    try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  private static void pause() {
    try {
      TimeUnit.MILLISECONDS.sleep(100);
    } catch (InterruptedException stopped) {
      throw interrupted(stopped);
    }
  }

  private static IllegalStateException interrupted(InterruptedException cause) {
    Thread.currentThread().interrupt();
    return new IllegalStateException(cause);
  }
}
