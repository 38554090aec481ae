package dev.ccbridge.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A program of the machine, run to its end. */
public record Command(List<String> words, Map<String, String> environment) {
  private static final Logger LOG = LoggerFactory.getLogger(Command.class);
  private static final Duration LIMIT = Duration.ofMinutes(10);

  /** What it printed, and how it ended. */
  public record Result(int exit, String output, String errors) {}

  /** helm from {@code CC_BRIDGE_HELM} or the PATH; skips the calling test without it. */
  public static Command helm() {
    return found("helm", setting("CC_BRIDGE_HELM").map(Path::of));
  }

  /** kubectl from {@code KUBEBUILDER_ASSETS} or the PATH; skips the calling test without it. */
  public static Command kubectl() {
    return found(
        "kubectl", setting("KUBEBUILDER_ASSETS").map(dir -> Path.of(dir).resolve("kubectl")));
  }

  /** kstatus of {@code .ci/kstatus} from {@code CC_BRIDGE_KSTATUS}; skips without it. */
  public static Command kstatus() {
    return only("CC_BRIDGE_KSTATUS", "program of .ci/kstatus");
  }

  /** What runs Lua as Argo CD does, from {@code CC_BRIDGE_ARGOCD_LUA}; skips without it. */
  public static Command argocdLua() {
    return only("CC_BRIDGE_ARGOCD_LUA", "program of .ci/argocd-lua");
  }

  /** Prometheus's tool for rules from the PATH; skips the calling test without it. */
  public static Command promtool() {
    return found("promtool", Optional.empty());
  }

  /** Prometheus from the PATH; skips the calling test without it. */
  public static Command prometheus() {
    return found("prometheus", Optional.empty());
  }

  /** Chromium from the PATH; skips the calling test without it. */
  public static Command chromium() {
    return found("chromium", Optional.empty());
  }

  private static Command only(String variable, String what) {
    return new Command(List.of(require(variable, setting(variable), what)), Map.of());
  }

  /** A variable or system property, unless blank. */
  public static Optional<String> setting(String name) {
    return Optional.of(System.getProperty(name, System.getenv().getOrDefault(name, "")))
        .filter(value -> !value.isBlank());
  }

  /** Skips the calling test, with the reason in the log, unless {@code value} is there. */
  public static String require(String name, Optional<String> value, String what) {
    var reason = name + " names no " + what + ": test skipped";
    if (value.isEmpty()) {
      LOG.warn(reason);
    }
    Assumptions.assumeTrue(value.isPresent(), reason);
    return value.orElseThrow();
  }

  private static Command found(String name, Optional<Path> named) {
    var candidates =
        Stream.concat(
            named.stream(),
            Arrays.stream(System.getenv().getOrDefault("PATH", "").split(":"))
                .map(entry -> Path.of(entry).resolve(name)));
    var program = candidates.filter(Files::isExecutable).map(Path::toString).findFirst();
    return new Command(List.of(require("PATH", program, name)), Map.of());
  }

  /** In an environment with this variable besides. */
  public Command with(String name, String value) {
    var more = new HashMap<>(environment);
    more.put(name, value);
    return new Command(words, Map.copyOf(more));
  }

  /** With more arguments. */
  public Command and(String... arguments) {
    var all = new ArrayList<>(words);
    all.addAll(Arrays.asList(arguments));
    return new Command(List.copyOf(all), environment);
  }

  /** What it prints; fails the test when it fails. */
  public String run(String... arguments) {
    var result = and(arguments).result();
    assertThat(result.exit())
        .as("%s %s:%n%s%n%s", words, List.of(arguments), result.output(), result.errors())
        .isZero();
    return result.output();
  }

  /** What it prints when it reads {@code input}; fails the test when it fails. */
  public String fed(String input, String... arguments) {
    var result = and(arguments).result(input);
    assertThat(result.exit()).as("%s %s:%n%s", words, List.of(arguments), result.errors()).isZero();
    return result.output();
  }

  /** What it complains of; fails the test when it does not fail. */
  public String refused(String... arguments) {
    var result = and(arguments).result();
    assertThat(result.exit()).as("%s %s succeeded", words, List.of(arguments)).isNotZero();
    return result.errors();
  }

  /** Runs it, however it ends. */
  public Result result() {
    return result("");
  }

  private Result result(String input) {
    try {
      var errors = Files.createTempFile("cc-bridge-command", ".err");
      var given = Files.createTempFile("cc-bridge-command", ".in");
      try {
        Files.writeString(given, input);
        var builder =
            new ProcessBuilder(words).redirectError(errors.toFile()).redirectInput(given.toFile());
        builder.environment().putAll(environment);
        var process = builder.start();
        var output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (!process.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS)) {
          process.destroyForcibly();
          throw new AssertionError(words + " did not end within " + LIMIT);
        }
        return new Result(process.exitValue(), output, Files.readString(errors));
      } finally {
        Files.deleteIfExists(errors);
        Files.deleteIfExists(given);
      }
    } catch (IOException failure) {
      throw new AssertionError(words + " could not be run", failure);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new AssertionError(interrupted);
    }
  }
}
