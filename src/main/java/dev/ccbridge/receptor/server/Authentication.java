package dev.ccbridge.receptor.server;

import dev.ccbridge.web.Request;
import dev.ccbridge.web.Response;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.Optional;

/**
 * Basic authentication, also by a cookie, because a browser's EventSource cannot send headers.
 * Source: receptor/handlers/auth.
 */
final class Authentication {
  private static final String COOKIE = "receptor_authorization";
  private static final String PUBLIC = "/v1/sync/";
  private static final String SCHEME = "Basic ";

  private final byte[] credentials;
  private final boolean required;

  Authentication(ReceptorServerConfig config) {
    this.required = !config.username().isEmpty();
    this.credentials =
        (config.username() + ":" + config.password()).getBytes(StandardCharsets.UTF_8);
  }

  boolean admits(Request request) {
    return !required
        || request.rawPath().startsWith(PUBLIC)
        || authorization(request).filter(this::isRight).isPresent();
  }

  /** {@code POST /v1/auth_cookie}: gives back what was given, as a cookie. */
  Response cookie(Request request) {
    var answer = Response.empty(204);
    return authorization(request)
        .map(value -> answer.header("Set-Cookie", COOKIE + "=" + plain(value) + "; HttpOnly"))
        .orElse(answer);
  }

  /** The cookie wins over the header. */
  private static Optional<String> authorization(Request request) {
    for (var line : request.headerValues("Cookie")) {
      for (var pair : line.split(";")) {
        var stripped = pair.strip();
        if (stripped.startsWith(COOKIE + "=")) {
          return Optional.of(unquoted(stripped.substring(COOKIE.length() + 1)));
        }
      }
    }
    return request.header("Authorization");
  }

  private boolean isRight(String authorization) {
    if (!authorization.startsWith(SCHEME)) {
      return false;
    }
    try {
      var given = Base64.getDecoder().decode(authorization.substring(SCHEME.length()));
      return MessageDigest.isEqual(given, credentials);
    } catch (IllegalArgumentException notBase64) {
      return false;
    }
  }

  private static String unquoted(String value) {
    var quoted = value.length() >= 2 && value.startsWith("\"") && value.endsWith("\"");
    return quoted ? value.substring(1, value.length() - 1) : value;
  }

  /** Without what would end the cookie's value. */
  private static String plain(String value) {
    return value.replaceAll("[^\\x20-\\x7e]|[\";\\\\]", "");
  }
}
