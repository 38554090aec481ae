package dev.ccbridge.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ccbridge.kubernetes.RealApiServer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Assumptions;

/** The real kubectl, with one kubeconfig. */
final class Kubectl {
  private static final Duration LIMIT = Duration.ofSeconds(120);

  private final Path program;
  private final Path kubeconfig;
  private final Path home;

  private Kubectl(Path program, Path kubeconfig, Path home) {
    this.program = program;
    this.kubeconfig = kubeconfig;
    this.home = home;
  }

  /** Skips the calling test, with a printed reason, where there is no kubectl. */
  static Kubectl with(Path kubeconfig, Path home) {
    var program = find();
    Assumptions.assumeTrue(
        program.isPresent(), "no kubectl in KUBEBUILDER_ASSETS or PATH: test skipped");
    return new Kubectl(program.get(), kubeconfig, home);
  }

  private static Optional<Path> find() {
    var directories = new ArrayList<Path>();
    RealApiServer.assets().ifPresent(directories::add);
    for (var entry : System.getenv().getOrDefault("PATH", "").split(":")) {
      directories.add(Path.of(entry));
    }
    return directories.stream()
        .map(d -> d.resolve("kubectl"))
        .filter(Files::isExecutable)
        .findFirst();
  }

  /** Runs it and gives what it printed; fails the test when it fails. */
  String run(String... arguments) throws Exception {
    var program = start(arguments);
    var exit = program.awaitEnd(LIMIT);
    assertThat(exit).as("kubectl %s:%n%s", String.join(" ", arguments), program.output()).isZero();
    return program.output();
  }

  /** Runs it, expects that it fails, and gives what it printed. */
  String refused(String... arguments) throws Exception {
    var program = start(arguments);
    var exit = program.awaitEnd(LIMIT);
    assertThat(exit)
        .as("kubectl %s:%n%s", String.join(" ", arguments), program.output())
        .isNotZero();
    return program.output();
  }

  private Program start(String... arguments) {
    var command = new ArrayList<>(List.of(program.toString()));
    command.addAll(Arrays.asList(arguments));
    // Its discovery cache must not come from another server that had the same address.
    return Program.start(
        "kubectl", Map.of("KUBECONFIG", kubeconfig.toString(), "HOME", home.toString()), command);
  }
}
