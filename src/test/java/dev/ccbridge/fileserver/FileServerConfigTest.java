package dev.ccbridge.fileserver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ccbridge.CcBridgeException;
import dev.ccbridge.ErrorKind;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FileServerConfigTest {
  private static final List<Path> STATIC = List.of(Path.of("/static"));

  @Test
  void hasDefaultsForTheLimits() {
    var config = new FileServerConfig(STATIC, Path.of("/data"));
    assertThat(config.maxBlobBytes()).isEqualTo(4_294_967_296L);
    assertThat(config.minFreeBytes()).isEqualTo(268_435_456L);
  }

  @Test
  void keepsWhatItIsGivenWithAbsolutePaths() {
    var config = new FileServerConfig(List.of(Path.of("a"), Path.of("/b")), Path.of("data"), 1, 0);
    assertThat(config.staticDirectories())
        .containsExactly(Path.of("a").toAbsolutePath(), Path.of("/b"));
    assertThat(config.dataDirectory()).isEqualTo(Path.of("data").toAbsolutePath());
    assertThat(config.maxBlobBytes()).isEqualTo(1);
    assertThat(config.minFreeBytes()).isZero();
  }

  @ParameterizedTest
  @CsvSource({
    "0, 0, 'maxBlobBytes: was 0, wanted > 0'",
    "1, -1, 'minFreeBytes: was -1, wanted >= 0'",
  })
  void refusesALimitOutOfItsRange(long maxBlobBytes, long minFreeBytes, String message) {
    assertThatThrownBy(
            () -> new FileServerConfig(STATIC, Path.of("/data"), maxBlobBytes, minFreeBytes))
        .isInstanceOf(CcBridgeException.class)
        .hasMessage(message)
        .extracting(ErrorKind::of)
        .isEqualTo(ErrorKind.INVALID_REQUEST);
  }

  @Test
  void refusesToServeNothing() {
    assertThatThrownBy(() -> new FileServerConfig(List.of(), Path.of("/data")))
        .hasMessage("staticDirectories: none given, wanted at least one directory");
  }
}
