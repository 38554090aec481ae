package dev.ccbridge.receptor.backend.process;

import dev.ccbridge.ErrorKind;
import dev.ccbridge.receptor.backend.image.ImageException;
import dev.ccbridge.registry.Digest;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/**
 * A container's word that it uses an image, kept in its directory. Who looks for the image may find
 * it when the container no longer waits; then nothing is written any more. Thread-safe.
 */
final class ImageClaim {
  private final ContainerDirectory container;
  private boolean isWithdrawn;

  ImageClaim(ContainerDirectory container) {
    this.container = container;
  }

  ContainerDirectory container() {
    return container;
  }

  /**
   * @throws ImageException when the container no longer wants it
   */
  synchronized void make(Digest image) {
    if (isWithdrawn) {
      throw new ImageException(ErrorKind.UNAVAILABLE, "the container is at its end", null);
    }
    try {
      ContainerDirectory.writeDurably(
          container.imageFile(), image.text().getBytes(StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new ImageException(ErrorKind.UNAVAILABLE, "the container is gone", e);
    }
  }

  /** What was claimed before stays so. */
  synchronized void withdraw() {
    isWithdrawn = true;
  }
}
