/**
 * Compares what Cloud Controller wants with what there is, in rounds, and writes the difference as
 * resources: what the listener missed, or somebody changed. Answers to nsync/bulk @fb3fab5.
 */
@NullMarked
package dev.ccbridge.nsync.bulk;

import org.jspecify.annotations.NullMarked;
