package dev.ccbridge.receptor.model;

import static dev.ccbridge.receptor.model.GoJson.Names.AS_THEY_ARE;
import static dev.ccbridge.receptor.model.GoJson.Names.FOLDED;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.fasterxml.jackson.core.JsonProcessingException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class GoJsonTest {

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{\"a\":1,\"a\":2} | {\"a\":2}",
        "{\"a\":1,\"A\":2} | {\"a\":2}",
        "{\"a\":1,\"a\":null} | {\"a\":1}",
        "{\"a\":[1],\"a\":null} | {\"a\":null}",
        "{\"A\":{\"B\":[{\"C\":1.0}]}} | {\"a\":{\"b\":[{\"c\":1.0}]}}",
        "[null] x | [null]",
        "null | null"
      })
  void ofSeveralMembersTheLastCounts(String text, String expected) throws Exception {
    assertThat(GoJson.first(text, FOLDED).toString()).isEqualTo(expected);
  }

  @Test
  void namesOfTheSendersChoiceStay() throws Exception {
    assertThat(GoJson.only("{\"Web\":1,\"web\":2}", AS_THEY_ARE).toString())
        .isEqualTo("{\"Web\":1,\"web\":2}");
  }

  @ParameterizedTest
  @ValueSource(strings = {"{} x", "{}{}", "{", "\ufeff{}", "'a'", "{\"a\":01}", "{\"a\":\"\t\"}"})
  void whatGoRefusesIsRefused(String text) {
    assertThatExceptionOfType(JsonProcessingException.class)
        .isThrownBy(() -> GoJson.only(text, FOLDED));
  }

  @Test
  void halvesOfCharactersAreReplaced() throws Exception {
    var variable =
        ReceptorJson.mapper()
            .readValue(
                "{\"name\":\"\\ud83d\\ude00\",\"value\":\"\\udc00x\\ud800\"}",
                EnvironmentVariable.class);
    assertThat(variable.name()).isEqualTo("\ud83d\ude00");
    assertThat(variable.value()).isEqualTo("\ufffdx\ufffd");
  }

  @Test
  void aNumberIsNoState() {
    assertThatExceptionOfType(JsonProcessingException.class)
        .isThrownBy(() -> ReceptorJson.mapper().readValue("1", TaskState.class));
  }
}
