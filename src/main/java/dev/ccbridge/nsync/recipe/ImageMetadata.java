package dev.ccbridge.nsync.recipe;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.core.JsonParseException;
import com.fasterxml.jackson.core.JsonProcessingException;
import dev.ccbridge.receptor.model.GoJson;
import dev.ccbridge.receptor.model.ReceptorJson;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the docker builder found in an image. This room has a use for the ports and the user only,
 * but the others must have their types as well. Source: dockerapplifecycle/models.go,
 * ExecutionMetadata.
 */
record ImageMetadata(
    @JsonProperty("cmd") List<@Nullable String> cmd,
    @JsonProperty("entrypoint") List<@Nullable String> entrypoint,
    @JsonProperty("workdir") String workdir,
    @JsonProperty("ports") List<Port> ports,
    @JsonProperty("user") String user) {
  private static final int MAX_PORT = 65535;

  /** Members are written with capitals, and read without regard to case. */
  record Port(@JsonProperty("Port") int port, @JsonProperty("Protocol") String protocol) {
    Port {
      if (port < 0 || port > MAX_PORT) {
        throw new IllegalArgumentException("Port: must be from 0 to 65535, was " + port);
      }
    }
  }

  ImageMetadata(
      @Nullable List<@Nullable String> cmd,
      @Nullable List<@Nullable String> entrypoint,
      @Nullable String workdir,
      @Nullable List<Port> ports,
      @Nullable String user) {
    this.cmd = cmd == null ? List.of() : Collections.unmodifiableList(cmd);
    this.entrypoint = entrypoint == null ? List.of() : Collections.unmodifiableList(entrypoint);
    this.workdir = workdir == null ? "" : workdir;
    this.ports = ports == null ? List.of() : List.copyOf(ports);
    this.user = user == null ? "" : user;
  }

  /**
   * @throws RecipeException for anything but a JSON object or null
   */
  static ImageMetadata parse(String json) {
    try {
      var read = GoJson.only(json, GoJson.Names.FOLDED);
      if (read.isNull()) {
        return new ImageMetadata(null, null, null, null, null);
      }
      var metadata =
          ReceptorJson.mapper().<@Nullable ImageMetadata>treeToValue(read, ImageMetadata.class);
      if (metadata != null) {
        return metadata;
      }
      throw new JsonParseException("nothing to read");
    } catch (JsonProcessingException e) {
      // The text itself stays out of the message: commands can hold credentials.
      throw new RecipeException(
          RecipeError.BAD_EXECUTION_METADATA,
          "execution_metadata must be a JSON object with cmd, entrypoint, workdir, ports, user");
    }
  }

  /** The first port for tcp, 8080 when the image exposes none at all. */
  int exposedPort() {
    if (ports.isEmpty()) {
      return LRPParts.DEFAULT_PORT;
    }
    return ports.stream()
        .filter(port -> "tcp".equals(port.protocol()))
        .mapToInt(Port::port)
        .findFirst()
        .orElseThrow(() -> new RecipeException(RecipeError.NO_TCP_PORT));
  }
}
