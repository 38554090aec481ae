package dev.ccbridge.chart;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.ccbridge.kubernetes.Command;
import java.io.BufferedInputStream;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.GZIPInputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What {@code mvn -Pimage package} wrote. Skipped unless {@code CC_BRIDGE_IMAGE} names it. */
class ImageIT {
  private static final long MAX_BYTES = 110_000_000;
  private static final int SET_ID_BITS = 06000;

  private Path image;

  @BeforeEach
  void find() {
    image =
        Path.of(
            Command.require(
                "CC_BRIDGE_IMAGE", Command.setting("CC_BRIDGE_IMAGE"), "image made by -Pimage"));
  }

  @Test
  void runsAsNobodyInParticular() throws Exception {
    var config = config().path("config");
    assertThat(config.path("User").asText()).isEqualTo("1000:1000");
    assertThat(config.path("Entrypoint").path(0).asText())
        .isEqualTo("/opt/cc-bridge/bin/cc-bridge");
    assertThat(config.path("Cmd").path(0).asText()).isEqualTo("operator");
  }

  @Test
  void isSmallAndHasWhatItNeeds() throws Exception {
    assertThat(Files.size(image)).isLessThan(MAX_BYTES);
    var modes = new TreeMap<String, Integer>();
    for (var layer : layers()) {
      try (var entries =
          new TarArchiveInputStream(new GZIPInputStream(new ByteArrayInputStream(layer)))) {
        TarArchiveEntry entry;
        while ((entry = entries.getNextEntry()) != null) {
          modes.put("/" + entry.getName().replaceFirst("/$", ""), entry.getMode());
          assertThat(entry.getLastModifiedDate().getTime())
              .as("%s is as old as any", entry.getName())
              .isLessThan(2_000_000);
        }
      }
    }
    assertThat(modes)
        .containsKeys(
            "/opt/java/25/bin/java",
            "/opt/cc-bridge/classpath/cc-bridge.jar",
            "/opt/cc-bridge/static/buildpack_app_lifecycle/buildpack_app_lifecycle.tgz",
            "/bin/sh",
            "/bin/bash",
            "/usr/bin/env");
    assertThat(modes).allSatisfy((name, mode) -> assertThat(mode & SET_ID_BITS).as(name).isZero());
  }

  /** What is not ours is laid out with the same bytes each time; the rest is Maven's. */
  @Test
  void isLaidOutTheSameAgain(@TempDir Path directory) throws Exception {
    var again = directory.resolve("root");
    new Command(
            List.of("bash", "src/image/lay-out", Path.of("").toAbsolutePath().toString()), Map.of())
        .run(again.toString());
    assertThat(digests(again)).isEqualTo(digests(Path.of("target/image/root")));
  }

  private JsonNode config() throws IOException {
    var files = read();
    var manifest = new ObjectMapper().readTree(files.get("manifest.json"));
    return new ObjectMapper().readTree(files.get(manifest.path(0).path("Config").asText()));
  }

  private List<byte[]> layers() throws IOException {
    return read().entrySet().stream()
        .filter(file -> file.getKey().endsWith(".tar.gz"))
        .map(Map.Entry::getValue)
        .toList();
  }

  private Map<String, byte[]> read() throws IOException {
    var files = new TreeMap<String, byte[]>();
    try (var archive =
        new TarArchiveInputStream(new BufferedInputStream(Files.newInputStream(image)))) {
      TarArchiveEntry entry;
      while ((entry = archive.getNextEntry()) != null) {
        files.put(entry.getName(), archive.readAllBytes());
      }
    }
    return files;
  }

  private static Map<String, String> digests(Path root) throws Exception {
    var digests = new TreeMap<String, String>();
    try (var files = Files.walk(root)) {
      for (var file : files.filter(Files::isRegularFile).toList()) {
        var digest = MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(file));
        digests.put(root.relativize(file).toString(), HexFormat.of().formatHex(digest));
      }
    }
    return digests;
  }
}
