package dev.ccbridge.receptor.model;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What an absent or {@code null} member means on this wire: the zero value of its type, as Go
 * decodes it.
 */
final class Wire {
  private Wire() {}

  static String text(@Nullable String value) {
    return value == null ? "" : value;
  }

  /**
   * A text that many records have alike, such as a domain or a user, held once for all of them:
   * texts are two thirds of what stored tasks take.
   */
  static String shared(@Nullable String value) {
    return text(value).intern();
  }

  /**
   * An unmodifiable copy; unlike {@link List#copyOf} it keeps null elements, which validation then
   * names.
   */
  static <T extends @Nullable Object> List<T> list(@Nullable Collection<? extends T> values) {
    return values == null ? List.of() : Collections.unmodifiableList(new ArrayList<T>(values));
  }

  /** An unmodifiable copy; a null element is the empty text. */
  static List<String> texts(@Nullable Collection<? extends @Nullable String> values) {
    return values == null ? List.of() : values.stream().map(Wire::text).toList();
  }

  /** An unmodifiable copy in the given order. */
  static <V extends @Nullable Object> Map<String, V> map(
      @Nullable Map<String, ? extends V> values) {
    return values == null
        ? Map.of()
        : Collections.unmodifiableMap(new LinkedHashMap<String, V>(values));
  }
}
