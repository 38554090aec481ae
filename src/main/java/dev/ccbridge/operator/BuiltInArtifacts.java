package dev.ccbridge.operator;

import dev.ccbridge.api.DesiredLRP;
import dev.ccbridge.api.StagingRequest;
import dev.ccbridge.fileserver.SignedUrls;
import dev.ccbridge.fileserver.SignedUrls.Access;
import dev.ccbridge.kube.WatchedNamespaces;
import dev.ccbridge.nsync.DropletUrls;
import dev.ccbridge.receptor.Receptor;
import dev.ccbridge.receptor.model.Action;
import dev.ccbridge.receptor.model.DesiredLRPResponse;
import dev.ccbridge.stager.ArtifactUrls;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import java.util.UUID;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The built-in file server and blob store, as stager and nsync know them: absolute paths become
 * URLs, those of blobs with a token. Keeps a droplet as long as a resource or an LRP names it.
 * Thread-safe.
 */
final class BuiltInArtifacts implements ArtifactUrls, DropletUrls {
  private static final Logger LOG = LoggerFactory.getLogger(BuiltInArtifacts.class);
  private static final String BLOBS = "/v1/blobs/";
  private static final String DROPLETS = "droplets/";

  /** A droplet this young may belong to a staging whose outcome is not stored yet. */
  private static final Duration GRACE = Duration.ofHours(24);

  private final Blobs blobs;
  private final SignedUrls urls;
  private final Supplier<URI> server;
  private final KubernetesClient kubernetes;
  private final WatchedNamespaces namespaces;
  private final Receptor receptor;
  private final Clock clock;

  BuiltInArtifacts(
      Blobs blobs,
      SignedUrls urls,
      Supplier<URI> server,
      KubernetesClient kubernetes,
      WatchedNamespaces namespaces,
      Receptor receptor,
      Clock clock) {
    this.blobs = blobs;
    this.urls = urls;
    this.server = server;
    this.kubernetes = kubernetes;
    this.namespaces = namespaces;
    this.receptor = receptor;
    this.clock = clock;
  }

  @Override
  public String download(String path, Duration validity) {
    return path.startsWith(BLOBS)
        ? urls.sign(path.substring(BLOBS.length()), Set.of(Access.READ), validity).toString()
        : server.get() + path;
  }

  /**
   * Instances of an LRP may start at any time, so this permission has no end; it reads one droplet
   * and no more.
   */
  @Override
  public String download(String uri) {
    if (!uri.startsWith("/")) {
      return uri;
    }
    return uri.startsWith(BLOBS)
        ? urls.signForever(uri.substring(BLOBS.length()), Set.of(Access.READ)).toString()
        : server.get() + uri;
  }

  @Override
  public String dropletUpload(String taskGuid, Duration validity) {
    return urls.sign(DROPLETS + taskGuid, Set.of(Access.WRITE), validity).toString();
  }

  @Override
  public String dropletUri(String taskGuid) {
    return BLOBS + DROPLETS + taskGuid;
  }

  @Override
  public String cacheDownload(String namespace, String appId, Duration validity) {
    var key = cacheKey(namespace, appId);
    return blobs.has(key) ? urls.sign(key, Set.of(Access.READ), validity).toString() : "";
  }

  @Override
  public String cacheUpload(String namespace, String appId, Duration validity) {
    return urls.sign(cacheKey(namespace, appId), Set.of(Access.WRITE), validity).toString();
  }

  /** App ids are any text, keys are not: a name made of the id stands for it. */
  private static String cacheKey(String namespace, String appId) {
    return "caches/"
        + namespace
        + "/"
        + UUID.nameUUIDFromBytes(appId.getBytes(StandardCharsets.UTF_8));
  }

  @Override
  public void discardDroplet(String dropletUri) {
    if (dropletUri.startsWith(BLOBS + DROPLETS) && !inUse().contains(dropletUri)) {
      blobs.delete(dropletUri.substring(BLOBS.length()));
    }
  }

  /** Deletes the droplets that nothing names any more, but for those just made. */
  void sweep() {
    var used = inUse();
    for (var blob : blobs.list(DROPLETS)) {
      var old = blob.lastModified().isBefore(clock.instant().minus(GRACE));
      if (old && !used.contains(BLOBS + blob.key()) && blobs.delete(blob.key())) {
        LOG.info("unused droplet deleted key={}", blob.key());
      }
    }
  }

  /**
   * Paths of the droplets that somebody names: asked of both sides, since either may be ahead of
   * the other.
   */
  private Set<String> inUse() {
    var used = new HashSet<String>();
    for (var request : namespaces.list(kubernetes, StagingRequest.class)) {
      var result = request.getStatus() == null ? null : request.getStatus().result();
      if (result != null
          && result.dropletUri() != null
          && request.getMetadata().getDeletionTimestamp() == null) {
        used.add(result.dropletUri());
      }
    }
    for (var lrp : namespaces.list(kubernetes, DesiredLRP.class)) {
      var droplet = lrp.getSpec().source().droplet();
      if (droplet != null && droplet.uri() != null) {
        used.add(droplet.uri());
      }
    }
    for (DesiredLRPResponse lrp : receptor.desiredLRPs("")) {
      collectDownloads(lrp.setup(), used);
    }
    return used;
  }

  private static void collectDownloads(@Nullable Action action, Set<String> paths) {
    for (var leaf : Action.leaves(action)) {
      if (leaf instanceof Action.Download download) {
        paths.add(URI.create(download.from()).getPath());
      }
    }
  }
}
