package dev.ccbridge.receptor.backend.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ccbridge.executor.SandboxException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ContainerPathsTest {
  @TempDir private Path temporary;
  private ContainerDirectory directory;
  private ContainerPaths paths;

  @BeforeEach
  void create() throws IOException {
    directory = new ContainerDirectory(temporary.resolve("c"));
    directory.create();
    paths = new ContainerPaths(directory);
  }

  @ParameterizedTest
  @CsvSource({
    "/tmp, tmp",
    "/tmp/app/x, tmp/app/x",
    "/home/vcap/y, home/vcap/y",
    "., home/vcap",
    "app/z, home/vcap/app/z",
    "/tmp/../tmp//./a, tmp/a"
  })
  void ownPathsAreBelowTheDirectory(String path, String real) {
    assertThat(paths.resolve(path)).isEqualTo(directory.path().resolve(real));
  }

  @ParameterizedTest
  @ValueSource(strings = {"/etc/passwd", "/", "/tmpx", "/home/other", "../../etc", "/tmp/../etc"})
  void otherPathsAreRefused(String path) {
    assertThatThrownBy(() -> paths.resolve(path)).isInstanceOf(SandboxException.class);
  }

  @Test
  void linksAreFollowedAsTheContainerWould() throws Exception {
    Files.createSymbolicLink(directory.tmp().resolve("up"), Path.of("../home/vcap"));
    Files.createSymbolicLink(directory.tmp().resolve("abs"), Path.of("/home/vcap/x"));
    Files.createSymbolicLink(directory.tmp().resolve("real"), directory.home().resolve("y"));
    Files.createSymbolicLink(directory.tmp().resolve("etc"), Path.of("/etc"));
    Files.createSymbolicLink(directory.tmp().resolve("loop"), Path.of("loop"));

    assertThat(paths.resolve("/tmp/up/a")).isEqualTo(directory.home().resolve("a"));
    assertThat(paths.resolve("/tmp/abs")).isEqualTo(directory.home().resolve("x"));
    assertThat(paths.resolve("/tmp/real")).isEqualTo(directory.home().resolve("y"));
    assertThatThrownBy(() -> paths.resolve("/tmp/etc/passwd")).isInstanceOf(SandboxException.class);
    assertThatThrownBy(() -> paths.resolve("/tmp/loop")).hasMessageContaining("too many links");
  }

  @Test
  void rewritesOwnPathsWhereverTheyStand() {
    var tmp = directory.tmp().toString();
    var home = directory.home().toString();

    assertThat(paths.rewrite("/tmp")).isEqualTo(tmp);
    assertThat(paths.rewrite("-dir=/tmp/app")).isEqualTo("-dir=" + tmp + "/app");
    assertThat(paths.rewrite("/home/vcap/bin:/usr/bin:/tmp"))
        .isEqualTo(home + "/bin:/usr/bin:" + tmp);
    assertThat(paths.rewrite("{\"cmd\":\"/home/vcap/run\"}"))
        .isEqualTo("{\"cmd\":\"" + home + "/run\"}");
  }

  @ParameterizedTest
  @ValueSource(strings = {"http://host/tmp/x", "/var/tmp", "/tmpfoo", "/tmp-x", "a/tmp", "/tmp.d"})
  void leavesOtherTextsAlone(String text) {
    assertThat(paths.rewrite(text)).isEqualTo(text);
  }
}
