package dev.ccbridge.cloudcontroller.model;

/** The error ids that CC knows, each constant spelt as it is sent. */
public enum StagingErrorId {
  StagingError,
  NoAppDetectedError,
  BuildpackCompileFailed,
  BuildpackReleaseFailed,
  InsufficientResources,
  NoCompatibleCell
}
