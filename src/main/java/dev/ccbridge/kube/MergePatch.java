package dev.ccbridge.kube;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.NonNamespaceOperation;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;

/** Changes some fields of an object that is there, in one call. */
public final class MergePatch {
  private static final PatchContext MERGE = PatchContext.of(PatchType.JSON_MERGE);

  private MergePatch() {}

  /**
   * Where the client is told a name it reads the object before it patches it; where it is given an
   * object it does not.
   *
   * @param all where the object is
   * @param kind an empty one
   * @param patch JSON, RFC 7386
   * @return the object as it is now
   * @throws KubernetesClientException with code 404 when there is none
   */
  public static <T extends HasMetadata> T apply(
      NonNamespaceOperation<T, ?, ? extends Resource<T>> all, T kind, String name, String patch) {
    kind.setMetadata(new ObjectMetaBuilder().withName(name).build());
    return all.resource(kind).patch(MERGE, patch);
  }
}
