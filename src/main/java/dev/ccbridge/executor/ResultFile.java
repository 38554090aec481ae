package dev.ccbridge.executor;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.util.Optional;

/** The file whose content is a task's result. Source: rep container_delegate.go @94f3cae. */
public final class ResultFile {
  private ResultFile() {}

  /** What a task fails with whose result cannot be had. */
  public static final String FAILED = "failed to fetch result";

  private static final int MAX_BYTES = 10240;

  /**
   * The content of the file.
   *
   * @param path in the container; empty: no result is wanted, and the result is empty
   * @return empty when the file is missing, unreadable or larger than 10240 bytes
   */
  public static Optional<String> read(Sandbox sandbox, String path) {
    if (path.isEmpty()) {
      return Optional.of("");
    }
    try {
      var file = sandbox.resolve(path);
      if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
        return Optional.empty();
      }
      try (var in = Files.newInputStream(file, LinkOption.NOFOLLOW_LINKS)) {
        var content = in.readNBytes(MAX_BYTES + 1);
        return content.length > MAX_BYTES
            ? Optional.empty()
            : Optional.of(new String(content, StandardCharsets.UTF_8));
      }
    } catch (IOException | SandboxException e) {
      // The protocol has one text for all that may be wrong with it.
      return Optional.empty();
    }
  }
}
