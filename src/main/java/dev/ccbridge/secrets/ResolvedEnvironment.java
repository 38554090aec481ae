package dev.ccbridge.secrets;

import dev.ccbridge.receptor.model.EnvironmentVariable;
import java.util.List;

/** What became of an environment whose values may come from Secrets. */
public sealed interface ResolvedEnvironment {

  /** Every variable has its value; the order is kept. */
  record Complete(List<EnvironmentVariable> variables) implements ResolvedEnvironment {}

  /** A Secret, or a key of one, is not there. The message names it and says what to do. */
  record SecretMissing(String message) implements ResolvedEnvironment {}
}
