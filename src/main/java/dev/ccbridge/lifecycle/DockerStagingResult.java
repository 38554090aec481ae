package dev.ccbridge.lifecycle;

import dev.ccbridge.registry.ImageConfig;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What the Docker builder found out, as the stager and later the launcher read it.
 *
 * <p>Source: dockerapplifecycle models.go, protocol/*.go, helpers.go SaveMetadata(), nat.go.
 *
 * @param ports sorted by number, tcp before others
 * @param dockerImage what to run: the image, or its copy
 */
record DockerStagingResult(
    List<String> command,
    List<String> entrypoint,
    String workingDirectory,
    List<Port> ports,
    String user,
    String dockerImage) {

  private static final int HIGHEST_PORT = 65_535;

  /** A port that the image exposes. */
  record Port(int number, String protocol) {

    /**
     * Reads {@code 8080/tcp}; without a protocol it is tcp.
     *
     * @throws IllegalArgumentException if the port is not a number from 0 to 65535
     */
    static Port parse(String text) {
      var slash = text.indexOf('/');
      var number = slash < 0 ? text : text.substring(0, slash);
      var protocol = slash < 0 ? "" : text.substring(slash + 1);
      if (!number.matches("[0-9]{1,5}") || Integer.parseInt(number) > HIGHEST_PORT) {
        throw new IllegalArgumentException(
            "exposed port \"" + text + "\": want a number from 0 to " + HIGHEST_PORT);
      }
      return new Port(Integer.parseInt(number), protocol.isEmpty() ? "tcp" : protocol);
    }
  }

  DockerStagingResult {
    command = List.copyOf(command);
    entrypoint = List.copyOf(entrypoint);
    ports = List.copyOf(ports);
  }

  /**
   * @throws IllegalArgumentException if the image exposes what is no port
   */
  static DockerStagingResult of(ImageConfig image, String dockerImage) {
    var order =
        Comparator.comparingInt(Port::number)
            .thenComparing(port -> !port.protocol().equals("tcp"))
            .thenComparing(Port::protocol);
    var ports = image.exposedPorts().stream().map(Port::parse).sorted(order).toList();
    return new DockerStagingResult(
        image.command(),
        image.entrypoint(),
        image.workingDirectory(),
        ports,
        image.user(),
        dockerImage);
  }

  /** One line of JSON. */
  String toJson() {
    var result = new LinkedHashMap<String, Object>();
    result.put("execution_metadata", executionMetadata());
    result.put("detected_start_command", Map.of("web", startCommand()));
    result.put("docker_image", dockerImage);
    return Json.write(result) + "\n";
  }

  private String startCommand() {
    var words = String.join(" ", command);
    return entrypoint.isEmpty() ? words : String.join(" ", entrypoint) + " " + words;
  }

  private String executionMetadata() {
    var metadata = new LinkedHashMap<String, Object>();
    putUnlessEmpty(metadata, "cmd", command);
    putUnlessEmpty(metadata, "entrypoint", entrypoint);
    if (!workingDirectory.isEmpty()) {
      metadata.put("workdir", workingDirectory);
    }
    var exposed = new ArrayList<Map<String, Object>>();
    for (var port : ports) {
      var entry = new LinkedHashMap<String, Object>();
      entry.put("Port", port.number());
      entry.put("Protocol", port.protocol());
      exposed.add(entry);
    }
    putUnlessEmpty(metadata, "ports", exposed);
    if (!user.isEmpty()) {
      metadata.put("user", user);
    }
    return Json.write(metadata);
  }

  private static void putUnlessEmpty(
      Map<String, Object> metadata, String key, Collection<?> values) {
    if (!values.isEmpty()) {
      metadata.put(key, values);
    }
  }
}
