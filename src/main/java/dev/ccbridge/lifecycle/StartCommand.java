package dev.ccbridge.lifecycle;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Map;

/**
 * Which command starts the app: the one given, else the metadata's, else the droplet's.
 *
 * <p>Source: buildpackapplifecycle launcher/main.go.
 */
final class StartCommand {
  private static final String KEY = "start_command";

  private StartCommand() {}

  /**
   * Returns the command, empty if there is none. Metadata that is there but names no command is the
   * last word: the droplet is asked only when there is no metadata.
   *
   * @param stagingInfo {@code staging_info.yml} of the droplet; need not exist
   * @throws LifecycleException with exit code 1 for metadata or staging info that cannot be read
   */
  static String choose(String given, String metadata, Path stagingInfo) {
    if (!given.isEmpty()) {
      return given;
    }
    if (!metadata.isEmpty()) {
      return fromMetadata(metadata);
    }
    return fromStagingInfo(stagingInfo);
  }

  private static String fromMetadata(String metadata) {
    try {
      var value = Json.parse(metadata);
      if (value == null) {
        return "";
      }
      if (!(value instanceof Map<?, ?> object)) {
        throw new IOException("must be a JSON object");
      }
      var command = "";
      for (var entry : object.entrySet()) {
        if (KEY.equalsIgnoreCase(String.valueOf(entry.getKey())) && entry.getValue() != null) {
          if (!(entry.getValue() instanceof String text)) {
            throw new IOException(KEY + " must be a string");
          }
          command = text;
        }
      }
      return command;
    } catch (IOException e) {
      throw new LifecycleException(
          LifecycleException.FAILED, "Invalid metadata - " + e.getMessage(), e);
    }
  }

  private static String fromStagingInfo(Path stagingInfo) {
    try {
      return Yaml.text(Yaml.map(Files.readString(stagingInfo)), KEY);
    } catch (NoSuchFileException e) {
      return "";
    } catch (IOException e) {
      throw new LifecycleException(
          LifecycleException.FAILED, "Invalid staging info - " + e.getMessage(), e);
    }
  }
}
