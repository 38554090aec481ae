package dev.ccbridge.stager.recipe;

import com.fasterxml.jackson.core.JsonProcessingException;
import dev.ccbridge.cloudcontroller.model.StagingTaskAnnotation;
import dev.ccbridge.receptor.model.ReceptorJson;

/** The annotation of a staging task: which lifecycle it is of. */
final class Annotations {
  private Annotations() {}

  static String of(String lifecycle) {
    try {
      return ReceptorJson.mapper().writeValueAsString(new StagingTaskAnnotation(lifecycle));
    } catch (JsonProcessingException plainText) {
      throw new IllegalStateException(plainText);
    }
  }
}
