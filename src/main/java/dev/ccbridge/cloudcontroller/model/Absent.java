package dev.ccbridge.cloudcontroller.model;

import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** What an absent or {@code null} member means: the zero value of its type, as Go decodes it. */
final class Absent {
  private Absent() {}

  static String text(@Nullable String value) {
    return value == null ? "" : value;
  }

  /** Sorted; a null value is the empty text, and null stays null. */
  static @Nullable Map<String, String> texts(
      @Nullable Map<String, ? extends @Nullable String> values) {
    if (values == null) {
      return null;
    }
    var texts = new TreeMap<String, String>();
    values.forEach((name, value) -> texts.put(name, text(value)));
    return Collections.unmodifiableMap(texts);
  }

  /** {@code zero}: what a null element means. */
  static <T> List<T> list(@Nullable List<? extends @Nullable T> values, T zero) {
    return values == null
        ? List.of()
        : values.stream().<T>map(value -> value == null ? zero : value).toList();
  }
}
