package dev.ccbridge.fileserver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ccbridge.fileserver.SignedUrls.Access;
import dev.ccbridge.web.Request;
import java.io.InputStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class SignedUrlsTest {
  private static final Instant NOW = Instant.ofEpochSecond(1_438_603_200);
  private static final Duration HOUR = Duration.ofHours(1);

  @TempDir private Path directory;
  private SignedUrls urls;

  @BeforeEach
  void open() {
    urls = at(NOW);
  }

  private SignedUrls at(Instant time) {
    return SignedUrls.open(
        directory, () -> URI.create("http://bridge:8080"), Clock.fixed(time, ZoneOffset.UTC));
  }

  @Test
  void aUrlHasTokenAndExpiryInItsQuery() {
    assertThat(urls.sign("apps/1/bits", Set.of(Access.READ), HOUR).toString())
        .matches(
            "http://bridge:8080/v1/blobs/apps/1/bits\\?token=r\\.[\\w-]{43}&expires=1438606800");
    assertThat(urls.signForever("k", Set.of(Access.WRITE, Access.READ)).toString())
        .matches("http://bridge:8080/v1/blobs/k\\?token=rw\\.[\\w-]{43}&expires=never");
  }

  @ParameterizedTest
  @EnumSource
  void permitsItsOwnAccessAndNoOther(Access access) {
    var url = urls.sign("key", Set.of(access), HOUR);
    assertThat(urls.permits(request(url), access, "key")).isTrue();
    EnumSet.complementOf(EnumSet.of(access))
        .forEach(other -> assertThat(urls.permits(request(url), other, "key")).isFalse());
  }

  @Test
  void permitsAllOfSeveralAccesses() {
    var url = urls.sign("key", Set.of(Access.DELETE, Access.READ), HOUR);
    assertThat(urls.permits(request(url), Access.READ, "key")).isTrue();
    assertThat(urls.permits(request(url), Access.DELETE, "key")).isTrue();
    assertThat(urls.permits(request(url), Access.WRITE, "key")).isFalse();
  }

  @Test
  void permitsNoOtherBlob() {
    var url = urls.sign("key", Set.of(Access.READ), HOUR);
    assertThat(urls.permits(request(url), Access.READ, "key2")).isFalse();
  }

  @Test
  void expires() {
    var url = urls.sign("key", Set.of(Access.READ), HOUR);
    assertThat(at(NOW.plusSeconds(3599)).permits(request(url), Access.READ, "key")).isTrue();
    assertThat(at(NOW.plusSeconds(3600)).permits(request(url), Access.READ, "key")).isFalse();
  }

  @Test
  void neverExpiresWhenSignedSo() {
    var url = urls.signForever("key", Set.of(Access.READ));
    assertThat(at(NOW.plus(Duration.ofDays(36500))).permits(request(url), Access.READ, "key"))
        .isTrue();
  }

  /** Each changes one part of a good URL. */
  @ParameterizedTest
  @CsvSource({
    "expires=1438606800, expires=1438606801",
    "expires=1438606800, expires=never",
    "expires=1438606800, expires=01438606800",
    "expires=1438606800, expires=",
    "expires=1438606800, expires=99999999999999999999",
    "&expires=1438606800, ''",
    "token=r., token=rw.",
    "token=r., token=R.",
    "token=r., token=.",
    "token=r., token=r",
    "token=r., token=r.A",
    "token=r., other=r.",
    "token=r., token=&token=r.",
  })
  void refusesAForgedUrl(String part, String forgery) {
    var good = urls.sign("key", Set.of(Access.READ), HOUR).toString();
    assertThat(good).contains(part);
    var forged = URI.create(good.replace(part, forgery));
    assertThat(urls.permits(request(forged), Access.READ, "key")).isFalse();
    assertThat(urls.permits(request(URI.create(good)), Access.READ, "key")).isTrue();
  }

  @Test
  void refusesATokenThatDiffersInOneCharacter() {
    var good = urls.sign("key", Set.of(Access.READ), HOUR).toString();
    var start = good.indexOf("r.") + 2;
    for (var i = start; i < start + 43; i++) {
      var other = good.charAt(i) == 'A' ? 'B' : 'A';
      var forged = URI.create(good.substring(0, i) + other + good.substring(i + 1));
      assertThat(urls.permits(request(forged), Access.READ, "key")).isFalse();
    }
  }

  @Test
  void urlsOutliveARestartButNotTheirKey() throws Exception {
    var url = urls.sign("key", Set.of(Access.READ), HOUR);
    assertThat(at(NOW).permits(request(url), Access.READ, "key")).isTrue();
    Files.delete(directory.resolve("url-signing.key"));
    assertThat(at(NOW).permits(request(url), Access.READ, "key")).isFalse();
  }

  @Test
  void onlyWeMayReadTheSigningKey() throws Exception {
    var file = directory.resolve("url-signing.key");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("rw-------");
    assertThat(file).hasSize(32);
  }

  @Test
  void refusesASigningKeyOfAnotherLength() throws Exception {
    Files.writeString(directory.resolve("url-signing.key"), "short");
    assertThatThrownBy(() -> at(NOW)).hasMessageContaining("has 5 bytes, wanted 32");
  }

  @Test
  void signsOnlyWhatMakesSense() {
    assertThatThrownBy(() -> urls.sign("a/../b", Set.of(Access.READ), HOUR))
        .hasMessageContaining("segment '..'");
    assertThatThrownBy(() -> urls.sign("key", Set.of(), HOUR)).hasMessageContaining("access");
    assertThatThrownBy(() -> urls.sign("key", Set.of(Access.READ), Duration.ZERO))
        .hasMessageContaining("validity");
  }

  private static Request request(URI url) {
    return new Request("GET", url, Map.of(), InputStream.nullInputStream());
  }
}
