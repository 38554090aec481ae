package dev.ccbridge.stager;

import java.time.Duration;

/**
 * Where a task fetches from and leaves at the built-in file server and blob store. What these
 * methods return is permission in itself: it belongs in no log, status or event. Thread-safe.
 */
public interface ArtifactUrls {
  /** Absolute paths that begin so name a built-in buildpack: {@code <prefix><name>.tgz}. */
  String BUILDPACKS = "/v1/static/buildpacks/";

  /**
   * A URL for what is at {@code path}, an absolute path at the built-in file server or blob store.
   *
   * @param validity how long the URL must work
   */
  String download(String path, Duration validity);

  /** A URL that takes by POST the droplet that this task stages. */
  String dropletUpload(String taskGuid, Duration validity);

  /**
   * The absolute path at the blob store under which the droplet is found after that; the same at
   * every call. Holds no permission.
   */
  String dropletUri(String taskGuid);

  /** The cache of an app's builds; empty: there is none yet. */
  String cacheDownload(String namespace, String appId, Duration validity);

  /** A URL that takes the cache of an app's builds by POST. */
  String cacheUpload(String namespace, String appId, Duration validity);

  /**
   * The request that staged this droplet is gone: so is the droplet, now or as soon as nothing runs
   * it any more. Unknown ones are no error.
   */
  void discardDroplet(String dropletUri);
}
