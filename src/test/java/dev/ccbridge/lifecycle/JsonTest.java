package dev.ccbridge.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.Arrays;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JsonTest {
  @Test
  void writesStringsAsGoDoes() {
    var text = "a && b < \"c\" \\ > \n \r \t \u0001 \u2028 \u2029 é 🚀";

    assertThat(Json.write(text))
        .isEqualTo(
            "\"a \\u0026\\u0026 b \\u003c \\\"c\\\" \\\\ \\u003e \\n \\r \\u0009 \\u0001"
                + " \\u2028 \\u2029 é 🚀\"");
  }

  @Test
  void whatWasReadIsWrittenWithSortedKeysAndEveryDigit() throws IOException {
    var json =
        "{ \"b\": [1.50, -0, 12345678901234567890, true, null, {}], \"a\": {\"d\":[],\"c\":\"x\"} }";

    assertThat(Json.write(Json.parse(json)))
        .isEqualTo(
            "{\"a\":{\"c\":\"x\",\"d\":[]},\"b\":[1.50,-0,12345678901234567890,true,null,{}]}");
  }

  @Test
  void writesTheValuesOfOurOwnPrograms() {
    assertThat(Json.write(Arrays.asList("x", 1L, null, Map.of("k", 2))))
        .isEqualTo("[\"x\",1,null,{\"k\":2}]");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", " ", "{", "{} x", "{\"a\":s3cret}", "[1,]", "nul"})
  void refusesWhatIsNotExactlyOneValueWithoutRepeatingIt(String text) {
    assertThatThrownBy(() -> Json.parse(text))
        .isInstanceOf(IOException.class)
        .hasMessageNotContaining("s3cret");
  }

  @Test
  void anythingButAnObjectIsNoObject() throws IOException {
    assertThat(Json.parseObject("[]")).isNull();
    assertThat(Json.parseObject("null")).isNull();
    assertThat(Json.parseObject("{}")).isEmpty();
  }
}
