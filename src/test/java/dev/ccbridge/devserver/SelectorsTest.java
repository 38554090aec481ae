package dev.ccbridge.devserver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ccbridge.devserver.schema.Json;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SelectorsTest {
  private static final String OBJECT = "{\"metadata\": {\"labels\": {\"x\": \"y\", \"n\": \"5\"}}}";

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "x=y|true",
        "x==y|true",
        "x = z|false",
        "x!=y|false",
        "other!=y|true",
        "x|true",
        "!x|false",
        "!other|true",
        "x in (a, y)|true",
        "x in (a)|false",
        "x notin (a)|true",
        "other notin (a)|true",
        "x=y,n=5|true",
        "x=y,n=6|false",
        "n>4|true",
        "n<4|false",
        "x=|false"
      })
  void selectsByLabels(String selector, boolean expected) {
    assertThat(Selectors.labels(selector).test(Json.parse(OBJECT))).isEqualTo(expected);
  }

  @ParameterizedTest
  @ValueSource(strings = {"a b", "x in y", "=", "x,,", "x in (a", "n>b", "x=y)"})
  void refusesWhatIsNoSelector(String selector) {
    assertThatThrownBy(() -> Selectors.labels(selector))
        .isInstanceOfSatisfying(
            StatusException.class, refused -> assertThat(refused.code()).isEqualTo(400));
  }

  @Test
  void selectsEventsByWhatTheyAreAbout() {
    var events = new ResourceTypes().core("events");
    var event = Json.parse("{\"involvedObject\": {\"name\": \"a\", \"kind\": \"B\"}}");

    assertThat(Selectors.fields("involvedObject.name=a,involvedObject.kind=B", events).test(event))
        .isTrue();
    assertThat(Selectors.fields("involvedObject.name!=a", events).test(event)).isFalse();
  }

  @Test
  void refusesFieldsThatCannotBeSelectedBy() {
    var secrets = new ResourceTypes().core("secrets");

    assertThatThrownBy(() -> Selectors.fields("data.a=b", secrets))
        .hasMessage("field label not supported: data.a");
  }
}
