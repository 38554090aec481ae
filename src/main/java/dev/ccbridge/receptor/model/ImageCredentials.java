package dev.ccbridge.receptor.model;

/** Who pulls an image, at the image's own registry. */
public record ImageCredentials(String username, String password) {
  /** Says neither. */
  @Override
  public String toString() {
    return "ImageCredentials[secret]";
  }
}
