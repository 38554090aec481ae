package dev.ccbridge.receptor.backend.pod.cell;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ccbridge.executor.SandboxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PathResolverTest {
  @TempDir private Path root;
  private Path home;
  private Path tmp;
  private PathResolver paths;

  @BeforeEach
  void makeHome() throws Exception {
    root = root.toRealPath();
    home = Files.createDirectories(root.resolve("home/vcap"));
    tmp = Files.createDirectories(root.resolve("tmp"));
    paths = new PathResolver(home, tmp, Path.of("/work"));
  }

  @Test
  void pathsLieOnTheContainersDisk() {
    assertThat(paths.resolve("app/x")).isEqualTo(Path.of("/work/home/app/x"));
    assertThat(paths.resolve(".")).isEqualTo(Path.of("/work/home"));
    assertThat(paths.resolve(home + "/a/../b")).isEqualTo(Path.of("/work/home/b"));
    assertThat(paths.resolve(tmp + "/lifecycle")).isEqualTo(Path.of("/work/tmp/lifecycle"));
  }

  @Test
  void linksAreFollowedAlsoToNowhere() throws Exception {
    Files.createSymbolicLink(home.resolve("link"), tmp.resolve("not-there"));
    Files.createDirectories(home.resolve("dir"));
    Files.createSymbolicLink(home.resolve("dir/up"), Path.of("../other"));

    assertThat(paths.resolve("link/x")).isEqualTo(Path.of("/work/tmp/not-there/x"));
    assertThat(paths.resolve("dir/up")).isEqualTo(Path.of("/work/home/other"));
  }

  @Test
  void otherPlacesAreRefused() throws Exception {
    Files.createSymbolicLink(home.resolve("out"), Path.of("/etc"));
    Files.createSymbolicLink(home.resolve("loop"), home.resolve("loop"));

    for (var path : List.of("/etc/passwd", "out/passwd", "../../etc", "loop/x")) {
      assertThatThrownBy(() -> paths.resolve(path)).as(path).isInstanceOf(SandboxException.class);
    }
  }
}
