/**
 * Carries a StagingRequest through: makes its task at the Receptor, waits for it, writes what came
 * of it into the status and tells who asked. {@link dev.ccbridge.stager.StagingRequestReconciler}
 * reads top to bottom; {@link dev.ccbridge.stager.Stager} alone decides. Answers to
 * stager @1847376.
 */
@NullMarked
package dev.ccbridge.stager;

import org.jspecify.annotations.NullMarked;
