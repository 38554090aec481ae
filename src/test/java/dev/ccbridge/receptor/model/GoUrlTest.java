package dev.ccbridge.receptor.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Expected is what Go 1.26 printed. */
class GoUrlTest {

  /** A text, and what Go's url.Parse and url.ParseRequestURI make of it; null: an error. */
  static Stream<Arguments> urls() {
    return Stream.of(
        arguments(
            "http://u:p@w!@host.test/a b?x=1&y=2#f",
            "http://u:p%40w%21@host.test/a%20b?x=1&y=2#f",
            "http://u:p%40w%21@host.test/a%20b?x=1&y=2#f"),
        arguments("/absolute/path", "/absolute/path", "/absolute/path"),
        arguments("//host/x", "//host/x", "//host/x"),
        arguments("http://[::1]:80/c", "http://[::1]:80/c", "http://[::1]:80/c"),
        arguments("http://[::1", null, null),
        arguments("http://host:port/c", null, null),
        arguments("http://host/%zz", null, null),
        arguments("http://host/%41%2f", "http://host/%41%2f", "http://host/%41%2f"),
        arguments("HTTP://Host.Test/C", "http://Host.Test/C", "http://Host.Test/C"),
        arguments("http://ho st/c", null, null),
        arguments("http://host/ä?ö", "http://host/%C3%A4?ö", "http://host/%C3%A4?ö"),
        arguments("mailto:x", "mailto:x", "mailto:x"),
        arguments("http:opaque?q", "http:opaque?q", "http:opaque?q"),
        arguments("http://", "http:", "http:"),
        arguments("http://host?", "http://host?", "http://host?"),
        arguments("a:b", "a:b", "a:b"),
        arguments("1a:b", null, null),
        arguments("://x", null, null),
        arguments("http://u%40:p%3a@h/x", "http://u%40:p%3A@h/x", "http://u%40:p%3A@h/x"),
        arguments("http://u:@h/x", "http://u:@h/x", "http://u:@h/x"),
        arguments("http://h/a(b)!'*;,", "http://h/a(b)!'*;,", "http://h/a(b)!'*;,"),
        arguments(
            "http://h/a|b^c\"d<e>`{}\\",
            "http://h/a%7Cb%5Ec%22d%3Ce%3E%60%7B%7D%5C",
            "http://h/a%7Cb%5Ec%22d%3Ce%3E%60%7B%7D%5C"),
        arguments("*", "*", "*"),
        arguments("http://h/x#", "http://h/x", "http://h/x%23"),
        arguments("http://h/x?a b", "http://h/x?a b", "http://h/x?a b"),
        arguments("http://h:/x", "http://h:/x", "http://h:/x"),
        arguments("http:/x", "http:/x", "http:/x"),
        arguments("file:///x", "file:///x", "file:///x"),
        arguments("http://%41/x", null, null),
        arguments("http://%C3%A4/x", "http://%C3%A4/x", "http://%C3%A4/x"),
        arguments("http://h%20/x", null, null),
        arguments("http://u p@h/x", null, null),
        arguments("a#b#c", "a#b%23c", null),
        arguments("x/y:z", "x/y:z", null),
        arguments("./a:b", "./a:b", null),
        arguments("http://h/x#a b%20%zz", null, null),
        arguments("preloaded:cflinuxfs2", "preloaded:cflinuxfs2", "preloaded:cflinuxfs2"),
        arguments("docker:///a#b", "docker:///a#b", "docker:///a%23b"));
  }

  @ParameterizedTest
  @MethodSource("urls")
  void isReadAndWrittenAsByGo(String text, String parsed, String request) {
    assertThat(GoUrl.parse(text).map(GoUrl::toString).orElse(null)).isEqualTo(parsed);
    assertThat(GoUrl.parseRequestUri(text).map(GoUrl::toString).orElse(null)).isEqualTo(request);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "/library/a b | 1#2 | docker:///library/a%20b#1%232",
        "h.x:80/ü?(a) | (v1)! | docker://h.x:80/%C3%BC%3F%28a%29#(v1)!",
        "/a%41 | %41 | docker:///a%2541#%2541"
      })
  void isPutTogetherAsByGo(String path, String fragment, String expected) {
    assertThat(GoUrl.of("docker", path, fragment).toString()).isEqualTo(expected);
  }

  @Test
  void takesAnotherQuery() {
    var url = GoUrl.parseRequestUri("http://up.test/a?b=c").orElseThrow();
    assertThat(url.withQuery("d=e").toString()).isEqualTo("http://up.test/a?d=e");
  }
}
