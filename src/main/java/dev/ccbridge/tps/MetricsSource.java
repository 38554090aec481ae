package dev.ccbridge.tps;

import java.util.List;

/** Where it is known what instances use. */
@FunctionalInterface
public interface MetricsSource {
  /** Knows nothing: the built-in Receptor measures nothing. */
  MetricsSource NONE = (logGuid, authorization) -> List.of();

  /**
   * The latest metrics of an app's instances, any number for each, the last of an index counts.
   *
   * @param logGuid the desired LRP's
   * @param authorization of the caller, as it came; a secret
   * @throws MetricsException when they cannot be had
   */
  List<ContainerMetric> containerMetrics(String logGuid, String authorization);
}
