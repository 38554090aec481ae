package dev.ccbridge.api;

/** The reasons of a StagingRequest's conditions and events; beside them only Diego's error ids. */
public final class StagingReasons {
  /** The request waits to be looked at. */
  public static final String PENDING = "Pending";

  /** The task is being created, or waits for a cell. */
  public static final String TASK_CREATED = "TaskCreated";

  /** The task runs. */
  public static final String STAGING = "Staging";

  /** The droplet is there. */
  public static final String STAGED = "Staged";

  public static final String CANCELLED = "Cancelled";

  /** The task is told to stop. */
  public static final String CANCELLING = "Cancelling";

  /** The Receptor cannot be reached; tried again by itself. */
  public static final String RECEPTOR_UNAVAILABLE = "ReceptorUnavailable";

  /** The caching registry cannot be looked up; tried again by itself. */
  public static final String DOCKER_REGISTRY_UNAVAILABLE = "DockerRegistryUnavailable";

  /** A Secret or a key of it is missing; looked for again by itself. */
  public static final String SECRET_MISSING = "SecretMissing";

  /** Of the condition Delivered: the callback was acknowledged. */
  public static final String ACKNOWLEDGED = "Acknowledged";

  /** Of the condition Delivered: the last attempt failed; tried again by itself. */
  public static final String RETRYING = "Retrying";

  /** Of the condition Delivered: whoever was to be told does not want to know; not tried again. */
  public static final String REFUSED = "Refused";

  public static final String EVENT_STARTED = "StagingStarted";
  public static final String EVENT_SUCCEEDED = "StagingSucceeded";
  public static final String EVENT_FAILED = "StagingFailed";
  public static final String EVENT_CANCELLED = "StagingCancelled";
  public static final String EVENT_STALLED = "StagingStalled";
  public static final String EVENT_REFUSED = "CallbackRefused";

  /** Of the condition EgressEnforced: not all egress rules are. */
  public static final String NOT_ENFORCED = "NotEnforced";

  private StagingReasons() {}
}
