package dev.ccbridge.devserver.schema;

/**
 * One thing wrong with an object.
 *
 * @param field the path, as the API server writes it
 * @param message what is wrong, without the field, for example {@code Required value}
 */
public record FieldError(Type type, String field, String message) {
  /** The sort of error: text in messages, and reason in a Status. */
  public enum Type {
    REQUIRED("Required value", "FieldValueRequired"),
    INVALID("Invalid value", "FieldValueInvalid"),
    TYPE_INVALID("Invalid value", "FieldValueTypeInvalid"),
    NOT_SUPPORTED("Unsupported value", "FieldValueNotSupported"),
    FORBIDDEN("Forbidden", "FieldValueForbidden"),
    DUPLICATE("Duplicate value", "FieldValueDuplicate"),
    TOO_LONG("Too long", "FieldValueTooLong"),
    TOO_MANY("Too many", "FieldValueTooMany");

    private final String text;
    private final String reason;

    Type(String text, String reason) {
      this.text = text;
      this.reason = reason;
    }

    public String reason() {
      return reason;
    }
  }

  /** Without these the object's CEL rules cannot be evaluated. */
  public boolean preventsRules() {
    return switch (type) {
      case REQUIRED, TYPE_INVALID, NOT_SUPPORTED, TOO_LONG, TOO_MANY -> true;
      case INVALID, FORBIDDEN, DUPLICATE -> false;
    };
  }

  public static FieldError required(String field) {
    return new FieldError(Type.REQUIRED, field, Type.REQUIRED.text);
  }

  public static FieldError required(String field, String detail) {
    return new FieldError(Type.REQUIRED, field, Type.REQUIRED.text + ": " + detail);
  }

  /** The value as JSON, and what it should have been. */
  public static FieldError invalid(String field, String value, String detail) {
    return new FieldError(Type.INVALID, field, Type.INVALID.text + ": " + value + ": " + detail);
  }

  public static FieldError of(Type type, String field, String detail) {
    return new FieldError(type, field, type.text + ": " + detail);
  }

  @Override
  public String toString() {
    return field + ": " + message;
  }
}
