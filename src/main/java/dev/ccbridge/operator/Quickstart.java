package dev.ccbridge.operator;

import dev.ccbridge.api.DesiredLRP;
import dev.ccbridge.api.StagingRequest;
import dev.ccbridge.operator.Display.State;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

/**
 * The main job in one command: brings up a Kubernetes API (or takes a cluster), the operator and
 * its Receptor, applies a StagingRequest and a DesiredLRP, and shows what happens until the app
 * answers.
 */
final class Quickstart implements AutoCloseable {
  private static final String SAMPLE = "hello-procfile";
  private static final String NAMESPACE = "default";
  private static final String FIELD_MANAGER = "cc-bridge-quickstart";
  private static final int INSTANCES = 2;
  private static final Duration STAGING_LIMIT = Duration.ofMinutes(20);
  private static final Duration READY_LIMIT = Duration.ofMinutes(5);
  private static final Duration ANSWER_LIMIT = Duration.ofSeconds(30);
  private static final long CHECK_PAUSE_MILLIS = 300;
  private static final Duration REMOVAL_LIMIT = Duration.ofSeconds(30);
  private static final int FAILED = 1;

  /**
   * @param source directory with the app's source; null: the sample
   * @param once whether to check and end
   * @param home where this program is installed
   */
  record Options(@Nullable Path source, boolean once, Path home) {}

  private final Options options;
  private final DataDirectory data;
  private final Display display;
  private final Platform platform;
  private final @Nullable AppSource source;
  private final String name;

  private Quickstart(
      Options options,
      DataDirectory data,
      Display display,
      Platform platform,
      @Nullable AppSource source) {
    this.options = options;
    this.data = data;
    this.display = display;
    this.platform = platform;
    this.source = source;
    this.name = source == null ? SAMPLE : source.name();
  }

  /**
   * The exit code: 0, or 1 when something failed. Does not return before Ctrl-C unless {@code
   * options.once()}.
   */
  static int run(OperatorConfig config, Options options) throws Exception {
    var started = Instant.now();
    var source = options.source() == null ? null : new AppSource(options.source());
    var data = DataDirectory.open(config.data().resolve("quickstart"));
    Logging.toFile(data.resolve("cc-bridge.log"), config, Main.COMPONENT);
    var ended = new CountDownLatch(1);
    try (var debug = Debugging.start(config.debugAddress());
        var display =
            new Display(System.out, System.console() != null && System.console().isTerminal())) {
      display.say(
          "cc-bridge quickstart: "
              + (source == null ? "the sample " + SAMPLE : source)
              + ", from source to a running app");
      var platform = start(config, options, data, display, debug.registry());
      try (var quickstart = new Quickstart(options, data, display, platform, source)) {
        var onSignal = Thread.ofPlatform().unstarted(() -> quickstart.endOnSignal(ended));
        Runtime.getRuntime().addShutdownHook(onSignal);
        var failure = quickstart.deploy();
        if (failure.isPresent()) {
          display.say("quickstart: FAILED: " + failure.get());
          display.say("The log is in " + keepLog(data));
          return FAILED;
        }
        if (!options.once()) {
          quickstart.sayWhatIsNext();
          ended.await();
        }
      } finally {
        ended.countDown();
      }
      if (options.once()) {
        var seconds = Duration.between(started, Instant.now()).toMillis() / 1000.0;
        System.out.printf(Locale.ROOT, "quickstart: ok %.1f s%n", seconds);
      }
      return 0;
    }
  }

  private static Platform start(
      OperatorConfig config,
      Options options,
      DataDirectory data,
      Display display,
      MeterRegistry metrics) {
    display.step(
        "platform",
        "starting the Kubernetes API, the operator and the Receptor",
        State.RUNNING,
        null);
    try {
      var platform = Platform.start(config, data, options.home(), metrics);
      display.step("platform", platform.describe(), State.DONE, null);
      return platform;
    } catch (RuntimeException failure) {
      display.step("platform", "starting failed", State.FAILED, null);
      throw failure;
    }
  }

  /** Why the app does not answer; empty when it does. */
  private Optional<String> deploy() throws Exception {
    var progress = new AppProgress(platform.kubernetes(), NAMESPACE, display);
    apply();
    var failure = progress.awaitStaged(name, Instant.now().plus(STAGING_LIMIT));
    return failure.isPresent() ? failure : awaitAnswers(progress);
  }

  /**
   * Ready may be said of instances of an earlier life that are just being replaced, so what does
   * not answer at once is given some time.
   */
  private Optional<String> awaitAnswers(AppProgress progress) throws InterruptedException {
    var url = platform.route(() -> Map.of(name + ".localhost", progress.addresses(name)));
    var ready = Instant.now().plus(READY_LIMIT);
    var answers = Optional.<Instant>empty();
    while (true) {
      var failure = progress.awaitReady(name, ready);
      if (failure.isPresent()) {
        return failure;
      }
      failure = check(url, progress.addresses(name));
      var deadline = answers.orElseGet(() -> Instant.now().plus(ANSWER_LIMIT));
      if (failure.isEmpty() || Instant.now().isAfter(deadline)) {
        return failure;
      }
      answers = Optional.of(deadline);
      TimeUnit.MILLISECONDS.sleep(CHECK_PAUSE_MILLIS);
    }
  }

