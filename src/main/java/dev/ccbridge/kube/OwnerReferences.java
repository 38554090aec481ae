package dev.ccbridge.kube;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.api.model.OwnerReferenceBuilder;

/** Who an object goes with. */
public final class OwnerReferences {
  private OwnerReferences() {}

  /** Makes {@code owner} the controller of an object in the same namespace. */
  public static OwnerReference controller(HasMetadata owner) {
    return new OwnerReferenceBuilder()
        .withApiVersion(owner.getApiVersion())
        .withKind(owner.getKind())
        .withName(owner.getMetadata().getName())
        .withUid(owner.getMetadata().getUid())
        .withController(true)
        .withBlockOwnerDeletion(true)
        .build();
  }

  /**
   * Lets an object go with {@code owner}, which need not wait for it: an owner that has to takes,
   * where clusters are strict, a right to its finalizers.
   */
  public static OwnerReference of(HasMetadata owner) {
    return new OwnerReferenceBuilder(controller(owner))
        .withController(false)
        .withBlockOwnerDeletion(false)
        .build();
  }

  /** By uid, so an object of a namesake that was deleted is not taken for one's own. */
  public static boolean isOwned(HasMetadata object, HasMetadata owner) {
    var references = object.getMetadata().getOwnerReferences();
    return references != null
        && references.stream().anyMatch(r -> r.getUid().equals(owner.getMetadata().getUid()));
  }
}
