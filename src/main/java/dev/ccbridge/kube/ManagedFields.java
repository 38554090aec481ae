package dev.ccbridge.kube;

import io.fabric8.kubernetes.api.model.HasMetadata;
import java.util.List;

/** Who has set which field of a resource, as an API server keeps it. */
public final class ManagedFields {
  private ManagedFields() {}

  /**
   * Drops them of a resource that is to be kept in memory, of which they are the larger part.
   * Nobody here reads them, and an API server that is sent none leaves those it has.
   *
   * @return {@code resource}
   */
  public static <R extends HasMetadata> R drop(R resource) {
    resource.getMetadata().setManagedFields(List.of());
    return resource;
  }
}
