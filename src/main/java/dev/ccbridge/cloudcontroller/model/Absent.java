package dev.ccbridge.cloudcontroller.model;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** What an absent or {@code null} member means: the zero value of its type, as Go decodes it. */
final class Absent {
  private Absent() {}

  static String text(@Nullable String value) {
    return value == null ? "" : value;
  }

  static <T> List<T> list(@Nullable List<T> values) {
    return values == null ? List.of() : List.copyOf(values);
  }
}
