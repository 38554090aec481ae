package dev.ccbridge.registry;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What an image says about the process to run in it. Everything may be empty.
 *
 * @param entrypoint first words of the command
 * @param command further words
 * @param environment as {@code NAME=value}
 * @param exposedPorts as {@code 8080/tcp}, in the image's order
 */
public record ImageConfig(
    List<String> entrypoint,
    List<String> command,
    List<String> environment,
    String workingDirectory,
    String user,
    List<String> exposedPorts) {

  public ImageConfig {
    entrypoint = List.copyOf(entrypoint);
    command = List.copyOf(command);
    environment = List.copyOf(environment);
    exposedPorts = List.copyOf(exposedPorts);
  }

  /**
   * @param content the blob that a manifest's {@code config} names
   * @throws RegistryException INVALID_REQUEST if it is no JSON object
   */
  public static ImageConfig read(byte[] content) {
    var image = Json.object(content, "image configuration");
    var process = member(image, "config");
    var ports = new ArrayList<String>();
    if (process != null && member(process, "ExposedPorts") instanceof JsonNode exposed) {
      exposed.fieldNames().forEachRemaining(ports::add);
    }
    return new ImageConfig(
        words(process, "Entrypoint"),
        words(process, "Cmd"),
        words(process, "Env"),
        text(process, "WorkingDir"),
        text(process, "User"),
        ports);
  }

  private static @Nullable JsonNode member(JsonNode json, String name) {
    var value = json.get(name);
    return value == null || value.isNull() ? null : value;
  }

  private static List<String> words(@Nullable JsonNode json, String name) {
    var words = new ArrayList<String>();
    if (json != null) {
      json.path(name).forEach(word -> words.add(word.asText()));
    }
    return words;
  }

  private static String text(@Nullable JsonNode json, String name) {
    return json == null ? "" : json.path(name).asText("");
  }
}
