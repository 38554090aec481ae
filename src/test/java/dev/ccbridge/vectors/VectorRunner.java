package dev.ccbridge.vectors;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;

/** Gives the cases of one file to the component that they are about. */
interface VectorRunner extends AutoCloseable {

  /**
   * Carries out one case on the running component; cases may run side by side.
   *
   * @return what was seen, in the form of the case's {@code expected}
   */
  ObjectNode run(JsonNode vector) throws Exception;

  /**
   * Puts {@code expected} in the form in which {@link #run} reports: only for what has no meaning,
   * such as the order of header names. What differs on purpose belongs in {@link
   * #knownDifferences}.
   */
  default ObjectNode normalised(JsonNode vector) {
    return vector.path("expected").deepCopy();
  }

  /**
   * Whether a wrong expectation of this kind means the same as the right one, so that it need not
   * be noticed.
   *
   * @param mutation see {@link Mutations#of}
   */
  default boolean isWithoutMeaning(JsonNode vector, String mutation) {
    return false;
  }

  /** What we do otherwise, on purpose; applied in this order. */
  List<KnownDifference> knownDifferences();

  @Override
  void close();
}
