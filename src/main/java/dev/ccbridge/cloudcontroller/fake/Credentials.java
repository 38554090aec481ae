package dev.ccbridge.cloudcontroller.fake;

import dev.ccbridge.web.Request;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Base64;

/** Name and password of basic authentication. */
public record Credentials(String user, String password) {

  /** Compared in a time that does not depend on where they differ. */
  boolean permit(Request request) {
    var expected = "Basic " + Base64.getEncoder().encodeToString(bytes(user + ":" + password));
    return MessageDigest.isEqual(
        bytes(expected), bytes(request.header("Authorization").orElse("")));
  }

  /** {@code base} with these in its user info, as CC hands out its URLs. */
  String within(URI base, String path) {
    return base.getScheme()
        + "://"
        + encode(user)
        + ":"
        + encode(password)
        + "@"
        + base.getRawAuthority()
        + path;
  }

  private static String encode(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  /** Without the password. */
  @Override
  public String toString() {
    return "Credentials[" + user + "]";
  }
}
