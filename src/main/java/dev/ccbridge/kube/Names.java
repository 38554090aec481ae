package dev.ccbridge.kube;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Locale;

/** Legal names and label values made of guids. */
public final class Names {
  private static final int MAX_NAME = 253;
  private static final int MAX_LABEL_VALUE = 63;
  private static final int HASH_CHARACTERS = 10;

  private Names() {}

  /**
   * An object's name for a guid: the guid itself where that is a legal name (DNS-1123 subdomain
   * without dots, 253 characters); otherwise what is legal of it in lower case and a hash, so that
   * two guids never share a name, even when they differ in case only.
   */
  public static String fromGuid(String guid) {
    return legal(guid, guid.toLowerCase(Locale.ROOT), "[^a-z0-9-]", MAX_NAME);
  }

  /** A label's value for any text: the text itself where legal (63 characters), else as above. */
  public static String labelValue(String text) {
    return text.isEmpty() ? "" : legal(text, text, "[^A-Za-z0-9_.-]", MAX_LABEL_VALUE);
  }

  private static String legal(String original, String wanted, String illegal, int maxLength) {
    var cleaned = trim(wanted.replaceAll(illegal, "-"));
    if (!wanted.isEmpty() && cleaned.equals(original) && wanted.length() <= maxLength) {
      return wanted;
    }
    var room = maxLength - HASH_CHARACTERS - 1;
    var head = trim(cleaned.length() > room ? cleaned.substring(0, room) : cleaned);
    return (head.isEmpty() ? "x" : head) + "-" + hash(original);
  }

  private static String trim(String text) {
    return text.replaceAll("^[^A-Za-z0-9]+|[^A-Za-z0-9]+$", "");
  }

  /** The first {@value #HASH_CHARACTERS} hex digits of the SHA-256 of {@code text}. */
  public static String hash(String text) {
    return hash(text, HASH_CHARACTERS);
  }

  /** As many, up to 64. */
  public static String hash(String text, int characters) {
    try {
      var digest =
          MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(digest).substring(0, characters);
    } catch (NoSuchAlgorithmException everyJdkHasIt) {
      throw new IllegalStateException(everyJdkHasIt);
    }
  }
}
