/**
 * Requests that the original components were given, and what they did, against ours: through the
 * real HTTP handlers, checked at the neighbours' side of the wire.
 */
@NullMarked
package dev.ccbridge.vectors;

import org.jspecify.annotations.NullMarked;
