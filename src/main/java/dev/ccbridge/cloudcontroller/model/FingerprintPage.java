package dev.ccbridge.cloudcontroller.model;

import java.util.List;
import java.util.Optional;

/**
 * One page of what shall run.
 *
 * @param token JSON text that asks for the next page; empty: the answer had none, or null
 */
public record FingerprintPage(List<DesiredAppFingerprint> fingerprints, Optional<String> token) {
  /** Asks for the first page. */
  public static final String FIRST_TOKEN = "{}";

  public FingerprintPage {
    fingerprints = List.copyOf(fingerprints);
  }
}
