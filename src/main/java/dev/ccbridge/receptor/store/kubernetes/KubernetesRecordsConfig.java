package dev.ccbridge.receptor.store.kubernetes;

import java.time.Duration;

/**
 * Settings of the records in a cluster.
 *
 * @param namespace of the Secrets
 * @param name tells this Receptor's records from those of another one in the same namespace; a
 *     label's value in lower case
 * @param parallelWrites most requests that write at the same time
 * @param firstPause before a request is tried again; it doubles with each failure
 * @param longestPause between two attempts
 * @param patience how long a write is tried before who waits for it is told that it is refused
 */
public record KubernetesRecordsConfig(
    String namespace,
    String name,
    int parallelWrites,
    Duration firstPause,
    Duration longestPause,
    Duration patience) {

  public static KubernetesRecordsConfig defaults(String namespace) {
    return new KubernetesRecordsConfig(
        namespace,
        "cc-bridge",
        16,
        Duration.ofMillis(100),
        Duration.ofSeconds(5),
        Duration.ofSeconds(10));
  }

  public KubernetesRecordsConfig withPatience(Duration other) {
    return new KubernetesRecordsConfig(
        namespace, name, parallelWrites, firstPause, longestPause, other);
  }
}
