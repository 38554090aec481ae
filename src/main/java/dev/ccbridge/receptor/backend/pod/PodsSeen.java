package dev.ccbridge.receptor.backend.pod;

import io.fabric8.kubernetes.api.model.Pod;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** All Pods of ours as they were known at one moment, each with what its status says. Pure. */
final class PodsSeen {
  private static final Duration LONG_START = Duration.ofSeconds(30);

  private final List<Seen> all;
  private final Instant now;

  /** One of them. */
  record Seen(Pod pod, PodState state) {
    boolean hasEnded() {
      return state instanceof PodState.Ended;
    }

    boolean isInstance() {
      return !PodMarks.isTask(pod);
    }
  }

  PodsSeen(Collection<Pod> pods, Instant now) {
    this.all = pods.stream().map(pod -> new Seen(pod, PodState.of(pod, now))).toList();
    this.now = now;
  }

  List<Seen> all() {
    return all;
  }

  /** Keys of the egress rules that they have. */
  Set<String> egress() {
    return all.stream().map(one -> PodMarks.egress(one.pod())).collect(Collectors.toSet());
  }

  /** Those that have not begun for long: they may wait for what somebody has deleted. */
  Stream<Pod> longInStarting() {
    return all.stream()
        .filter(one -> one.state() instanceof PodState.Starting)
        .map(Seen::pod)
        .filter(pod -> Pods.creation(pod).isBefore(now.minus(LONG_START)));
  }

  Stream<Pod> instancesOn(Set<String> nodes) {
    return all.stream()
        .filter(Seen::isInstance)
        .map(Seen::pod)
        .filter(pod -> pod.getSpec().getNodeName() != null)
        .filter(pod -> nodes.contains(pod.getSpec().getNodeName()));
  }

  /** Names of the Secrets of instances that have not ended. */
  Set<String> secrets() {
    return all.stream()
        .filter(one -> one.isInstance() && !one.hasEnded())
        .flatMap(one -> PodManifests.findSecretName(one.pod()).stream())
        .collect(Collectors.toSet());
  }

  /** Those that nobody has told to end. */
  Stream<Pod> goingOn() {
    return all.stream()
        .filter(one -> !one.hasEnded())
        .map(Seen::pod)
        .filter(pod -> !Pods.isStopped(pod) && pod.getMetadata().getDeletionTimestamp() == null);
  }
}
