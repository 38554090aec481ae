package dev.ccbridge.bench;

import dev.ccbridge.api.StagingRequest;
import io.fabric8.kubernetes.client.utils.Serialization;

/** StagingRequests as a user writes them. */
final class StagingRequests {
  private StagingRequests() {}

  /** Without limits, so that the size of the machine does not matter. */
  static StagingRequest of(String name, String source) {
    return Serialization.unmarshal(
        """
        apiVersion: ccbridge.dev/v1alpha1
        kind: StagingRequest
        metadata:
          name: %s
          namespace: default
        spec:
          memoryMB: 0
          diskMB: 0
          buildpack:
            appBits:
              uri: %s
        """
            .formatted(name, source),
        StagingRequest.class);
  }
}
