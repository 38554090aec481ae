package dev.ccbridge.devserver.schema;

import com.google.re2j.Pattern;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.util.Base64;

/** The string formats that a structural schema can ask for; an unknown one allows anything. */
final class Formats {
  private static final Pattern UUID =
      Pattern.compile("(?i)^[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}$");
  private static final Pattern DURATION =
      Pattern.compile("^([+-]?([0-9]+(\\.[0-9]*)?|\\.[0-9]+)(ns|us|µs|ms|s|m|h))+$|^0$");
  private static final Pattern EMAIL = Pattern.compile("^[^@\\s]+@[^@\\s]+$");
  private static final Pattern IPV4 =
      Pattern.compile("^((25[0-5]|2[0-4]\\d|1?\\d?\\d)(\\.|$)){4}$");
  private static final Pattern HOSTNAME =
      Pattern.compile("^([a-zA-Z0-9]([a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?\\.?)+$");

  private Formats() {}

  static boolean matches(String format, String value) {
    return switch (format) {
      case "date-time" -> parses(() -> OffsetDateTime.parse(value));
      case "date" -> parses(() -> LocalDate.parse(value));
      case "byte" -> parses(() -> Base64.getDecoder().decode(value));
      case "uri" -> isUri(value);
      case "uuid" -> UUID.matches(value);
      case "duration" -> DURATION.matches(value);
      case "email" -> EMAIL.matches(value);
      case "ipv4" -> IPV4.matches(value);
      case "hostname" -> HOSTNAME.matches(value);
      default -> true;
    };
  }

  private static boolean isUri(String value) {
    try {
      return new URI(value).isAbsolute() || value.startsWith("/");
    } catch (URISyntaxException malformed) {
      return false;
    }
  }

  private static boolean parses(Runnable parser) {
    try {
      parser.run();
      return true;
    } catch (DateTimeException | IllegalArgumentException malformed) {
      return false;
    }
  }
}