  private void apply() throws IOException {
    for (var resource : resources()) {
      platform
          .kubernetes()
          .resource(resource)
          .inNamespace(NAMESPACE)
          .patch(
              new PatchContext.Builder()
                  .withPatchType(PatchType.SERVER_SIDE_APPLY)
                  .withFieldManager(FIELD_MANAGER)
                  .withForce(true)
                  .build());
      display.say("  applied " + resource.getKind() + " " + resource.getMetadata().getName());
    }
  }

  /**
   * The sample's file; for a directory of the user's, the same with its name, and its source put
   * into the blob store.
   */
  private List<HasMetadata> resources() throws IOException {
    var yaml = Files.readString(options.home().resolve("samples/" + SAMPLE + ".yaml"));
    if (source != null) {
      yaml =
          yaml.replace("/v1/static/samples/" + SAMPLE + ".tgz", platform.store(source))
              .replace(SAMPLE, name);
    }
    return platform
        .kubernetes()
        .load(new ByteArrayInputStream(yaml.getBytes(StandardCharsets.UTF_8)))
        .items();
  }

  /** Asks the common address and each instance, as a user would. */
  private Optional<String> check(URI url, List<String> addresses) throws InterruptedException {
    if (addresses.size() < INSTANCES) {
      return Optional.of("only " + addresses.size() + " of " + INSTANCES + " instances run");
    }
    try (var client = HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(5)).build()) {
      for (var address : addresses) {
        var failure = ask(client, URI.create("http://" + address + "/"));
        if (failure.isPresent()) {
          return failure;
        }
      }
      var failure = ask(client, url);
      if (failure.isEmpty()) {
        display.step(
            "url",
            "the app answers at " + url + " from " + addresses.size() + " instances",
            State.DONE,
            null);
      }
      return failure;
    }
  }

  private static Optional<String> ask(HttpClient client, URI url) throws InterruptedException {
    try {
      var answer =
          client.send(
              HttpRequest.newBuilder(url).timeout(Duration.ofSeconds(20)).build(),
              BodyHandlers.discarding());
      return answer.statusCode() < 500
          ? Optional.empty()
          : Optional.of(url + " answered with status " + answer.statusCode());
    } catch (IOException failure) {
      return Optional.of(url + " did not answer: " + failure);
    }
  }

  private void sayWhatIsNext() {
    display.say("");
    display.say("See it in a browser, live: " + platform.page() + "/");
    display.say("Try next, in another terminal:");
    platform.kubeconfig().ifPresent(file -> display.say("  export KUBECONFIG=" + file));
    display.say("  kubectl get sr,dlrp");
    display.say("  kubectl explain dlrp.spec");
    display.say("  kubectl scale dlrp/" + name + " --replicas=3");
    display.say("  kubectl delete dlrp/" + name + " sr/" + name);
    display.say("  kubectl apply -f " + options.home().resolve("samples/hello-static.yaml"));
    platform.receptorApi().ifPresent(url -> display.say("The receptor is published at " + url));
    display.say("The log is in " + data.resolve("cc-bridge.log"));
    display.say("Ctrl-C ends everything and leaves nothing behind.");
  }

  private static Path keepLog(DataDirectory data) throws IOException {
    var kept = Files.createTempFile("cc-bridge-quickstart-", ".log");
    if (Files.exists(data.resolve("cc-bridge.log"))) {
      try (InputStream log = Files.newInputStream(data.resolve("cc-bridge.log"))) {
        Files.copy(log, kept, StandardCopyOption.REPLACE_EXISTING);
      }
    }
    return kept;
  }

  private void endOnSignal(CountDownLatch ended) {
    if (ended.getCount() == 0) {
      return;
    }
    display.say("ending …");
    close();
    ended.countDown();
  }

  private boolean closed;

  /** Removes the app, stops everything and deletes the state. */
  @Override
  public synchronized void close() {
    if (closed) {
      return;
    }
    closed = true;
    try {
      removeApp();
      platform.close();
      data.delete();
      data.close();
    } catch (IOException | RuntimeException failure) {
      LoggerFactory.getLogger(Quickstart.class).error("end failed", failure);
      System.err.println("cc-bridge: could not clean up completely: " + failure.getMessage());
    }
  }

  private void removeApp() {
    var kubernetes = platform.kubernetes();
    var lrp = kubernetes.resources(DesiredLRP.class).inNamespace(NAMESPACE).withName(name);
    var request = kubernetes.resources(StagingRequest.class).inNamespace(NAMESPACE).withName(name);
    lrp.delete();
    request.delete();
    awaitGone(lrp::get);
    awaitGone(request::get);
  }

  private static void awaitGone(Supplier<@Nullable ?> resource) {
    var deadline = Instant.now().plus(REMOVAL_LIMIT);
    try {
      while (resource.get() != null && Instant.now().isBefore(deadline)) {
        TimeUnit.MILLISECONDS.sleep(100);
      }
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
