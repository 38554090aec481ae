package dev.ccbridge.receptor.store;

import dev.ccbridge.CcBridgeException;
import dev.ccbridge.ErrorKind;
import java.time.Duration;

/**
 * Settings of the in-process Receptor.
 *
 * @param kickInterval how long a task, or an unplaced instance, may stay unchanged before
 *     convergence takes it up again
 * @param expirePending a task that did not start within this time fails
 * @param expireCompleted a finished task is deleted this long after its end, whether or not anybody
 *     got its outcome
 * @param evacuationTimeout how long an instance stays on a cell that is to be emptied, at the most,
 *     waiting for its replacement
 * @param convergeInterval time between two rounds of convergence
 * @param callbackWorkers completion callbacks made at the same time
 * @param callbackTimeout for one attempt of a completion callback
 */
public record ReceptorStoreConfig(
    Duration kickInterval,
    Duration expirePending,
    Duration expireCompleted,
    Duration evacuationTimeout,
    Duration convergeInterval,
    int callbackWorkers,
    Duration callbackTimeout) {

  /** Source: {@code -communicationTimeout} of the receptor. */
  public static final Duration DEFAULT_CALLBACK_TIMEOUT = Duration.ofSeconds(10);

  public ReceptorStoreConfig {
    requirePositive("kickInterval", kickInterval);
    requirePositive("expirePending", expirePending);
    requirePositive("expireCompleted", expireCompleted);
    requirePositive("evacuationTimeout", evacuationTimeout);
    requirePositive("convergeInterval", convergeInterval);
    requirePositive("callbackTimeout", callbackTimeout);
    if (callbackWorkers < 1) {
      throw new CcBridgeException(
          ErrorKind.INVALID_REQUEST, "callbackWorkers must be at least 1, was " + callbackWorkers);
    }
  }

  /** The numbers of the original. Source: converger/cmd/converger/main.go, rep/cmd/rep/main.go. */
  public static ReceptorStoreConfig defaults() {
    return new ReceptorStoreConfig(
        Duration.ofSeconds(30),
        Duration.ofMinutes(30),
        Duration.ofSeconds(120),
        Duration.ofMinutes(10),
        Duration.ofSeconds(30),
        20,
        DEFAULT_CALLBACK_TIMEOUT);
  }

  public ReceptorStoreConfig withExpireCompleted(Duration expireCompleted) {
    return new ReceptorStoreConfig(
        kickInterval,
        expirePending,
        expireCompleted,
        evacuationTimeout,
        convergeInterval,
        callbackWorkers,
        callbackTimeout);
  }

  public ReceptorStoreConfig withCallbackTimeout(Duration callbackTimeout) {
    return new ReceptorStoreConfig(
        kickInterval,
        expirePending,
        expireCompleted,
        evacuationTimeout,
        convergeInterval,
        callbackWorkers,
        callbackTimeout);
  }

  private static void requirePositive(String name, Duration value) {
    if (!value.isPositive()) {
      throw new CcBridgeException(
          ErrorKind.INVALID_REQUEST, name + " must be longer than zero, was " + value);
    }
  }
}
