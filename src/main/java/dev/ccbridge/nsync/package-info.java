/**
 * Keeps what runs in step with what is wanted: the reconciler of {@link
 * dev.ccbridge.api.DesiredLRP} and the cache of the Receptor's LRPs that it works from; and the
 * listener that makes such resources of what Cloud Controller sends. Answers to nsync's listener and
 * bulker.
 */
@NullMarked
package dev.ccbridge.nsync;

import org.jspecify.annotations.NullMarked;
