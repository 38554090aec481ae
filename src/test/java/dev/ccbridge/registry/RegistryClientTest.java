package dev.ccbridge.registry;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.ccbridge.ErrorKind;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a registry answers that asks for credentials, sends us elsewhere, or lies. */
@Timeout(60)
class RegistryClientTest {
  private static final byte[] LAYER = "layer".getBytes(UTF_8);
  private static final byte[] CONFIG =
      "{\"config\":{\"Cmd\":[\"serve\"],\"Env\":[\"A=b\"]}}".getBytes(UTF_8);

  @TempDir Path work;
  private final List<String> seen = Collections.synchronizedList(new ArrayList<>());
  private final CountDownLatch released = new CountDownLatch(1);
  private HttpServer registry;
  private HttpServer elsewhere;

  @BeforeEach
  void start() throws IOException {
    registry = server();
    elsewhere = server();
  }

  private static HttpServer server() throws IOException {
    var server = HttpServer.create(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0), 0);
    server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    server.start();
    return server;
  }

  @AfterEach
  void stop() {
    released.countDown();
    registry.stop(0);
    elsewhere.stop(0);
  }

  private static String host(HttpServer server) {
    return "127.0.0.1:" + server.getAddress().getPort();
  }

  private ImageReference image(String rest) {
    return ImageReference.parse(host(registry) + "/" + rest);
  }

  private RegistryClient client() {
    return new RegistryClient(
        RegistryConfig.defaults()
            .withCredentials(host(registry), new Credentials("me", "secret"))
            .withTimeouts(Duration.ofSeconds(20), Duration.ofSeconds(20)));
  }

  private void note(HttpExchange exchange) {
    seen.add(
        exchange.getRequestURI()
            + " "
            + exchange.getRequestHeaders().getOrDefault("Authorization", List.of("nobody")));
  }

  private static void answer(HttpExchange exchange, int status, String type, byte[] body)
      throws IOException {
    exchange.getResponseHeaders().set("Content-Type", type);
    exchange.sendResponseHeaders(status, body.length == 0 ? -1 : body.length);
    exchange.getResponseBody().write(body);
    exchange.close();
  }

  private static void answer(HttpExchange exchange, int status, String body) throws IOException {
    answer(exchange, status, "application/json", body.getBytes(UTF_8));
  }

  private static String manifest() {
    return "{\"schemaVersion\":2,\"mediaType\":\"%s\",\"config\":%s,\"layers\":[%s]}"
        .formatted(Manifest.DOCKER, descriptor(CONFIG), descriptor(LAYER));
  }

  private static String descriptor(byte[] content) {
    return "{\"mediaType\":\"x\",\"digest\":\"%s\",\"size\":%d}"
        .formatted(Digest.of(content), content.length);
  }

  @Test
  void aTokenIsFetchedWhereTheRegistrySaysAndGoesToTheRegistryOnly() throws IOException {
    elsewhere.createContext(
        "/token",
        exchange -> {
          note(exchange);
          answer(exchange, 200, "{\"token\":\"t0ken\"}");
        });
    elsewhere.createContext(
        "/stored",
        exchange -> {
          note(exchange);
          answer(exchange, 200, "application/octet-stream", LAYER);
        });
    registry.createContext(
        "/v2/",
        exchange -> {
          note(exchange);
          var known = exchange.getRequestHeaders().getFirst("Authorization");
          if (!"Bearer t0ken".equals(known)) {
            exchange
                .getResponseHeaders()
                .set(
                    "WWW-Authenticate",
                    "Bearer realm=\"http://%s/token?a=b\",service=\"reg\",scope=\"repository:me/img:pull\""
                        .formatted(host(elsewhere)));
            answer(exchange, 401, "{}");
          } else if (exchange.getRequestURI().getPath().contains("/blobs/")) {
            exchange.getResponseHeaders().set("Location", "http://" + host(elsewhere) + "/stored");
            answer(exchange, 307, "");
          } else {
            answer(exchange, 200, Manifest.DOCKER, manifest().getBytes(UTF_8));
          }
        });

    try (var client = client()) {
      var image = image("me/img:1");
      var manifest = client.manifest(image);
      client.download(image, manifest.layers().getFirst(), work.resolve("layer"));
    }

    assertThat(work.resolve("layer")).hasBinaryContent(LAYER);
    assertThat(seen)
        .containsExactly(
            "/v2/ [nobody]",
            "/v2/me/img/manifests/1 [nobody]",
            "/token?a=b&service=reg&scope=repository%3Ame%2Fimg%3Apull ["
                + new Credentials("me", "secret").basic()
                + "]",
            "/v2/me/img/manifests/1 [Bearer t0ken]",
            "/v2/me/img/blobs/" + Digest.of(LAYER) + " [Bearer t0ken]",
            "/stored [nobody]");
  }

  @Test
  void aPasswordIsShownWhenAskedForAndNoneIsAskedOnlyOnce() {
    registry.createContext(
        "/v2/",
        exchange -> {
          note(exchange);
          exchange.getResponseHeaders().set("WWW-Authenticate", "Basic realm=\"x\"");
          var ours = new Credentials("me", "secret").basic();
          var known = ours.equals(exchange.getRequestHeaders().getFirst("Authorization"));
          answer(exchange, known ? 200 : 401, manifest());
        });

    try (var client = client()) {
      assertThat(client.manifest(image("img")).layers()).hasSize(1);
    }
    try (var stranger = new RegistryClient(RegistryConfig.defaults())) {
      assertThatExceptionOfType(RegistryException.class)
          .isThrownBy(() -> stranger.manifest(image("img")))
          .withMessage("registry " + host(registry) + " refuses img without credentials");
    }
  }

  @Test
  void ofAnIndexTheManifestOfThisMachineIsTaken() {
    var child = manifest().getBytes(UTF_8);
    var here = Platform.ofThisMachine();
    var index =
        """
        {"mediaType":"%s","manifests":[
          {"digest":"%s","size":1,"platform":{"os":"windows","architecture":"%s"}},
          {"digest":"%s","size":%d,"platform":{"os":"linux","architecture":"%s"}}]}
        """
            .formatted(
                Manifest.OCI_INDEX,
                Digest.of(LAYER),
                here.architecture(),
                Digest.of(child),
                child.length,
                here.architecture());
    registry.createContext(
        "/v2/img/manifests/latest",
        exchange -> answer(exchange, 200, Manifest.OCI_INDEX, index.getBytes(UTF_8)));
    registry.createContext(
        "/v2/img/manifests/" + Digest.of(child), exchange -> answer(exchange, 200, manifest()));
    registry.createContext(
        "/v2/img/blobs/" + Digest.of(CONFIG),
        exchange -> answer(exchange, 200, new String(CONFIG, UTF_8)));

    try (var client = client()) {
      var manifest = client.manifest(image("img"));

      assertThat(manifest.digest()).isEqualTo(Digest.of(child));
      var config = client.imageConfig(image("img"), manifest);
      assertThat(config.command()).containsExactly("serve");
      assertThat(config.environment()).containsExactly("A=b");
    }
  }

  @Test
  void contentThatIsNotWhatItsDigestNamesIsRefusedAndLeavesNoFile() {
    registry.createContext("/v2/", exchange -> answer(exchange, 200, "lyaer"));
    var layer = new Descriptor("x", Digest.of(LAYER), LAYER.length);

    try (var client = client()) {
      assertThatExceptionOfType(RegistryException.class)
          .isThrownBy(() -> client.download(image("img"), layer, work.resolve("layer")))
          .withMessageContaining("not what its digest names");
      assertThatExceptionOfType(RegistryException.class)
          .isThrownBy(() -> client.manifest(image("img@" + Digest.of(CONFIG))))
          .withMessageContaining("not what its digest names");
    }
    assertThat(work.resolve("layer")).doesNotExist();
  }

  @Test
  void moreBytesThanAnnouncedAreNotTaken() {
    registry.createContext("/v2/", exchange -> answer(exchange, 200, "layer and more"));
    var layer = new Descriptor("x", Digest.of(LAYER), LAYER.length);
    var huge = new Descriptor("x", Digest.of(LAYER), 1L << 60);

    try (var client = client()) {
      assertThatExceptionOfType(RegistryException.class)
          .isThrownBy(() -> client.download(image("img"), layer, work.resolve("layer")))
          .withMessageContaining("more than 5 bytes");
      assertThatExceptionOfType(RegistryException.class)
          .isThrownBy(() -> client.download(image("img"), huge, work.resolve("layer")))
          .withMessageContaining("want at most");
    }
  }

  @Test
  void aLayerThatNeverEndsIsGivenUp() {
    registry.createContext(
        "/v2/img/",
        exchange -> {
          exchange.sendResponseHeaders(200, LAYER.length);
          exchange.getResponseBody().write(LAYER, 0, 1);
          exchange.getResponseBody().flush();
          await();
        });
    var layer = new Descriptor("x", Digest.of(LAYER), LAYER.length);
    var config =
        RegistryConfig.defaults().withTimeouts(Duration.ofSeconds(20), Duration.ofSeconds(1));

    try (var client = new RegistryClient(config)) {
      assertThatExceptionOfType(RegistryException.class)
          .isThrownBy(() -> client.download(image("img"), layer, work.resolve("layer")))
          .withMessageContaining("not complete after 1 s");
    }
  }

  private void await() {
    try {
      released.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Test
  void whatIsNotThereIsNotFoundAndTheRegistrysCodeIsTold() {
    registry.createContext(
        "/v2/",
        exchange ->
            answer(
                exchange,
                404,
                "{\"errors\":[{\"code\":\"MANIFEST_UNKNOWN\",\"message\":\"<script>\"}]}"));

    try (var client = client()) {
      assertThatExceptionOfType(RegistryException.class)
          .isThrownBy(() -> client.manifest(image("me/img:2")))
          .withMessage(
              "manifest 2 of me/img at %s: HTTP status 404 (MANIFEST_UNKNOWN)"
                  .formatted(host(registry)))
          .matches(e -> e.kind() == ErrorKind.NOT_FOUND);
    }
  }

  @Test
  void theOfficialIndexCanBeAnotherRegistry() {
    registry.createContext("/v2/library/img/", exchange -> answer(exchange, 200, manifest()));

    try (var client = new RegistryClient(RegistryConfig.defaults().withOfficial(host(registry)))) {
      assertThat(client.manifest(ImageReference.parse("img")).layers()).hasSize(1);
    }
  }

  /** Plain HTTP that answers TLS with nothing at all, as some registries do. */
  @Test
  void aRegistryWithoutTLSIsNotAskedForIt() throws Exception {
    var first = Collections.synchronizedList(new ArrayList<Integer>());
    try (var server = new ServerSocket(0, 5, InetAddress.ofLiteral("127.0.0.1"));
        var client = client()) {
      Thread.startVirtualThread(() -> answerHTTPOnly(server, first));
      var host = "127.0.0.1:" + server.getLocalPort();

      assertThat(client.manifest(ImageReference.parse(host + "/me/img")).layers()).hasSize(1);

      assertThat(first).isNotEmpty().containsOnly((int) 'G');
    }
  }

  private void answerHTTPOnly(ServerSocket server, List<Integer> first) {
    while (!server.isClosed()) {
      try (var connection = server.accept()) {
        var in = connection.getInputStream();
        var begin = in.read();
        first.add(begin);
        if (begin != 'G') {
          await();
          continue;
        }
        readHead(in);
        var head = "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: %d\r\n\r\n%s";
        var body = manifest();
        connection.getOutputStream().write(head.formatted(body.length(), body).getBytes(UTF_8));
      } catch (IOException closed) {
        return;
      }
    }
  }

  private static void readHead(InputStream in) throws IOException {
    for (int newlines = 0; newlines < 2; ) {
      var next = in.read();
      newlines = next == '\n' ? newlines + 1 : next == '\r' ? newlines : 0;
    }
  }

  /** What it spoke was not known while it was away. */
  @Test
  void aRegistryThatComesLaterIsFound() throws Exception {
    var address = registry.getAddress();
    registry.stop(0);
    try (var client = client()) {
      assertThatExceptionOfType(RegistryException.class)
          .isThrownBy(() -> client.manifest(image("me/img:1")))
          .matches(e -> e.kind() == ErrorKind.UNAVAILABLE);

      registry = HttpServer.create(address, 0);
      registry.createContext("/v2/me/img/", exchange -> answer(exchange, 200, manifest()));
      registry.start();

      assertThat(client.manifest(image("me/img:1")).layers()).hasSize(1);
    }
  }
}
