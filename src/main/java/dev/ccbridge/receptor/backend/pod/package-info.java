/**
 * Containers as Pods: {@link dev.ccbridge.receptor.backend.pod.PodBackend}. The scheduler chooses
 * the cell, the kubelet runs the container, and what is known of it stands in the Pod, so that any
 * process that has the store can go on with it.
 *
 * <pre>
 *   place    Pod created ──scheduler──▶ bound to a node (the reservation)     or deleted again: no room
 *   run      of a task: Secret with the actions created ──▶ the kubelet can mount it, and starts the container
 *   stop     activeDeadlineSeconds 1 ──kubelet──▶ SIGTERM, grace, SIGKILL; the Pod and its log stay
 *   ended    container terminated ──▶ outcome from its termination message; a task's Secret goes
 *   destroy  Pod deleted, and with it all it owns
 * </pre>
 *
 * <p>An instance whose action is one program is that program: its setup is an init container, its
 * health check the kubelet's. In any other Pod a program of ours performs the actions.
 *
 * <p>A task's Pod without its Secret has begun nothing, and never begins by itself; its name is
 * made of the task's guid. So a task is run at most once, whoever dies in between.
 *
 * <p>The instances of an LRP share a Secret that is there before them, and so begin as soon as they
 * are on a node, before they are claimed; what is told of them is told after that. One that nobody
 * comes to claim, since who placed it died, is taken away by the next who leads.
 *
 * <p>Egress rules are NetworkPolicies, one for all Pods with equal rules, there before the first.
 *
 * <p>Differs from Diego: programs run as one user of the configuration, whatever user their action
 * names, and never privileged; downloads are not cached between containers.
 */
@NullMarked
package dev.ccbridge.receptor.backend.pod;

import org.jspecify.annotations.NullMarked;
