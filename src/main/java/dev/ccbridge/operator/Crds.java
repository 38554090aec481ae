package dev.ccbridge.operator;

import dev.ccbridge.CcBridgeException;
import dev.ccbridge.ErrorKind;
import dev.ccbridge.api.Api;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinition;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** The CRDs that come with the program. */
final class Crds {
  private static final long ESTABLISH_SECONDS = 30;

  private Crds() {}

  /** The files in {@code crds/}, as text. */
  static List<String> read(Path home) {
    var definitions = new ArrayList<String>();
    try (var files = Files.newDirectoryStream(home.resolve("crds"), "*.yml")) {
      for (var file : files) {
        definitions.add(Files.readString(file));
      }
    } catch (IOException failure) {
      throw new CcBridgeException(
          ErrorKind.INTERNAL,
          "cannot read " + home.resolve("crds") + ": " + failure.getMessage(),
          failure);
    }
    return definitions;
  }

  /**
   * @throws CcBridgeException UNAVAILABLE when the cluster does not serve our resources, or cannot
   *     be reached
   */
  static void requireInstalled(KubernetesClient kubernetes) {
    boolean served;
    try {
      served = kubernetes.hasApiGroup(Api.GROUP, true);
    } catch (KubernetesClientException failure) {
      throw new CcBridgeException(
          ErrorKind.UNAVAILABLE,
          "the Kubernetes API at "
              + kubernetes.getMasterUrl()
              + " cannot be used: "
              + failure.getMessage(),
          failure);
    }
    if (!served) {
      throw new CcBridgeException(
          ErrorKind.UNAVAILABLE,
          "the cluster at "
              + kubernetes.getMasterUrl()
              + " does not know "
              + Api.GROUP
              + " yet; run: kubectl apply -f crds/");
    }
  }

  /** Installs or updates them in a cluster, and waits until it serves them. */
  static void apply(KubernetesClient kubernetes, List<String> definitions) {
    for (var text : definitions) {
      var crd = Serialization.unmarshal(text, CustomResourceDefinition.class);
      kubernetes
          .resource(crd)
          .patch(
              new PatchContext.Builder()
                  .withPatchType(PatchType.SERVER_SIDE_APPLY)
                  .withFieldManager("cc-bridge")
                  .withForce(true)
                  .build());
      kubernetes
          .resource(crd)
          .waitUntilCondition(
              c ->
                  c != null
                      && c.getStatus() != null
                      && c.getStatus().getConditions().stream()
                          .anyMatch(
                              s ->
                                  "Established".equals(s.getType())
                                      && "True".equals(s.getStatus())),
              ESTABLISH_SECONDS,
              TimeUnit.SECONDS);
    }
  }
}
