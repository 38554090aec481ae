package dev.ccbridge.api;

/** The reasons that a condition of a {@link DesiredLRP} can have; there are no others. */
public final class LRPReasons {
  /** All wanted instances of the current version run. */
  public static final String RUNNING = "Running";

  /** Instances are on their way. */
  public static final String STARTING = "Starting";

  /** An instance crashed and is started again. */
  public static final String INSTANCE_CRASHED = "InstanceCrashed";

  /** A new version runs; the old one is there still. */
  public static final String ROLLING_OUT = "RollingOut";

  /** The old version has to go before the new one comes. */
  public static final String RECREATING = "Recreating";

  /** The resource is deleted; instances are stopping. */
  public static final String DELETING = "Deleting";

  /** The StagingRequest has no result yet, or is not there. */
  public static final String WAITING_FOR_STAGING = "WaitingForStaging";

  /** The StagingRequest failed or was cancelled. */
  public static final String STAGING_FAILED = "StagingFailed";

  /** What the spec says cannot be run. */
  public static final String INVALID_RECIPE = "InvalidRecipe";

  /** An older resource has the same process guid. */
  public static final String PROCESS_GUID_IN_USE = "ProcessGuidInUse";

  /** A Secret, or its key, that the environment refers to is not there. */
  public static final String SECRET_MISSING = "SecretMissing";

  /** An instance crashed three times or more in succession. */
  public static final String CRASH_LOOPING = "CrashLooping";

  /** No cell takes an instance. */
  public static final String PLACEMENT_FAILED = "PlacementFailed";

  /** The Receptor does not answer; tried again. */
  public static final String RECEPTOR_UNAVAILABLE = "ReceptorUnavailable";

  /** Something else failed; tried again. */
  public static final String INTERNAL_ERROR = "InternalError";

  /** Of the condition EgressEnforced: not all egress rules are. */
  public static final String NOT_ENFORCED = "NotEnforced";

  private LRPReasons() {}
}
