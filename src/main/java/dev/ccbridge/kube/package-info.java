/**
 * What Kubernetes asks of any operator, without a word of Cloud Foundry: conditions, labels, object
 * names and owner references as pure functions over metadata, and Events for transitions.
 */
@NullMarked
package dev.ccbridge.kube;

import org.jspecify.annotations.NullMarked;
