/**
 * Takes droplets and build artifacts caches from cells and passes them on to a Cloud Controller, as
 * multipart, streamed; waits for CC's job when the upload starts one. {@link
 * dev.ccbridge.uploader.UploaderRoutes} puts it on a router. Answers to cc-uploader @a49da53.
 */
@NullMarked
package dev.ccbridge.uploader;

import org.jspecify.annotations.NullMarked;
