/**
 * What the Receptor's store asks of whatever runs containers: {@link
 * dev.ccbridge.receptor.backend.Backend}.
 */
@NullMarked
package dev.ccbridge.receptor.backend;

import org.jspecify.annotations.NullMarked;
