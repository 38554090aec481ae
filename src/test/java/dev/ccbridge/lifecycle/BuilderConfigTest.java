package dev.ccbridge.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

class BuilderConfigTest {
  private static BuilderConfig parse(String... arguments) {
    return BuilderConfig.parse("builder", List.of(arguments));
  }

  @Test
  void onlyTheOrderHasNoDefault() {
    assertThat(parse("-buildpackOrder=a"))
        .isEqualTo(
            new BuilderConfig(
                Path.of("/tmp/app"),
                Path.of("/tmp/droplet"),
                Path.of("/tmp/result.json"),
                Path.of("/tmp/output-cache"),
                Path.of("/tmp/buildpacks"),
                Path.of("/tmp/cache"),
                List.of("a"),
                false,
                false));
  }

  @Test
  void everyFlagOfTheStagerIsTaken() {
    assertThat(
            parse(
                "-buildArtifactsCacheDir=/c",
                "-buildDir=/a",
                "-buildpackOrder=one,http://two.test/x.zip",
                "-buildpacksDir=/b",
                "-outputBuildArtifactsCache=/oc",
                "-outputDroplet=/d",
                "-outputMetadata=/r",
                "-skipCertVerify=true",
                "-skipDetect=true"))
        .isEqualTo(
            new BuilderConfig(
                Path.of("/a"),
                Path.of("/d"),
                Path.of("/r"),
                Path.of("/oc"),
                Path.of("/b"),
                Path.of("/c"),
                List.of("one", "http://two.test/x.zip"),
                true,
                true));
  }

  @Test
  void aMissingOrderEndsTheBuilderWithOne() {
    assertThatThrownBy(() -> parse("-skipDetect"))
        .isInstanceOfSatisfying(
            LifecycleException.class, e -> assertThat(e.exitCode()).isEqualTo(1))
        .hasMessage("missing flag: -buildpackOrder");
    assertThatThrownBy(() -> parse("-buildpackOrder=", "-buildDir="))
        .hasMessage("missing flags: -buildDir, -buildpackOrder");
  }

  @Test
  void aBuildpackIsWhereTheStagerPutsIt() {
    assertThat(parse("-buildpackOrder=rb-key-1", "-buildpacksDir=/b").buildpackPath("rb-key-1"))
        .isEqualTo(Path.of("/b/9311754af0f564270c046cc2336dd9cf"));
  }
}
