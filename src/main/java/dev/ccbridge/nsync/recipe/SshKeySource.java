package dev.ccbridge.nsync.recipe;

/** Makes the key pairs of an app's ssh server and of its users. */
@FunctionalInterface
public interface SshKeySource {

  /** A pair that was not handed out before. Safe for use by several threads. */
  SshKeyPair next();
}
