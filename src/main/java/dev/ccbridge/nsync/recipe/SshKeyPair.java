package dev.ccbridge.nsync.recipe;

/**
 * One key pair in the forms that a recipe needs.
 *
 * @param privateKeyPem PKCS#1 PEM with a trailing newline
 * @param authorizedKey {@code ssh-rsa <base64>} and a newline, without a comment
 * @param fingerprint MD5 of the public key in ssh's wire format, 16 hex pairs joined by colons
 */
public record SshKeyPair(String privateKeyPem, String authorizedKey, String fingerprint) {

  /** The private key stays unseen. */
  @Override
  public String toString() {
    return "SshKeyPair[" + fingerprint + "]";
  }
}
