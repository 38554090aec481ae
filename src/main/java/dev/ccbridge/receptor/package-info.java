/**
 * The {@link dev.ccbridge.receptor.Receptor} interface: the operations of the Receptor API and its
 * event stream.
 */
@NullMarked
package dev.ccbridge.receptor;

import org.jspecify.annotations.NullMarked;
