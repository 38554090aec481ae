/**
 * Publishes any {@link dev.ccbridge.receptor.Receptor} as Receptor API v1: REST and the event
 * stream. Answers to receptor/handlers.
 */
@NullMarked
package dev.ccbridge.receptor.server;

import org.jspecify.annotations.NullMarked;
