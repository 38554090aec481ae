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
 * <p>A root file system {@code docker://…} is an image from a registry, for which user namespaces
 * are needed. What its programs change lies over it and goes with the container. The container has
 * {@code /tmp}, {@code /home/vcap}, {@code /dev}, {@code /proc}, {@code /etc/hosts} and {@code
 * /etc/resolv.conf} of its own or the machine's, and at {@code /.cc-bridge} what the lifecycle's
 * programs need.
 *
 * <p>Where the operator is root, programs run as the user their action names, {@code vcap} as a
 * number that is the container's own: {@link dev.ccbridge.receptor.backend.process.Accounts}.
 * Memory and the number of processes are limited where control groups may be made.
 *
 * <p>Differs from Diego: elsewhere programs run as the operator's own user; the network is the
 * machine's, so ports are host ports, and egress rules, CPU weights and disk limits have no effect
 * beyond placement.
 */
@NullMarked
package dev.ccbridge.receptor.backend.process;

import org.jspecify.annotations.NullMarked;
