package dev.ccbridge.e2e;

import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** The kinds of {@code crds/} at an API server. */
final class ProductCrds {
  private ProductCrds() {}

  /** Waits until they can be used. */
  static void install(KubernetesClient admin) {
    for (var kind : List.of("stagingrequests.ccbridge.dev", "desiredlrps.ccbridge.dev")) {
      try (var in = Files.newInputStream(Path.of("crds", kind + "-v1.yml"))) {
        admin.load(in).forceConflicts().serverSideApply();
      } catch (IOException missing) {
        throw new UncheckedIOException(missing);
      }
    }
    for (var kind : List.of("stagingrequests.ccbridge.dev", "desiredlrps.ccbridge.dev")) {
      awaitEstablished(admin, kind);
    }
  }

  static void awaitEstablished(KubernetesClient admin, String name) {
    admin
        .apiextensions()
        .v1()
        .customResourceDefinitions()
        .withName(name)
        .waitUntilCondition(
            crd ->
                crd != null
                    && crd.getStatus() != null
                    && crd.getStatus().getConditions() != null
                    && crd.getStatus().getConditions().stream()
                        .anyMatch(
                            c -> c.getType().equals("Established") && c.getStatus().equals("True")),
            30,
            TimeUnit.SECONDS);
  }
}
