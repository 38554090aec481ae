package dev.ccbridge.devserver.schema;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CelRulesTest {
  private static final String OBJECT =
      """
      type: object
      properties:
        s: {type: string}
        n: {type: integer}
        d: {type: number}
        namespace: {type: string}
        a-b: {type: string}
        since: {type: string, format: date-time}
        wait: {type: string, format: duration}
        list: {type: array, items: {type: string}}
        map: {type: object, additionalProperties: {type: string}}
        port: {x-kubernetes-int-or-string: true}
      x-kubernetes-validations: [{rule: "%s", message: wrong}]
      """;

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "has(self.s)|{\"s\":\"a\"}|true",
        "has(self.s)|{}|false",
        "self.n > 1|{\"n\":2}|true",
        "self.d * 2.0 == 3.0|{\"d\":1.5}|true",
        "self.d <= 2.0|{\"d\":2}|true",
        "self.__namespace__ == 'x'|{\"namespace\":\"x\"}|true",
        "self.a__dash__b == 'x'|{\"a-b\":\"x\"}|true",
        "self.since.getFullYear() == 2026|{\"since\":\"2026-01-01T00:00:00Z\"}|true",
        "self.wait > duration('1m')|{\"wait\":\"90s\"}|true",
        "self.list.all(x, x.startsWith('a'))|{\"list\":[\"ab\",\"b\"]}|false",
        "self.list.exists_one(x, x == 'b')|{\"list\":[\"ab\",\"b\"]}|true",
        "self.list.isSorted()|{\"list\":[\"a\",\"b\"]}|true",
        "self.list.indexOf('b') == 1|{\"list\":[\"a\",\"b\"]}|true",
        "'k' in self.map && self.map['k'].size() == 3|{\"map\":{\"k\":\"abc\"}}|true",
        "self.s.matches('^[a-z]+$')|{\"s\":\"abc\"}|true",
        "self.s.split(',').size() == 2|{\"s\":\"a,b\"}|true",
        "self.s.find('[0-9]+') == '12'|{\"s\":\"a12b\"}|true",
        "isURL(self.s)|{\"s\":\"http://a\"}|true",
        "type(self.port) == int ? self.port < 10 : self.port.endsWith('%%')|{\"port\":\"5%%\"}|true",
        "has(self.s) ? self.s != '' : true|{\"s\":\"\"}|false"
      })
  void evaluatesWhatKubernetesOffers(String rule, String value, boolean holds) throws Exception {
    var rules = rules(OBJECT.formatted(rule.replace("%%", "%")));

    var errors = rules.check(Json.parse(value.replace("%%", "%")), null, "spec");

    assertThat(errors)
        .extracting(FieldError::toString)
        .isEqualTo(holds ? java.util.List.of() : java.util.List.of("spec: Invalid value: wrong"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"self.nope == 1", "self.n == 'a'", "self.n", "quantity(self.s)", "1 +"})
  void refusesRulesThatDoNotFitTheSchema(String rule) {
    assertThatThrownBy(() -> rules(OBJECT.formatted(rule)))
        .isInstanceOfSatisfying(
            RuleException.class,
            refused ->
                assertThat(refused.field()).isEqualTo("top.x-kubernetes-validations[0].rule"));
  }

  @Test
  void comparesWithTheOldValueWhenThereIsOne() throws Exception {
    var rules = rules(OBJECT.formatted("self.n >= oldSelf.n"));

    assertThat(rules.check(Json.parse("{\"n\": 1}"), null, "")).isEmpty();
    assertThat(rules.check(Json.parse("{\"n\": 2}"), Json.parse("{\"n\": 1}"), "")).isEmpty();
    assertThat(rules.check(Json.parse("{\"n\": 1}"), Json.parse("{\"n\": 2}"), "")).hasSize(1);
  }

  @Test
  void comparesTheItemsOfAListMapByTheirKeys() throws Exception {
    var rules =
        rules(
            """
            type: array
            x-kubernetes-list-type: map
            x-kubernetes-list-map-keys: [k]
            items:
              type: object
              properties: {k: {type: string}, v: {type: integer}}
              x-kubernetes-validations: [{rule: self.v >= oldSelf.v, message: shrunk}]
            """);

    var errors =
        rules.check(
            Json.parse("[{\"k\": \"new\", \"v\": 0}, {\"k\": \"a\", \"v\": 1}]"),
            Json.parse("[{\"k\": \"a\", \"v\": 2}]"),
            "list");

    assertThat(errors).extracting(FieldError::field).containsExactly("list[1]");
  }

  @Test
  void saysWhichRuleCouldNotBeEvaluated() throws Exception {
    var rules = rules(OBJECT.formatted("10 / self.n > 1"));

    assertThat(rules.check(Json.parse("{\"n\": 0}"), null, "spec"))
        .extracting(FieldError::message)
        .containsExactly("Invalid value: \"object\": division by zero evaluating rule: wrong");
  }

  private static CelRules rules(String schema) throws IOException {
    return CelRules.compile(Schema.of(Json.parseYaml(schema.getBytes())), "top");
  }
}
