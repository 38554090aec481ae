/**
 * The Receptor in this process: task and LRP lifecycles, domain freshness and the event hub, kept
 * in one file, over a {@link dev.ccbridge.receptor.backend.Backend}. Answers to bbs (task and LRP
 * databases, convergence, hub), converger and auctioneer.
 */
@NullMarked
package dev.ccbridge.receptor.store;

import org.jspecify.annotations.NullMarked;
