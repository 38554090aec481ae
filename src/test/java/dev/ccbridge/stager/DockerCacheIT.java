package dev.ccbridge.stager;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.ccbridge.lifecycle.RealRegistry;
import dev.ccbridge.lifecycle.TinyImage;
import dev.ccbridge.receptor.backend.ArtifactServer;
import dev.ccbridge.receptor.backend.process.ProcessBackend;
import dev.ccbridge.receptor.backend.process.ProcessBackendConfig;
import dev.ccbridge.receptor.model.ReceptorJson;
import dev.ccbridge.receptor.model.TaskResponse;
import dev.ccbridge.receptor.server.ReceptorServer;
import dev.ccbridge.receptor.server.ReceptorServerConfig;
import dev.ccbridge.receptor.store.ReceptorStore;
import dev.ccbridge.receptor.store.ReceptorStoreConfig;
import dev.ccbridge.receptor.store.Records;
import dev.ccbridge.registry.Credentials;
import dev.ccbridge.registry.Digest;
import dev.ccbridge.registry.ImageReference;
import dev.ccbridge.registry.RegistryClient;
import dev.ccbridge.registry.RegistryConfig;
import dev.ccbridge.stager.StagerUnderTest.Setup;
import dev.ccbridge.stager.recipe.RecipeConfig;
import dev.ccbridge.web.HttpService;
import dev.ccbridge.web.Request;
import dev.ccbridge.web.Response;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The Docker image cache from CC's request to what CC is told, with a real Consul agent, two real
 * registries, and the archive's builder run by the process backend.
 *
 * <p>The registry listens at a port of its own while the egress rule names 8080, as in the
 * original; the process backend does not enforce egress rules.
 */
@Timeout(600)
class DockerCacheIT {
  private static final String GUID = "staging-1";
  private static final String PATH = "/v1/staging/" + GUID;
  private static final String ARCHIVE = "docker_app_lifecycle/docker_app_lifecycle.tgz";

  /** No name server knows it: only the address that Consul gives leads there. */
  private static final String CACHE_HOST = "docker-registry.service.cf.internal";

  private static final String PASSWORD = "secret-of-the-registry";

  /** As {@code htpasswd -B} makes it of {@link #PASSWORD}. */
  private static final String USERS =
      "me:$2y$05$abcdefghijklmnopqrstuuIwTm9henchirBqUfvuoNrWExGiIP5SK\n";

  @TempDir Path work;
  private final Deque<AutoCloseable> running = new ArrayDeque<>();
  private final List<String> toldCc = new CopyOnWriteArrayList<>();
  private final List<String> log = new CopyOnWriteArrayList<>();
  private final List<TaskResponse> tasks = new CopyOnWriteArrayList<>();
  private RealConsul consul;
  private RealRegistry cache;
  private ReceptorStore receptor;
  private StagerUnderTest stager;

  @BeforeEach
  void start() throws Exception {
    consul = keep(RealConsul.start(work.resolve("consul")));
    cache = keep(RealRegistry.start(work.resolve("cache")));
    receptor = keep(receptor());
    var callbacks = keep(HttpService.start(loopback(), this::pass));
    stager =
        keep(
            new StagerUnderTest(
                new Setup(
                    recipes(),
                    callbacks.uri().toString(),
                    Optional.of(new ReceptorServer(ReceptorServerConfig.defaults(), receptor)),
                    Optional.of(this::listen),
                    "internal_user",
                    "internal_password",
                    Optional.empty(),
                    Optional.of(consul.uri()))));
  }

  @AfterEach
  void stop() throws Exception {
    while (!running.isEmpty()) {
      running.pop().close();
    }
  }

  private RecipeConfig recipes() throws Exception {
    var files = keep(new ArtifactServer());
    files.serve("/v1/static/" + ARCHIVE, Files.readAllBytes(Path.of("target/static", ARCHIVE)));
    return new RecipeConfig(
        Map.of("docker", ARCHIVE),
        files.url(""),
        "",
        false,
        "cflinuxfs2",
        CACHE_HOST + ":" + cache.port(),
        true);
  }

  private ReceptorStore receptor() {
    var store =
        new ReceptorStore(
            ReceptorStoreConfig.defaults(),
            Records.inFile(work.resolve("receptor.mv")),
            new ProcessBackend(ProcessBackendConfig.defaults(work.resolve("cell"))),
            Clock.systemUTC());
    store.start();
    return store;
  }

  /**
   * The Receptor's callback to the stager, whose own address is not known before it has one. The
   * log goes with the task, which the stager resolves then.
   */
  private Response pass(Request callback) throws Exception {
    receptor.taskLogs(GUID, 100).forEach(line -> log.add(line.text()));
    receptor.findTask(GUID).ifPresent(tasks::add);
    var body = new String(callback.body(1 << 20), StandardCharsets.UTF_8);
    var answer = stager.send(callback.method(), callback.uri().toString(), body);
    return Response.text(answer.statusCode(), answer.body());
  }

  private Response listen(Request completion) throws Exception {
    toldCc.add(
        completion.rawPath() + " " + new String(completion.body(1 << 20), StandardCharsets.UTF_8));
    return Response.empty(200);
  }

  private static InetSocketAddress loopback() {
    return new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
  }

  private <T extends AutoCloseable> T keep(T part) {
    running.push(part);
    return part;
  }

