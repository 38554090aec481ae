package dev.ccbridge.receptor.backend;

import dev.ccbridge.CcBridgeException;
import dev.ccbridge.ErrorKind;

/** No cell can take the container. The message is the placement error of the reference. */
public final class PlacementException extends CcBridgeException {
  private static final long serialVersionUID = 1L;
  public static final String INSUFFICIENT_RESOURCES = "insufficient resources";
  public static final String NO_COMPATIBLE_CELL = "found no compatible cell";

  public PlacementException(String placementError) {
    super(ErrorKind.UNAVAILABLE, placementError);
  }
}
