package dev.ccbridge.chart;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ccbridge.kubernetes.Command;
import dev.ccbridge.kubernetes.RealApiServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The examples of {@code deploy/argocd} and {@code deploy/flux}, as far as they can be tried
 * without Argo CD and Flux: the paths that they name, the values that they give the chart, and what
 * is in the directories that they apply.
 */
class GitOpsExamplesIT {
  private static final Path ARGO_CD = Path.of("deploy/argocd/applications.yaml");
  private static final Path FLUX = Path.of("deploy/flux/cc-bridge.yaml");

  @TempDir Path dir;

  @Test
  void theChartTakesTheValuesOfArgoCdsApplication() throws IOException {
    var source = Manifests.child(named(ARGO_CD, "Application argocd/cc-bridge"), "spec", "source");
    assertRenders(text(source, "path"), Manifests.child(source, "helm", "valuesObject"));
  }

  @Test
  void theChartTakesTheValuesOfFluxsRelease() throws IOException {
    var release = Manifests.child(named(FLUX, "HelmRelease flux-system/cc-bridge"), "spec");
    assertRenders(
        text(Manifests.child(release, "chart", "spec"), "chart"),
        Manifests.child(release, "values"));
  }

  @Test
  void everySourceOfFluxIsThere() throws IOException {
    var release =
        Manifests.child(named(FLUX, "HelmRelease flux-system/cc-bridge"), "spec", "chart", "spec");
    var apps = Manifests.child(named(FLUX, "Kustomization flux-system/apps"), "spec");
    for (var user : List.of(release, apps)) {
      var source = Manifests.child(user, "sourceRef");
      assertThat(named(FLUX, text(source, "kind") + " flux-system/" + text(source, "name")))
          .isNotNull();
    }
  }

  /** As Flux does with a directory without a kustomization.yaml: one of all files. */
  @Test
  void whatTheyApplyIsTakenByAnApiServer() throws IOException {
    var kubectl =
        Command.kubectl().with("KUBECONFIG", RealApiServer.shared().kubeconfig().toString());
    kubectl.run("apply", "--server-side", "--force-conflicts", "-f", "crds/");
    kubectl.run("wait", "--for=condition=Established", "--timeout=30s", "-f", "crds/");
    var flux =
        Path.of(
            text(Manifests.child(named(FLUX, "Kustomization flux-system/apps"), "spec"), "path"));
    var files = new ArrayList<String>();
    try (var all = Files.newDirectoryStream(flux, "*.yaml")) {
      for (var file : all) {
        Files.copy(file, dir.resolve(file.getFileName()));
        files.add(file.getFileName().toString());
      }
    }
    Files.writeString(dir.resolve("kustomization.yaml"), "resources: " + files + "\n");
    assertThat(kubectl.run("apply", "--dry-run=server", "-k", dir.toString()).lines()).hasSize(2);

    var argo = Manifests.child(named(ARGO_CD, "Application argocd/apps"), "spec", "source");
    assertThat(kubectl.run("apply", "--dry-run=server", "--server-side", "-f", text(argo, "path")))
        .contains("stagingrequest", "desiredlrp");
    kubectl.and("create", "namespace", "argocd").result();
    kubectl.run("apply", "--dry-run=server", "-f", "deploy/argocd/argocd-cm.yaml");
  }

  private void assertRenders(String chart, Map<String, Object> values) throws IOException {
    var file = dir.resolve("values.yaml");
    Files.writeString(file, Manifests.write(List.of(values)));
    assertThat(
            Command.helm()
                .and("template", "cc-bridge", chart, "--namespace", "cc-bridge")
                .run("--kube-version", "1.36", "--values", file.toString()))
        .contains("image: \"registry.example.com/cc-bridge:");
  }

  private static Map<String, Object> named(Path file, String object) throws IOException {
    var objects = Manifests.read(Files.readString(file));
    assertThat(objects).as(file.toString()).containsKey(object);
    return objects.get(object);
  }

  private static String text(Map<String, Object> object, String name) {
    assertThat(object).containsKey(name);
    return (String) object.get(name);
  }
}
