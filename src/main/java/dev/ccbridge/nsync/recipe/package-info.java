/**
 * Desire-app messages of Cloud Controller become desired LRPs. Pure: nothing here reads or writes
 * anything outside; the only chance is in the ssh keys, and their source is handed in. Answers to
 * nsync/recipebuilder.
 */
@NullMarked
package dev.ccbridge.nsync.recipe;

import org.jspecify.annotations.NullMarked;
