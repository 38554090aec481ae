package dev.ccbridge.receptor.store;

import com.fasterxml.jackson.annotation.JsonProperty;

/**
 * A domain that was declared complete.
 *
 * @param freshUntil nanoseconds since the epoch; 0: for ever
 */
record StoredDomain(@JsonProperty("fresh_until") long freshUntil) {

  boolean isFresh(long now) {
    return freshUntil == 0 || now < freshUntil;
  }
}