  private static String message(String image, String credentials) {
    return """
    {"app_id":"app-1","log_guid":"app-1","lifecycle":"docker","file_descriptors":1024,
     "memory_mb":512,"disk_mb":1024,"timeout":300,"egress_rules":[],
     "environment":[{"name":"DIEGO_DOCKER_CACHE","value":"true"}],
     "lifecycle_data":{"docker_image":"%s"%s}}
    """
        .formatted(image, credentials);
  }

  private static String credentials(RealRegistry registry, String password) {
    return """
    ,"docker_login_server":"http://%s/v1/","docker_user":"me","docker_password":"%s",
     "docker_email":"me@example.com"\
    """
        .formatted(registry.host(), password);
  }

  @Test
  void anImageIsCopiedToTheRegistryThatConsulKnows() throws Exception {
    consul.registerDockerRegistry();
    var source = keep(RealRegistry.start(work.resolve("source")));
    var original = push(source, RegistryConfig.defaults());

    var told = stage(message(source.host() + "/me/img:1", ""));

    assertThat(told.path("error").isMissingNode()).as(told.toString()).isTrue();
    assertThat(told.at("/detected_start_command/web").asText()).isEqualTo("/bin/app -v serve");
    assertThat(told.path("execution_metadata").asText()).contains("\"workdir\":\"/data\"");
    assertThat(cached(told)).isEqualTo(original);
    assertThat(ReceptorJson.mapper().writeValueAsString(tasks.getFirst()))
        .contains("\"rootfs\":\"preloaded:cflinuxfs2\"", "\"user\":\"root\"")
        .contains("\"-dockerRegistryIPs\",\"127.0.0.1\"")
        .contains("\"destinations\":[\"127.0.0.1\"],\"ports\":[8080]");
  }

  @Test
  void aPrivateImageIsCopiedWithItsOwnersCredentials() throws Exception {
    consul.registerDockerRegistry();
    var source = keep(RealRegistry.startProtected(work.resolve("source"), USERS));
    var owner =
        RegistryConfig.defaults().withCredentials(source.host(), new Credentials("me", PASSWORD));
    var original = push(source, owner);

    var told = stage(message(source.host() + "/me/img:1", credentials(source, PASSWORD)));

    assertThat(told.path("error").isMissingNode()).as(told.toString()).isTrue();
    assertThat(cached(told)).isEqualTo(original);
    assertThat(Serialization.asJson(stager.all())).doesNotContain(PASSWORD);
    assertThat(log.toString())
        .contains("Docker image cached as " + CACHE_HOST)
        .doesNotContain(PASSWORD);
  }

  @Test
  void aPrivateImageIsNotCopiedWithAWrongPassword() throws Exception {
    consul.registerDockerRegistry();
    var source = keep(RealRegistry.startProtected(work.resolve("source"), USERS));

    var told = stage(message(source.host() + "/me/img:1", credentials(source, "guessed-4711")));

    assertThat(told.at("/error/id").asText()).isEqualTo("StagingError");
    assertThat(told.toString()).doesNotContain("guessed-4711");
    assertThat(log.toString())
        .contains("Staging process failed: ", "HTTP status 401")
        .doesNotContain("guessed-4711");
  }

  @Test
  void withoutARegistryInConsulCachingIsRefused() throws Exception {
    assertThat(consul.dockerRegistries()).isEqualTo("[]");

    var answer = stager.send("PUT", PATH, message("127.0.0.1:1/me/img:1", ""));

    assertThat(answer.statusCode()).isEqualTo(500);
    assertThat(answer.body())
        .isEqualTo(
            "{\"execution_metadata\":\"\",\"detected_start_command\":null,"
                + "\"error\":{\"id\":\"StagingError\",\"message\":\"missing docker registry\"}}");
    assertThat(stager.all()).isEmpty();
    assertThat(receptor.tasks("")).isEmpty();
  }

  private static Digest push(RealRegistry registry, RegistryConfig config) {
    try (var client = new RegistryClient(config)) {
      return TinyImage.push(client, ImageReference.parse(registry.host() + "/me/img:1")).digest();
    }
  }

  /** What CC is told in the end. */
  private JsonNode stage(String request) throws Exception {
    var answer = stager.send("PUT", PATH, request);
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(202);
    await("CC is told").atMost(Duration.ofMinutes(5)).until(() -> !toldCc.isEmpty());
    stager.awaitStatus(GUID, StagerUnderTest::isDeliveryOver);
    assertThat(toldCc).hasSize(1);
    var path = "/internal/staging/" + GUID + "/completed ";
    assertThat(toldCc.getFirst()).startsWith(path);
    return ReceptorJson.mapper().readTree(toldCc.getFirst().substring(path.length()));
  }

  /** The digest under which the cache has the image CC was told of, with all of its layers. */
  private Digest cached(JsonNode told) throws Exception {
    var name = told.at("/lifecycle_data/docker_image").asText();
    assertThat(name)
        .matches(CACHE_HOST + ":" + cache.port() + "/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}");
    var image = ImageReference.parse(cache.host() + name.substring(name.indexOf('/')));
    try (var client = new RegistryClient(RegistryConfig.defaults())) {
      var manifest = client.manifest(image);
      assertThat(manifest.layers()).isNotEmpty();
      for (var layer : manifest.layers()) {
        var file = work.resolve("layer");
        client.download(image, layer, file);
        assertThat(Digest.of(Files.readAllBytes(file))).isEqualTo(layer.digest());
      }
      assertThat(client.imageConfig(image, manifest).command()).containsExactly("serve");
      return manifest.digest();
    }
  }
}
