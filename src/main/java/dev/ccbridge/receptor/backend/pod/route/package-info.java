/**
 * Routes of LRPs that run as Pods: a Service for each, and, where a gateway is configured, an
 * HTTPRoute for each host name. Answers to Diego's route-emitter: it reads the same routes of the
 * same events, and knows nothing of who desired an LRP. Nothing but the router's part of an LRP's
 * routes is looked at.
 *
 * <p>Which instances take traffic Kubernetes itself knows: those whose Pods are ready.
 */
@NullMarked
package dev.ccbridge.receptor.backend.pod.route;

import org.jspecify.annotations.NullMarked;
