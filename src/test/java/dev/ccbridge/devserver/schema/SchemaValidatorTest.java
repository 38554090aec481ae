package dev.ccbridge.devserver.schema;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SchemaValidatorTest {

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{type: string}|1|f: Invalid value: \"integer\": f in body must be of type string: \"integer\"",
        "{type: integer}|1.5|f: Invalid value: \"float64\": f in body must be of type integer: \"float64\"",
        "{type: integer}|2.0|",
        "{type: number}|1|",
        "{type: string, minLength: 2}|\"a\"|f: Invalid value: \"a\": f in body should be at least 2 chars long",
        "{type: string, maxLength: 2}|\"abc\"|f: Too long: may not be more than 2 bytes",
        "{type: string, pattern: ^b}|\"a\"|f: Invalid value: \"a\": f in body should match '^b'",
        "{type: string, enum: [a, b]}|\"c\"|f: Unsupported value: \"c\": supported values: \"a\", \"b\"",
        "{type: integer, maximum: 3}|4|f: Invalid value: 4: f in body should be less than or equal to 3",
        "{type: integer, minimum: 3, exclusiveMinimum: true}|3|f: Invalid value: 3: f in body should be greater than 3",
        "{type: integer, multipleOf: 3}|4|f: Invalid value: 4: f in body should be a multiple of 3",
        "{type: array, maxItems: 1, items: {type: string}}|[\"a\",\"b\"]|f: Too many: 2: must have at most 1 items",
        "{type: array, x-kubernetes-list-type: set, items: {type: string}}|[\"a\",\"a\"]|f[1]: Duplicate value: \"a\"",
        "{type: object, required: [x]}|{}|f.x: Required value",
        "{type: object, additionalProperties: {type: string}}|{\"k\":1}|f.k: Invalid value: \"integer\": f.k in body must be of type string: \"integer\"",
        "{type: string, format: date-time}|\"now\"|f: Invalid value: \"now\": f in body must be of type date-time: \"now\"",
        "{type: string, nullable: true}|null|",
        "{type: string}|null|f: Invalid value: \"null\": f in body must be of type string: \"null\"",
        "{x-kubernetes-int-or-string: true}|true|f: Invalid value: \"boolean\": f in body must be of type integer,string: \"boolean\"",
        "{type: object, oneOf: [{required: [a]}, {required: [b]}]}|{}|f: Invalid value: \"\": f in body must validate one and only one schema (oneOf)",
        "{type: object, not: {required: [a]}}|{\"a\":1}|f: Invalid value: \"\": f in body must not validate the schema (not)"
      })
  void namesTheFieldAndWhatIsWrongWithIt(String schema, String value, String error)
      throws Exception {
    var parsed = Schema.of(Json.parseYaml(schema.getBytes()));

    var errors = SchemaValidator.validate(Json.parse(value), parsed, "f");

    if (error == null) {
      assertThat(errors).isEmpty();
    } else {
      assertThat(errors).extracting(FieldError::toString).containsExactly(error);
    }
  }
}
