/**
 * Announces an address to CF's router over NATS, as long as it is served. Answers to
 * cloudfoundry/gunk/natbeat, which the receptor and others used.
 */
@NullMarked
package dev.ccbridge.router;

import org.jspecify.annotations.NullMarked;
