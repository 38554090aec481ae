package dev.ccbridge.registry;

/**
 * Names one blob: an image's configuration or a layer.
 *
 * @param size in bytes
 */
public record Descriptor(String mediaType, Digest digest, long size) {

  /**
   * @throws RegistryException INVALID_REQUEST for a negative size
   */
  public Descriptor {
    if (size < 0) {
      throw RegistryException.invalid("size " + size + " of " + digest + ": want 0 or more");
    }
  }

  /** Whether registries hand this layer out only by reference, as those of Windows. */
  public boolean isForeign() {
    return mediaType.contains("foreign") || mediaType.contains("nondistributable");
  }
}
