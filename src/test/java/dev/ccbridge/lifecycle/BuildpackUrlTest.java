package dev.ccbridge.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class BuildpackUrlTest {
  @ParameterizedTest
  @ValueSource(strings = {"https://h.test/a.zip", "git://h.test/a", "file:///a", "ssh+git://h/a"})
  void whatHasASchemeIsAUrl(String entry) {
    assertThat(BuildpackUrl.isUrl(entry)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"ruby_buildpack", "8d3-key", "/a/b", "", "git@h.test:a/b.git", "1:x"})
  void everythingElseIsTheKeyOfAnInstalledOne(String entry) {
    assertThat(BuildpackUrl.isUrl(entry)).isFalse();
  }

  @ParameterizedTest
  @CsvSource({
    "https://h.test/a.zip,true",
    "https://h.test/a.zip?token=x,true",
    "https://h.test/a.zip#main,true",
    "https://h.test/a.git?x=.zip,false",
    "https://h.test/a.git#b.zip,false"
  })
  void onlyThePathTellsAZipFile(String url, boolean zip) {
    assertThat(BuildpackUrl.parse(url).isZip()).isEqualTo(zip);
  }

  @Test
  void theFragmentIsTheBranch() {
    var url = BuildpackUrl.parse("https://u:s3cret@h.test/a.git#v1.2");

    assertThat(url.address()).isEqualTo("https://u:s3cret@h.test/a.git");
    assertThat(url.fragment()).isEqualTo("v1.2");
    assertThat(url.toString()).isEqualTo("https://***@h.test/a.git");
  }

  @ParameterizedTest
  @CsvSource({
    "https://u:s3@cret@h.test/a.git,https://***@h.test/a.git",
    "https://h.test/a.zip?token=s3cret#v1,https://h.test/a.zip?***#v1",
    "https://h.test/@scope/a.git,https://h.test/@scope/a.git",
    "ruby_buildpack,ruby_buildpack"
  })
  void whatMayBeSecretIsMasked(String text, String shown) {
    assertThat(BuildpackUrl.masked(text)).isEqualTo(shown);
  }
}
