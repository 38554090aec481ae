/**
 * Images at a registry: what a reference names, an image's metadata, its layers as files, and the
 * copy of an image into another registry. Speaks version 2 of the registry's API, the distribution
 * specification of the Open Container Initiative; Diego's builder of August 2015 spoke version 1,
 * which no registry answers any more.
 */
@NullMarked
package dev.ccbridge.registry;

import org.jspecify.annotations.NullMarked;
