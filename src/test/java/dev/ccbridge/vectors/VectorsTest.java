package dev.ccbridge.vectors;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every recorded case is answered as the original did, or otherwise in exactly the way that is
 * listed with its reason.
 *
 * <p>Other recordings of the same form: {@code mvn test -Dtest=VectorsTest -Dvectors.dir=DIR}. For
 * the project's own ones the list is checked as well: a case that a difference claims must not be
 * equal without it, and no difference may be without a case.
 */
class VectorsTest {
  private static final Path OWN = Path.of("src/test/resources/vectors");
  private static final Path MORE = Path.of("src/test/resources/vectors-more");
  private static final Path DIRECTORY =
      Optional.ofNullable(System.getProperty("vectors.dir")).map(Path::of).orElse(OWN);
  private static final int AT_A_TIME = 8;
  static final ObjectMapper JSON =
      JsonMapper.builder()
          .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
          // Of an input it makes a difference: 1.0 is no integer to the originals.
          .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
          .build();

  /** Who answers the cases of which file. */
  private static final Map<String, Callable<VectorRunner>> RUNNERS =
      Map.ofEntries(
          Map.entry("bulk.json", BulkVectors::new),
          Map.entry("completion.json", CompletionVectors::new),
          Map.entry("desire.json", DesireVectors::new),
          Map.entry("staging.json", StagingVectors::new),
          Map.entry("tps-listener.json", TpsListenerVectors::new),
          Map.entry("tps-watcher.json", TpsWatcherVectors::new));

  /**
   * @param unseen what a wrong expectation had to be to make no difference
   */
  private record Verdict(
      String name, Kind kind, List<String> differences, String details, List<String> unseen) {
    enum Kind {
      EQUAL,
      AS_LISTED,
      OTHERWISE
    }
  }

  static Stream<String> files() {
    return RUNNERS.keySet().stream().sorted();
  }

  @ParameterizedTest
  @MethodSource("files")
  void everyCaseIsEqualOrDiffersAsListed(String file) throws Exception {
    var path = DIRECTORY.resolve(file);
    assumeTrue(
        DIRECTORY.equals(OWN) || Files.exists(path), () -> "no " + file + " in " + DIRECTORY);
    check(path, DIRECTORY.equals(OWN));
  }

  static Stream<String> moreFiles() {
    return files().filter(file -> Files.exists(MORE.resolve(file)));
  }

  /** Cases of our own, made by the reference: values that no recording has. */
  @ParameterizedTest
  @MethodSource("moreFiles")
  void soIsEveryCaseOfOurOwn(String file) throws Exception {
    assumeTrue(DIRECTORY.equals(OWN), "other recordings are run");
    check(MORE.resolve(file), false);
  }

  private static void check(Path path, boolean withList) throws Exception {
    var file = path.getFileName().toString();
    var cases = new ArrayList<JsonNode>();
    JSON.readTree(path.toFile()).forEach(cases::add);
    List<KnownDifference> known;
    List<Verdict> verdicts;
    try (var runner = RUNNERS.get(file).call()) {
      known = runner.knownDifferences();
      verdicts = runAll(runner, cases, withList || path.startsWith(MORE));
    }
    print(path.startsWith(MORE) ? "vectors-more/" + file : file, verdicts);

    assertThat(withList && verdicts.isEmpty()).as("no cases of " + file).isFalse();
    assertThat(verdicts.stream().filter(v -> v.kind() == Verdict.Kind.OTHERWISE))
        .as("cases that differ otherwise than listed")
        .extracting(Verdict::details)
        .isEmpty();
    if (!withList && !path.startsWith(MORE)) {
      return;
    }
    assertThat(verdicts)
        .as("what could be wrong in an expectation without being noticed")
        .flatExtracting(Verdict::unseen)
        .isEmpty();
    if (withList) {
      checkList(known, verdicts, claimedByOurOwn(file, known));
    }
  }

  /** Differences that no recording shows, but a case of our own does, which is run as well. */
  private static Set<String> claimedByOurOwn(String file, List<KnownDifference> known)
      throws IOException {
    var path = MORE.resolve(file);
    var claimed = new TreeSet<String>();
    if (Files.exists(path)) {
      for (var one : JSON.readTree(path.toFile())) {
        known.stream().filter(d -> d.applies().test(one)).forEach(d -> claimed.add(d.name()));
      }
    }
    return claimed;
  }

