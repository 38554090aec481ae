package dev.ccbridge;

import static java.util.Map.entry;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/**
 * One package is one room, and each row says what a room may import besides itself and the root.
 * The same table, with what each room is for, stands in docs/architecture.md.
 */
class ArchitectureTest {
  private static final String ROOT = "dev.ccbridge";
  private static final JavaClasses CLASSES =
      new ClassFileImporter().importPath(Path.of("target/classes"));

  private static final Map<String, Set<String>> MAY_IMPORT =
      Map.ofEntries(
          entry("", Set.of()),
          entry("api", Set.of()),
          entry("kube", Set.of()),
          entry("web", Set.of()),
          entry("tracing", Set.of()),
          entry("page", Set.of("api", "kube", "web")),
          entry("secrets", Set.of("api", "kube", "receptor.model")),
          entry("cloudcontroller.model", Set.of("receptor.model")),
          entry("cloudcontroller.client", Set.of("web", "cloudcontroller.model")),
          entry("receptor.model", Set.of()),
          entry("receptor", Set.of("receptor.model")),
          entry("receptor.client", Set.of("receptor", "receptor.model")),
          entry("receptor.backend", Set.of("receptor.model")),
          entry("receptor.store", Set.of("receptor", "receptor.model", "receptor.backend")),
          entry("receptor.store.kubernetes", Set.of("kube", "receptor.model", "receptor.store")),
          entry("receptor.server", Set.of("web", "receptor", "receptor.model")),
          entry("executor", Set.of("receptor.model")),
          entry("receptor.backend.image", Set.of("executor", "registry")),
          entry(
              "receptor.backend.process",
              Set.of(
                  "receptor.model",
                  "receptor.backend",
                  "receptor.backend.image",
                  "executor",
                  "registry")),
          entry("receptor.backend.pod.cell", Set.of("receptor.model", "executor")),
          entry(
              "receptor.backend.pod",
              Set.of(
                  "kube",
                  "receptor.model",
                  "receptor.backend",
                  "receptor.backend.pod.cell",
                  "executor",
                  "registry")),
          entry(
              "receptor.backend.pod.route",
              Set.of("kube", "receptor", "receptor.model", "receptor.backend.pod")),
          entry("lifecycle", Set.of("registry")),
          entry("stager.recipe", Set.of("receptor.model", "cloudcontroller.model")),
          entry("nsync.recipe", Set.of("receptor.model", "cloudcontroller.model")),
          entry(
              "stager",
              Set.of(
                  "api",
                  "kube",
                  "web",
                  "receptor",
                  "receptor.model",
                  "cloudcontroller.model",
                  "cloudcontroller.client",
                  "secrets",
                  "tracing",
                  "stager.recipe")),
          entry(
              "nsync",
              Set.of(
                  "api",
                  "kube",
                  "web",
                  "receptor",
                  "receptor.model",
                  "cloudcontroller.model",
                  "cloudcontroller.client",
                  "secrets",
                  "nsync.recipe")),
          entry(
              "nsync.bulk",
              Set.of(
                  "api",
                  "receptor",
                  "receptor.model",
                  "cloudcontroller.model",
                  "cloudcontroller.client",
                  "nsync",
                  "nsync.recipe")),
          entry(
              "tps",
              Set.of(
                  "api",
                  "kube",
                  "web",
                  "receptor",
                  "receptor.model",
                  "cloudcontroller.model",
                  "cloudcontroller.client")),
          entry("uploader", Set.of("web")),
          entry("registry", Set.of()),
          entry("router", Set.of()),
          entry("cloudcontroller.fake", Set.of("web", "receptor.model", "cloudcontroller.model")),
          entry("fileserver", Set.of("web")),
          entry("devserver.schema", Set.of()),
          entry("devserver", Set.of("web", "devserver.schema")),
          entry(
              "operator",
              Set.of(
                  "api",
                  "kube",
                  "web",
                  "receptor",
                  "receptor.model",
                  "receptor.client",
                  "receptor.backend",
                  "receptor.backend.process",
                  "receptor.backend.pod",
                  "receptor.backend.pod.route",
                  "receptor.store",
                  "receptor.store.kubernetes",
                  "receptor.server",
                  "router",
                  "page",
                  "tracing",
                  "executor",
                  "cloudcontroller.model",
                  "cloudcontroller.client",
                  "stager",
                  "stager.recipe",
                  "nsync",
                  "nsync.bulk",
                  "nsync.recipe",
                  "tps",
                  "uploader",
                  "cloudcontroller.fake",
                  "fileserver",
                  "devserver")));

