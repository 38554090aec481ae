package dev.ccbridge.operator;

import dev.ccbridge.CcBridgeException;
import dev.ccbridge.ErrorKind;

/** A setting is wrong; the message has its name, its value and what was expected. */
public final class ConfigException extends CcBridgeException {
  private static final long serialVersionUID = 1L;

  public ConfigException(String message) {
    super(ErrorKind.INVALID_REQUEST, message);
  }
}
