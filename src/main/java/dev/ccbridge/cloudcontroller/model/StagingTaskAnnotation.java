package dev.ccbridge.cloudcontroller.model;

import com.fasterxml.jackson.annotation.JsonProperty;

/** What a staging task's annotation holds: which lifecycle its result is of. */
public record StagingTaskAnnotation(@JsonProperty("lifecycle") String lifecycle) {
  public StagingTaskAnnotation {
    lifecycle = Absent.text(lifecycle);
  }
}