  /** Libraries that only some rooms may know: package prefix to rooms. */
  private static final Map<String, Set<String>> LIBRARIES =
      Map.of(
          "io.javaoperatorsdk", Set.of("stager", "nsync", "operator"),
          "io.micrometer", Set.of("stager", "nsync", "nsync.bulk", "tps", "operator"),
          "io.fabric8.kubernetes.client.KubernetesClient",
              Set.of(
                  "kube",
                  "page",
                  "secrets",
                  "stager",
                  "nsync",
                  "nsync.bulk",
                  "tps",
                  "receptor.backend.pod",
                  "receptor.store.kubernetes",
                  "receptor.backend.pod.route",
                  "operator"),
          "java.net.http",
              Set.of(
                  "receptor.client",
                  "cloudcontroller.client",
                  "receptor.store",
                  "executor",
                  "lifecycle",
                  "registry",
                  "stager",
                  "tps",
                  "uploader",
                  "cloudcontroller.fake",
                  "operator"),
          "java.lang.ProcessBuilder",
              Set.of(
                  "receptor.backend.process", "receptor.backend.pod.cell", "lifecycle", "operator"),
          "org.h2.mvstore", Set.of("receptor.store", "devserver"),
          "io.opentelemetry", Set.of("tracing"),
          "dev.cel", Set.of("devserver.schema"),
          "org.apache.sshd", Set.of("lifecycle"),
          "picocli", Set.of("operator"));

  @Test
  void roomsImportOnlyWhatTheirRowAllows() {
    assertThat(CLASSES).as("classes were found, else nothing was checked").hasSizeGreaterThan(50);
    var forbidden = new TreeSet<String>();
    for (var origin : CLASSES) {
      for (var dependency : origin.getDirectDependenciesFromSelf()) {
        var target = dependency.getTargetClass();
        if (!target.getPackageName().startsWith(ROOT)) {
          continue;
        }
        var from = room(origin);
        var to = room(target);
        if (!from.equals(to) && !to.isEmpty() && !MAY_IMPORT.get(from).contains(to)) {
          forbidden.add(dependency.getDescription());
        }
      }
    }
    assertThat(forbidden).isEmpty();
  }

  @Test
  void librariesAreKnownOnlyWhereTheyBelong() {
    var forbidden = new TreeSet<String>();
    for (var origin : CLASSES) {
      for (var dependency : origin.getDirectDependenciesFromSelf()) {
        var target = dependency.getTargetClass().getName();
        LIBRARIES.forEach(
            (library, rooms) -> {
              if (target.startsWith(library) && !rooms.contains(room(origin))) {
                forbidden.add(dependency.getDescription());
              }
            });
      }
    }
    assertThat(forbidden).isEmpty();
  }

  @Test
  void onlyTheOperatorReadsTheEnvironment() {
    var readers = new TreeSet<String>();
    for (var origin : CLASSES) {
      for (var call : origin.getMethodCallsFromSelf()) {
        if (call.getTargetOwner().isEquivalentTo(System.class) && call.getName().equals("getenv")) {
          readers.add(room(origin));
        }
      }
    }
    // These programs are processes of their own; the environment is their interface.
    readers.remove("lifecycle");
    readers.remove("receptor.backend.pod.cell");
    readers.remove("operator");
    assertThat(readers).isEmpty();
  }

  /** The package below the root; a package without a row fails here. */
  private static String room(JavaClass type) {
    var name = type.getPackageName();
    var room = name.equals(ROOT) ? "" : name.substring(ROOT.length() + 1);
    assertThat(MAY_IMPORT).as("a row for the package of %s", type.getName()).containsKey(room);
    return room;
  }
}
