package dev.ccbridge.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ImageReferenceTest {
  private static final String HASH = "ab".repeat(32);

  @ParameterizedTest
  @CsvSource({
    "img, '', library/img, ''",
    "img:1, '', library/img, 1",
    "me/img:1, '', me/img, 1",
    "docker.io/img:1, docker.io, library/img, 1",
    "docker.io/me/img, docker.io, me/img, ''",
    "10.0.0.9:8080/img, 10.0.0.9:8080, img, ''",
    "10.0.0.9:8080/me/img:1, 10.0.0.9:8080, me/img, 1",
    "localhost/img, localhost, img, ''",
    "reg.test/me/img:1, reg.test, me/img, 1",
    "img:, '', library/img, ''",
    "host:5000, '', library/host, 5000",
    "'[::1]:5000/a/b/c_d__e-f', '[::1]:5000', a/b/c_d__e-f, ''",
  })
  void readsWhatUsersWrite(String image, String registry, String repository, String tag) {
    var reference = ImageReference.parse(image);

    assertThat(reference.registry()).isEqualTo(registry);
    assertThat(reference.repository()).isEqualTo(repository);
    assertThat(reference.tag()).isEqualTo(tag);
    assertThat(reference.reference()).isEqualTo(tag.isEmpty() ? "latest" : tag);
  }

  @ParameterizedTest
  @CsvSource({
    "docker:///library/img, library/img",
    "docker:///library/img#1, library/img:1",
    "docker:///me/img#1, me/img:1",
    "docker://docker.io/library/img#1, docker.io/library/img:1",
    "docker://10.0.0.9:8080/me/img#1, 10.0.0.9:8080/me/img:1",
    "docker://reg.test/me/img, reg.test/me/img",
    "docker:///img, library/img",
  })
  void readsRootFileSystemsOfDesiredLrps(String url, String image) {
    assertThat(ImageReference.parseRootfs(url).toString()).isEqualTo(image);
  }

  @Test
  void aDigestGoesBeforeTheTag() {
    var reference = ImageReference.parse("reg.test/img:1@sha256:" + HASH);

    assertThat(reference.tag()).isEqualTo("1");
    assertThat(reference.reference()).isEqualTo("sha256:" + HASH);
    assertThat(reference).hasToString("reg.test/img:1@sha256:" + HASH);
    assertThat(ImageReference.parse("img@sha256:" + HASH).repository()).isEqualTo("library/img");
    // What nsync makes of it: it takes the last colon for that of a tag.
    assertThat(ImageReference.parseRootfs("docker:///library/img@sha256#" + HASH).reference())
        .isEqualTo("sha256:" + HASH);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "docker.io",
        "IMG",
        "a//b",
        "../etc/passwd",
        "reg.test/../v2",
        "img:a b",
        "img@sha256:ab",
        "-x.y/img",
        "reg.test:x/img",
        "user@reg.test/img",
        "img?x=1",
      })
  void refusesWhatNoRegistryCouldKnow(String image) {
    assertThatExceptionOfType(RegistryException.class)
        .isThrownBy(() -> ImageReference.parse(image))
        .withMessageContaining("want");
  }

  @Test
  void refusesASchemeInDiegosWords() {
    assertThatExceptionOfType(RegistryException.class)
        .isThrownBy(() -> ImageReference.parse("docker://img"))
        .withMessage("docker URI [docker://img] should not contain scheme");
    assertThatExceptionOfType(RegistryException.class)
        .isThrownBy(() -> ImageReference.parseRootfs("preloaded:cflinuxfs2"));
  }
}
