/**
 * Traces of what is done, handed to an OpenTelemetry collector. Knows no word of Cloud Foundry; the
 * only room that knows OpenTelemetry, whose classes are loaded only where a collector is named.
 */
@NullMarked
package dev.ccbridge.tracing;

import org.jspecify.annotations.NullMarked;