  private static void checkList(
      List<KnownDifference> known, List<Verdict> verdicts, Set<String> claimed) {
    assertThat(verdicts.stream().filter(v -> v.kind() == Verdict.Kind.EQUAL))
        .as("cases that have become equal: take them out of the list of differences")
        .allSatisfy(v -> assertThat(v.differences()).as(v.name()).isEmpty());
    var used = new TreeSet<String>(claimed);
    verdicts.forEach(v -> used.addAll(v.differences()));
    assertThat(known).extracting(KnownDifference::name).as("differences").allMatch(used::contains);
  }

  private static List<Verdict> runAll(
      VectorRunner runner, List<JsonNode> cases, boolean withMutations) throws Exception {
    var verdicts = new ArrayList<Verdict>();
    try (var pool = Executors.newFixedThreadPool(AT_A_TIME)) {
      var running =
          cases.stream().map(c -> pool.submit(() -> judge(runner, c, withMutations))).toList();
      for (var one : running) {
        verdicts.add(one.get());
      }
    }
    verdicts.sort(Comparator.comparing(Verdict::name));
    return verdicts;
  }

  private static Verdict judge(VectorRunner runner, JsonNode vector, boolean withMutations) {
    ObjectNode seen;
    try {
      seen = runner.run(vector);
    } catch (Exception | AssertionError failure) {
      var name = vector.path("name").asText();
      return new Verdict(name, Verdict.Kind.OTHERWISE, List.of(), name + ": " + failure, List.of());
    }
    var verdict = compare(runner, vector, seen);
    return verdict.kind() == Verdict.Kind.OTHERWISE || !withMutations
        ? verdict
        : new Verdict(
            verdict.name(),
            verdict.kind(),
            verdict.differences(),
            verdict.details(),
            unseen(runner, vector, seen));
  }

  private static Verdict compare(VectorRunner runner, JsonNode vector, ObjectNode seen) {
    var name = vector.path("name").asText();
    var applicable =
        runner.knownDifferences().stream().filter(d -> d.applies().test(vector)).toList();
    var names = applicable.stream().map(KnownDifference::name).toList();
    var expected = runner.normalised(vector);
    if (seen.equals(expected)) {
      return new Verdict(name, Verdict.Kind.EQUAL, names, name, List.of());
    }
    applicable.forEach(difference -> difference.instead().accept(vector, expected));
    if (seen.equals(expected)) {
      return new Verdict(name, Verdict.Kind.AS_LISTED, names, name + ": " + names, List.of());
    }
    return new Verdict(
        name,
        Verdict.Kind.OTHERWISE,
        names,
        name + " with " + names + "\n  expected " + expected + "\n  seen     " + seen,
        List.of());
  }

  /** Wrong expectations that would have been taken for right. */
  private static List<String> unseen(VectorRunner runner, JsonNode vector, ObjectNode seen) {
    var unseen = new ArrayList<String>();
    Mutations.of(
        vector,
        (what, mutated) -> {
          if (isUnseen(runner, mutated, seen) && !runner.isWithoutMeaning(vector, what)) {
            unseen.add(vector.path("name").asText() + ": " + what);
          }
        });
    return unseen;
  }

  /** An expectation that cannot even be read is no recording. */
  private static boolean isUnseen(VectorRunner runner, JsonNode mutated, ObjectNode seen) {
    try {
      return compare(runner, mutated, seen).kind() != Verdict.Kind.OTHERWISE;
    } catch (RuntimeException noForm) {
      return false;
    }
  }

  private static void print(String file, List<Verdict> verdicts) {
    System.out.printf(
        "%s: %d equal, %d differ as listed, %d differ otherwise%n",
        file,
        count(verdicts, Verdict.Kind.EQUAL),
        count(verdicts, Verdict.Kind.AS_LISTED),
        count(verdicts, Verdict.Kind.OTHERWISE));
    verdicts.stream()
        .filter(v -> v.kind() == Verdict.Kind.AS_LISTED)
        .forEach(v -> System.out.println("  as listed " + v.details()));
  }

  private static long count(List<Verdict> verdicts, Verdict.Kind kind) {
    return verdicts.stream().filter(v -> v.kind() == kind).count();
  }
}
