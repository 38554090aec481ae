package dev.ccbridge.nsync;

import dev.ccbridge.api.DesiredLRP;
import dev.ccbridge.nsync.recipe.LRPOptions;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Under which guids a resource is known at the Receptor.
 *
 * @param domain {@code cf-apps} for what Cloud Controller made, {@code k8s-<namespace>} for the
 *     rest
 * @param stem the process guid itself when it is given, else the resource's uid, from which the
 *     guid of each version is made
 * @param versioned whether the guid is made here; a given one has no versions
 */
record LRPIdentity(String domain, String stem, boolean versioned) {
  private static final String NAMESPACE_DOMAIN = "k8s-";
  private static final Pattern VERSION =
      Pattern.compile("(\\p{XDigit}{8}(?:-\\p{XDigit}{4}){3}-\\p{XDigit}{12})-[0-9a-f]{10}");

  static LRPIdentity of(DesiredLRP lrp) {
    var metadata = lrp.getMetadata();
    var guid = lrp.getSpec().processGuid();
    return guid == null
        ? new LRPIdentity(NAMESPACE_DOMAIN + metadata.getNamespace(), metadata.getUid(), true)
        : new LRPIdentity(LRPOptions.CF_APPS, guid, false);
  }

  /** The guid of the version with this hash. */
  String processGuid(String hash) {
    return versioned ? stem + "-" + hash : stem;
  }

  boolean owns(String processGuid) {
    return versioned ? stemOf(domain, processGuid).equals(stem) : processGuid.equals(stem);
  }

  /** The stem that a process guid in this domain belongs to. */
  static String stemOf(String domain, String processGuid) {
    return isOurs(domain, processGuid)
        ? VERSION.matcher(processGuid).replaceFirst("$1")
        : processGuid;
  }

  /** Whether a guid in this domain was made by this room. */
  static boolean isOurs(String domain, String processGuid) {
    return domain.startsWith(NAMESPACE_DOMAIN) && VERSION.matcher(processGuid).matches();
  }

  static String domainOf(String namespace) {
    return NAMESPACE_DOMAIN + namespace;
  }

  /** The namespace of a domain for what was made by hand. */
  static Optional<String> namespaceOf(String domain) {
    return domain.startsWith(NAMESPACE_DOMAIN)
        ? Optional.of(domain.substring(NAMESPACE_DOMAIN.length()))
        : Optional.empty();
  }
}
