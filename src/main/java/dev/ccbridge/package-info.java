/**
 * The root: {@link dev.ccbridge.CcBridgeException} and {@link dev.ccbridge.ErrorKind}, the two
 * words every room shares, and nothing else.
 */
@NullMarked
package dev.ccbridge;

import org.jspecify.annotations.NullMarked;
