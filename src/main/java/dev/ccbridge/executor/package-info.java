/**
 * Interprets an action tree inside a container: what each action means, its messages, cancellation,
 * progress, and how a task is gone on with after the operator died. Written once; whatever runs
 * containers lends it a {@link dev.ccbridge.executor.Sandbox}. Answers to executor/depot/steps,
 * depot/transformer and cacheddownloader.
 */
@NullMarked
package dev.ccbridge.executor;

import org.jspecify.annotations.NullMarked;
