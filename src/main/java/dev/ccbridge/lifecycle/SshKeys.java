package dev.ccbridge.lifecycle;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PublicKey;
import java.util.Optional;
import org.apache.sshd.common.NamedResource;
import org.apache.sshd.common.config.keys.PublicKeyEntry;
import org.apache.sshd.common.config.keys.PublicKeyEntryResolver;
import org.apache.sshd.common.util.security.SecurityUtils;
import org.jspecify.annotations.Nullable;

/**
 * Reads the keys of an ssh daemon. No message holds anything of a key.
 *
 * <p>Source: diego-ssh cmd/sshd/main.go, configure.
 */
final class SshKeys {
  private static final int FRESH_BITS = 2048;

  private SshKeys() {}

  /**
   * @param pem an unencrypted private key, PKCS#1 or PKCS#8; empty: a fresh RSA key
   * @throws LifecycleException with exit code 1 for anything else
   */
  static KeyPair host(String pem) throws IOException {
    try {
      if (pem.isEmpty()) {
        var generator = KeyPairGenerator.getInstance("RSA");
        generator.initialize(FRESH_BITS);
        return generator.generateKeyPair();
      }
      var text = new ByteArrayInputStream(pem.getBytes(StandardCharsets.UTF_8));
      var pairs =
          SecurityUtils.loadKeyPairIdentities(
              null, NamedResource.ofName("-hostKey"), text, (session, key, retry) -> null);
      if (pairs != null && pairs.iterator().hasNext()) {
        return pairs.iterator().next();
      }
      throw badHostKey(null);
    } catch (GeneralSecurityException | IOException | IllegalArgumentException e) {
      throw badHostKey(e);
    }
  }

  private static LifecycleException badHostKey(@Nullable Exception e) {
    return new LifecycleException(
        LifecycleException.FAILED,
        "invalid -hostKey: want an unencrypted private key in PEM form",
        e);
  }

  /**
   * @param line of an {@code authorized_keys} file
   * @param mayBeEmpty whether there need not be a key
   * @throws LifecycleException with exit code 1 if there is none that can be read
   */
  static Optional<PublicKey> authorized(String line, boolean mayBeEmpty) {
    var text = line.strip();
    if (text.isEmpty() && mayBeEmpty) {
      return Optional.empty();
    }
    try {
      if (!text.isEmpty()) {
        var entry = PublicKeyEntry.parsePublicKeyEntry(text);
        return Optional.of(entry.resolvePublicKey(null, null, PublicKeyEntryResolver.FAILING));
      }
    } catch (GeneralSecurityException | IOException | RuntimeException e) {
      throw badAuthorizedKey(e);
    }
    throw badAuthorizedKey(null);
  }

  private static LifecycleException badAuthorizedKey(@Nullable Exception e) {
    return new LifecycleException(
        LifecycleException.FAILED,
        "invalid -authorizedKey: want a line \"ssh-rsa BASE64\", or -allowUnauthenticatedClients",
        e);
  }
}
