package dev.ccbridge.registry;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.regex.Pattern;

/**
 * The name of content by its hash, such as {@code sha256:e3b0…}.
 *
 * @param text algorithm, colon, hash in lower-case hexadecimal digits
 */
public record Digest(String text) {
  private static final Pattern FORM =
      Pattern.compile("sha256:[0-9a-f]{64}|sha384:[0-9a-f]{96}|sha512:[0-9a-f]{128}");

  /**
   * @throws RegistryException INVALID_REQUEST for any other form
   */
  public Digest {
    if (!FORM.matcher(text).matches()) {
      throw RegistryException.invalid(
          "digest \""
              + text
              + "\": want sha256: and 64 digits, sha384: and 96, or sha512: and 128");
    }
  }

  /** The SHA-256 of {@code content}. */
  public static Digest of(byte[] content) {
    return of("sha256", algorithm("sha256").digest(content));
  }

  private static Digest of(String algorithm, byte[] hash) {
    return new Digest(algorithm + ":" + HexFormat.of().formatHex(hash));
  }

  /** The part before the colon. */
  public String algorithm() {
    return text.substring(0, text.indexOf(':'));
  }

  /** The part after the colon. */
  public String hex() {
    return text.substring(text.indexOf(':') + 1);
  }

  /** What to feed the content to, for {@link #matches(MessageDigest)}. */
  MessageDigest start() {
    return algorithm(algorithm());
  }

  /** Whether what went into {@code fed} is the content that this names. Uses {@code fed} up. */
  boolean matches(MessageDigest fed) {
    return equals(of(algorithm(), fed.digest()));
  }

  boolean matches(byte[] content) {
    var fed = start();
    fed.update(content);
    return matches(fed);
  }

  private static MessageDigest algorithm(String name) {
    try {
      return MessageDigest.getInstance("SHA-" + name.substring("sha".length()));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-2", e);
    }
  }

  @Override
  public String toString() {
    return text;
  }
}
