/**
 * Containers as processes of this machine: {@link
 * dev.ccbridge.receptor.backend.process.ProcessBackend}. Answers to garden-linux and to the cell's
 * executor, for trying and for laptops; it keeps containers apart, it does not wall them in.
 *
 * <p>Each container is a directory with its own {@code /tmp} and {@code /home/vcap}. Where Linux
 * namespaces may be used, programs see these under their names, in a process namespace of their
 * own; elsewhere the paths that an action declares are rewritten. Programs are watched by small
 * shell scripts that outlive the operator, so that a task is gone on with after the operator was
 * killed.
 *
 * <p>Differs from Diego: programs run as the operator's own user, whatever user their action names;
 * the network is the machine's, so ports are host ports, and egress rules, CPU weights and disk
 * limits have no effect beyond placement.
 */
@NullMarked
package dev.ccbridge.receptor.backend.process;

import org.jspecify.annotations.NullMarked;
