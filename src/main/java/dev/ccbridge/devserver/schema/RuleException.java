package dev.ccbridge.devserver.schema;

import dev.ccbridge.CcBridgeException;
import dev.ccbridge.ErrorKind;

/** A validation rule of a schema does not compile. */
public final class RuleException extends CcBridgeException {
  private static final long serialVersionUID = 1L;
  private final String field;
  private final String value;

  RuleException(String field, String value, String message) {
    super(ErrorKind.INVALID_REQUEST, message);
    this.field = field;
    this.value = value;
  }

  /** The rule, as JSON in the server's own form. */
  public String value() {
    return value;
  }

  /** Where in the schema, for example {@code properties[spec].x-kubernetes-validations[0].rule}. */
  public String field() {
    return field;
  }
}
