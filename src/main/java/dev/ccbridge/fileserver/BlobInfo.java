package dev.ccbridge.fileserver;

import java.time.Instant;

/**
 * What is known of a stored blob without reading it.
 *
 * @param size in bytes
 * @param md5 of the content, 32 hex digits in lower case; also its ETag
 * @param sha256 of the content, 64 hex digits in lower case
 * @param lastModified when it was put
 */
public record BlobInfo(String key, long size, String md5, String sha256, Instant lastModified) {}
