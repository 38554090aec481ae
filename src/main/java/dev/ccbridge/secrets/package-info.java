/**
 * Values of Secrets on their way through: {@link dev.ccbridge.secrets.SecretEnvironment} reads them
 * when work is handed to the Receptor, {@link dev.ccbridge.secrets.SecretMask} takes them out of
 * what that work says.
 */
@NullMarked
package dev.ccbridge.secrets;

import org.jspecify.annotations.NullMarked;
