/**
 * Hands out and takes files: the static lifecycle archives as Diego's file server did ({@code
 * /v1/static/…}), and a blob store for app bits, buildpacks, droplets and caches ({@code
 * /v1/blobs/…}) behind signed URLs. {@link dev.ccbridge.fileserver.FileServerRoutes} puts both on a
 * router; {@link dev.ccbridge.fileserver.BlobStore} and {@link dev.ccbridge.fileserver.SignedUrls}
 * serve the operator directly. Files of any size are streamed. Source of the static part:
 * file-server handlers/static, over Go's net/http fs.go.
 */
@NullMarked
package dev.ccbridge.fileserver;

import org.jspecify.annotations.NullMarked;
