package dev.ccbridge.tps;

import dev.ccbridge.CcBridgeException;
import dev.ccbridge.ErrorKind;

/**
 * How the listener answers.
 *
 * @param maxInFlightRequests requests answered at a time over all routes; more are refused with
 *     503. 0 refuses all
 * @param bulkCallsAtATime calls to the Receptor at a time for one bulk request
 */
public record TpsListenerConfig(int maxInFlightRequests, int bulkCallsAtATime) {
  /** The originals' numbers. Source: tps cmd/tps-listener/main.go, handler/bulklrpstatus. */
  public static final TpsListenerConfig DEFAULT = new TpsListenerConfig(200, 15);

  public TpsListenerConfig {
    if (maxInFlightRequests < 0 || bulkCallsAtATime < 1) {
      throw new CcBridgeException(
          ErrorKind.INVALID_REQUEST,
          "maxInFlightRequests must be 0 or more and bulkCallsAtATime 1 or more, were "
              + maxInFlightRequests
              + " and "
              + bulkCallsAtATime);
    }
  }
}
