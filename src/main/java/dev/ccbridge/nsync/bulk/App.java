package dev.ccbridge.nsync.bulk;

import dev.ccbridge.api.DesiredLRP;
import dev.ccbridge.api.LRPReasons;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import java.util.UUID;

/**
 * What a round needs to know of a resource; kept for every app, so there is no more in it.
 *
 * @param name of the resource; the same object as the guid where both are the same
 * @param etag empty: it has none
 * @param uid another one is another resource of the same name
 * @param resourceVersion a number, as API servers make it
 * @param deleting it goes when its instances have stopped
 * @param incomplete whoever made it died before its Secret was there too
 */
record App(
    String processGuid,
    String name,
    String etag,
    UUID uid,
    long resourceVersion,
    boolean deleting,
    boolean incomplete) {

  /** {@code lrp} with a process guid. */
  static App of(DesiredLRP lrp, String processGuid) {
    var metadata = lrp.getMetadata();
    var etag = lrp.getSpec().etag();
    var name = metadata.getName();
    return new App(
        processGuid,
        name.equals(processGuid) ? processGuid : name,
        etag == null ? "" : etag,
        UUID.fromString(metadata.getUid()),
        Long.parseLong(metadata.getResourceVersion()),
        lrp.isMarkedForDeletion(),
        lacksSecret(lrp));
  }

  /** As the reconciler tells, which looks for it. */
  private static boolean lacksSecret(DesiredLRP lrp) {
    var status = lrp.getStatus();
    return status != null
        && status.conditions() != null
        && status.conditions().stream()
            .anyMatch(condition -> LRPReasons.SECRET_MISSING.equals(condition.getReason()));
  }

  /** The same resource, in every respect that counts here. */
  boolean isSameAs(App other) {
    return uid.equals(other.uid) && etag.equals(other.etag) && deleting == other.deleting;
  }

  /** As much of the resource as an informer has to be told of. */
  DesiredLRP resource(String namespace) {
    var lrp = new DesiredLRP();
    lrp.setMetadata(
        new ObjectMetaBuilder()
            .withNamespace(namespace)
            .withName(name)
            .withUid(uid.toString())
            .withResourceVersion(Long.toString(resourceVersion))
            .build());
    return lrp;
  }
}
