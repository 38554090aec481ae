package dev.ccbridge.registry;

import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * How to reach registries.
 *
 * @param official host (and port) that stands for the official index
 * @param insecure registries, as host and port, whose certificate is not looked at, and that may
 *     speak plain HTTP; loopback addresses need no mention
 * @param credentials by registry, as written in references; those of the official index by {@code
 *     ""}
 * @param timeout for a connection, and for an answer to begin
 * @param transferTimeout for one layer
 * @param maxBlobBytes no layer may be larger
 */
public record RegistryConfig(
    String official,
    Set<String> insecure,
    Map<String, Credentials> credentials,
    Duration timeout,
    Duration transferTimeout,
    long maxBlobBytes) {

  private static final long DEFAULT_MAX_BLOB_BYTES = 20L << 30;

  public RegistryConfig {
    insecure = Set.copyOf(insecure);
    credentials = Map.copyOf(credentials);
  }

  /** Docker's own registry for the official index; no credentials, nothing insecure. */
  public static RegistryConfig defaults() {
    return new RegistryConfig(
        "registry-1.docker.io",
        Set.of(),
        Map.of(),
        Duration.ofSeconds(30),
        Duration.ofMinutes(30),
        DEFAULT_MAX_BLOB_BYTES);
  }

  public RegistryConfig withOfficial(String host) {
    return new RegistryConfig(host, insecure, credentials, timeout, transferTimeout, maxBlobBytes);
  }

  /** {@code registries} besides those that are. */
  public RegistryConfig withInsecure(Set<String> registries) {
    var all = new HashSet<>(insecure);
    all.addAll(registries);
    return new RegistryConfig(official, all, credentials, timeout, transferTimeout, maxBlobBytes);
  }

  /**
   * @param registry as written in references; empty for the official index
   */
  public RegistryConfig withCredentials(String registry, Credentials ours) {
    var all = new HashMap<>(credentials);
    all.put(registry, ours);
    return new RegistryConfig(official, insecure, all, timeout, transferTimeout, maxBlobBytes);
  }

  public RegistryConfig withTimeouts(Duration answer, Duration transfer) {
    return new RegistryConfig(official, insecure, credentials, answer, transfer, maxBlobBytes);
  }

  public RegistryConfig withMaxBlobBytes(long bytes) {
    return new RegistryConfig(official, insecure, credentials, timeout, transferTimeout, bytes);
  }
}
