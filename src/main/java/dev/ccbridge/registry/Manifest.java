package dev.ccbridge.registry;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;

/**
 * What an image for one platform consists of.
 *
 * @param layers the lowest first
 * @param content as the registry gave it: the digest is of these bytes
 */
public record Manifest(
    String mediaType, Descriptor config, List<Descriptor> layers, byte[] content) {

  static final String DOCKER = "application/vnd.docker.distribution.manifest.v2+json";
  static final String DOCKER_LIST = "application/vnd.docker.distribution.manifest.list.v2+json";
  static final String OCI = "application/vnd.oci.image.manifest.v1+json";
  static final String OCI_INDEX = "application/vnd.oci.image.index.v1+json";

  public Manifest {
    layers = List.copyOf(layers);
    content = content.clone();
  }

  @Override
  public byte[] content() {
    return content.clone();
  }

  public Digest digest() {
    return Digest.of(content);
  }

  /**
   * @throws RegistryException INVALID_REQUEST if this is no manifest of version 2
   */
  static Manifest read(String mediaType, byte[] content) {
    var json = Json.object(content, "manifest");
    var layers = new ArrayList<Descriptor>();
    json.path("layers").forEach(layer -> layers.add(descriptor(layer, "layer")));
    return new Manifest(
        mediaType, descriptor(json.path("config"), "configuration"), layers, content);
  }

  static Descriptor descriptor(JsonNode json, String what) {
    if (!json.path("digest").isTextual() || !json.path("size").canConvertToLong()) {
      throw RegistryException.invalid(
          "manifest: " + what + " without digest or size; want a manifest of version 2");
    }
    return new Descriptor(
        json.path("mediaType").asText(""),
        new Digest(json.path("digest").asText()),
        json.path("size").asLong());
  }
}
