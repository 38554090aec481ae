package dev.ccbridge.operator;

import java.util.List;

/** A part that can tell what keeps it from its work at the moment. Thread-safe. */
@FunctionalInterface
interface Lacking {
  /** One line for each reason, for a person; empty: nothing does. */
  List<String> lacking();
}
