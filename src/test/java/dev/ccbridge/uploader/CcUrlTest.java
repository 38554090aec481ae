package dev.ccbridge.uploader;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CcUrlTest {

  @ParameterizedTest
  @CsvSource({
    "http://x, http://x/?async=true",
    "http://x/a?b, http://x/a?async=true&b=",
    "http://x/a?async=false&async=maybe, http://x/a?async=true",
    "http://x/a?z=2&z=1&B=3, http://x/a?B=3&async=true&z=2&z=1",
    "http://x/a?q=~*%20+/:@, http://x/a?async=true&q=~%2A++%2F%3A%40",
    "http://x/a?bad=%zz&c=1;d=2, http://x/a?async=true&c=1&d=2",
    "http://x/a?b=%C3%A9#fragment, http://x/a?async=true&b=%C3%A9",
    "http://[::1]:80/a, http://[::1]:80/a?async=true",
  })
  void theQueryIsEncodedAnewAndSortedAsGoDoes(String url, String expected) {
    assertThat(CcUrl.parse(url).async().uri()).hasToString(expected);
  }

  @Test
  void charactersThatJavaRefusesAreEncoded() {
    assertThat(CcUrl.parse("http://x/a b/{é}?c=|%zz").uri())
        .hasToString("http://x/a%20b/%7B%C3%A9%7D?c=%7C%25zz");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        ":x",
        "http://h/%zz",
        "http://h:80x/",
        "http://a b/",
        "http://[::1/",
        "http://h/\n"
      })
  void whatGoCannotParseIsRefused(String url) {
    assertThatThrownBy(() -> CcUrl.parse(url)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void userInfoBecomesBasicAuthorizationAndIsNowhereElse() {
    var url = CcUrl.parse("http://us%40er:a+b%3Ac@cc.test:9022/x?y=secret");

    // us@er:a+b:c
    assertThat(url.basicAuthorization()).contains("Basic dXNAZXI6YStiOmM=");
    assertThat(url.uri()).hasToString("http://cc.test:9022/x?y=secret");
    assertThat(url).hasToString("cc.test:9022");
    // only:
    assertThat(CcUrl.parse("http://only@x").basicAuthorization()).contains("Basic b25seTo=");
  }
}
