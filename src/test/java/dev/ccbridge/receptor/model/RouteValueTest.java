package dev.ccbridge.receptor.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonProcessingException;
import java.io.ByteArrayInputStream;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RouteValueTest {
  /** As the original tells what was sent: json.Compact with the escapes of json.Marshal. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "1E5                       | 1E5",
        "-0                        | -0",
        "1.50e+03                  | 1.50e+03",
        "0.1000000000000000000000001 | 0.1000000000000000000000001",
        "123456789012345678901234567890 | 123456789012345678901234567890",
        "\"\"                      | \"\"",
        "\"\\u0061\\/b\\\"c\\\\\"  | \"\\u0061\\/b\\\"c\\\\\"",
        "\"a  <b> & c\\u003c\"     | \"a  \\u003cb\\u003e \\u0026 c\\u003c\"",
        "\"ü☃𝄞\u2028\u2029\"       | \"ü☃𝄞\\u2028\\u2029\"",
        "true                      | true",
        "{\"b\" : 1 , \"a\" : 2, \"b\":3} | {\"b\":1,\"a\":2,\"b\":3}",
        "[ 1 , [ ] , { } , \"x y\" , null ] | [1,[],{},\"x y\",null]",
      })
  void isToldAsItWasSent(String sent, String told) throws Exception {
    for (var before :
        new String[] {"", "\"first\":[\"ü☃\"], ", "\"a\":\"" + "x".repeat(9000) + "\","}) {
      var json =
          "{\"annotation\":\"ü\", \"routes\" : {" + before + "\"r\":" + sent + " , \"z\": 1}}";
      for (var update : readInEveryWay(json)) {
        var value = update.routes().get("r");
        assertThat(value.json()).isEqualTo(told);
        assertThat(value.sentBytes()).isEqualTo(sent.getBytes(StandardCharsets.UTF_8).length);
        assertThat(ReceptorJson.mapper().writeValueAsString(update))
            .contains("\"r\":" + told + ",");
      }
    }
  }

  private static DesiredLRPUpdateRequest[] readInEveryWay(String json) throws Exception {
    var mapper = ReceptorJson.mapper();
    var type = DesiredLRPUpdateRequest.class;
    var bytes = json.getBytes(StandardCharsets.UTF_8);
    var framed = ("<frame>" + json + "</frame>").getBytes(StandardCharsets.UTF_8);
    try (var chars = mapper.createParser(json.toCharArray());
        var stream = mapper.createParser(new RecentBytes(new ByteArrayInputStream(bytes)))) {
      return new DesiredLRPUpdateRequest[] {
        mapper.readValue(json, type),
        mapper.readValue(bytes, type),
        mapper.readValue(framed, 7, bytes.length, type),
        mapper.readValue(chars, type),
        mapper.readValue(stream, type),
      };
    }
  }

  /** The parser's buffer ends in the middle of it, and of the ring. */
  @Test
  void isReadFromAnyPlaceOfALongStream() throws Exception {
    var value = "{\"u\\u0061\":[1E5," + "-0,".repeat(1000) + "\"\\/\"]}";
    var element = "{\"annotation\":\"" + "x".repeat(777) + "\",\"routes\":{\"r\":" + value + "}}";
    var list = "[" + element + ("," + element).repeat(99) + "]";
    var bytes = list.getBytes(StandardCharsets.UTF_8);
    try (var stream =
        ReceptorJson.mapper().createParser(new RecentBytes(new ByteArrayInputStream(bytes)))) {
      var read = stream.readValueAs(DesiredLRPUpdateRequest[].class);
      assertThat(read).hasSize(100);
      assertThat(read).allSatisfy(u -> assertThat(u.routes().get("r").json()).isEqualTo(value));
    }
  }

  /** A reader forgets what it has read: only escapes of letters may change. */
  @Test
  void isSpelledAnewWhereTheSourceIsForgotten() throws Exception {
    var read =
        ReceptorJson.mapper()
            .readValue(
                new StringReader(
                    "{\"routes\":{\"r\":[1E5,-0,1.50,\"\\u0061<\",{\"a\":1,\"a\":2}]}}"),
                DesiredLRPUpdateRequest.class);
    assertThat(read.routes().get("r")).hasToString("[1E5,-0,1.50,\"a\\u003c\",{\"a\":1,\"a\":2}]");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"01", "[1,]", "{\"a\"}", "\"\\x\"", "tru", "\"\n\"", "NaN", "[", "{\"a\":1", "+1"})
  void isNothingThatIsNoJson(String sent) {
    var json = "{\"routes\":{\"r\":" + sent + "}}";
    assertThatThrownBy(() -> ReceptorJson.mapper().readValue(json, DesiredLRPUpdateRequest.class))
        .isInstanceOf(JsonProcessingException.class)
        .hasMessageNotContaining("routes\":");
  }

  @Test
  void hasADepthAndMayBeNull() throws Exception {
    var routes =
        ReceptorJson.mapper()
            .readValue(
                "{\"routes\":{\"n\":null,\"s\":1,\"d\":[[],{\"a\":[1]}]}}",
                DesiredLRPUpdateRequest.class)
            .routes();
    assertThat(routes.get("n").isNull()).isTrue();
    assertThat(routes.get("s").depth()).isZero();
    assertThat(routes.get("d").depth()).isEqualTo(3);
    assertThat(ReceptorJson.mapper().writeValueAsString(routes)).startsWith("{\"n\":null,");
  }

  @Test
  void meansTheSameInAnotherSpelling() throws Exception {
    var one = RouteValue.of(ReceptorJson.mapper().readTree("[{\"a\":1,\"b\":\"x\"}]"));
    var other = RouteValue.of(ReceptorJson.mapper().readTree("[{\"b\":\"x\",\"a\":1}]"));
    assertThat(one).isNotEqualTo(other);
    assertThat(one.means(other)).isTrue();
    assertThat(one.means(RouteValue.of(ReceptorJson.mapper().readTree("[{\"a\":2,\"b\":\"x\"}]"))))
        .isFalse();
  }

  @Test
  void becomesATreeLikeAnyOther() throws Exception {
    var value = RouteValue.of(ReceptorJson.mapper().readTree("[{\"a\":[1.50,\"<\"]}]"));
    assertThat(ReceptorJson.mapper().valueToTree(Map.of("r", value)).at("/r/0/a/1").asText())
        .isEqualTo("<");
  }
}
