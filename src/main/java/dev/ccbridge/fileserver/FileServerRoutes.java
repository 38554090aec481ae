package dev.ccbridge.fileserver;

import dev.ccbridge.CcBridgeException;
import dev.ccbridge.web.Router;

/** Puts the static files and the blobs on a router. */
public final class FileServerRoutes {
  static final String STATIC = "/v1/static/";
  static final String BLOBS = "/v1/blobs/";

  private final StaticFiles staticFiles;
  private final BlobRoutes blobRoutes;

  /**
   * @throws CcBridgeException INVALID_REQUEST when a static directory is not there
   */
  public FileServerRoutes(FileServerConfig config, BlobStore blobs, SignedUrls urls) {
    this.staticFiles = new StaticFiles(config.staticDirectories());
    this.blobRoutes = new BlobRoutes(blobs, urls, config.maxBlobBytes());
  }

  /** GET and HEAD of static files for everybody; blobs by signed URL, never a list of them. */
  public Router addTo(Router router) {
    return router
        .route("GET", STATIC + "*path", staticFiles)
        .route("GET", BLOBS + "*key", blobRoutes::get)
        .route("PUT", BLOBS + "*key", blobRoutes::put)
        .route("POST", BLOBS + "*key", blobRoutes::put)
        .route("DELETE", BLOBS + "*key", blobRoutes::delete);
  }
}
