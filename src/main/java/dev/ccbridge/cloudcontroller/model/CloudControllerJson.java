package dev.ccbridge.cloudcontroller.model;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.ccbridge.receptor.model.ReceptorJson;

/** JSON as CC and the originals exchange it: by the same rules as the Receptor's. */
public final class CloudControllerJson {
  private CloudControllerJson() {}

  /** Must not be configured further. Thread-safe. */
  public static ObjectMapper mapper() {
    return ReceptorJson.mapper();
  }
}
