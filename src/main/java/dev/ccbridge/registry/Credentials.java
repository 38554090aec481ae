package dev.ccbridge.registry;

import java.nio.charset.StandardCharsets;
import java.util.Base64;

/** Who we are at one registry. */
public record Credentials(String username, String password) {

  /** The value of an {@code Authorization} header. */
  String basic() {
    var pair = (username + ":" + password).getBytes(StandardCharsets.UTF_8);
    return "Basic " + Base64.getEncoder().encodeToString(pair);
  }

  @Override
  public String toString() {
    return "Credentials[secret]";
  }
}
