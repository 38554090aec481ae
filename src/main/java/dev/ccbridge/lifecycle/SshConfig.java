package dev.ccbridge.lifecycle;

import java.security.KeyPair;
import java.security.PublicKey;
import java.util.Optional;

/**
 * What an ssh daemon is told.
 *
 * @param host name or address to listen at; empty: all addresses
 * @param port zero: any free one
 * @param authorizedKey whose owner may log in, under any name; empty: nobody by key
 * @param anybody whether any key and any password will do
 * @param inheritEnvironment whether sessions see the environment of the daemon
 */
record SshConfig(
    String host,
    int port,
    KeyPair hostKey,
    Optional<PublicKey> authorizedKey,
    boolean anybody,
    boolean inheritEnvironment) {

  /** Without the keys: this may be printed. */
  @Override
  public String toString() {
    return "SshConfig[" + host + ":" + port + "]";
  }
}
