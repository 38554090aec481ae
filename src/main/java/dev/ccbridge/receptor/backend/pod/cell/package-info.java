/**
 * The program inside a Pod: {@link dev.ccbridge.receptor.backend.pod.cell.CellProgram} performs the
 * actions of one container, as its first process, and tells what became of them by the container's
 * log and its termination message. Answers to the part of Diego's executor that ran beside garden,
 * here with nothing between it and the programs.
 *
 * <p>Where the action is one program, this one performs the setup in a container before it, and
 * then gives its place to the program.
 *
 * <p>It needs nothing of the image: its Java runtime comes with its own loader and C library, below
 * {@link dev.ccbridge.receptor.backend.pod.cell.CellPaths}. It has no rights at the Kubernetes API.
 */
@NullMarked
package dev.ccbridge.receptor.backend.pod.cell;

import org.jspecify.annotations.NullMarked;
