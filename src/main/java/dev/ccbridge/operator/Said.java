package dev.ccbridge.operator;

import java.util.Arrays;
import java.util.List;

/**
 * A value as somebody gave it.
 *
 * @param items the single values, where the source has them apart; empty: they are in {@code text},
 *     separated by commas
 * @param place where it was given, as the reader knows it: {@code CC_BRIDGE_DATA}, {@code --data},
 *     {@code cc-bridge.yaml: data}, {@code -staticDirectory}
 */
record Said(String text, List<String> items, String place) {
  Said(String text, String place) {
    this(text.strip(), List.of(), place);
  }

  /** Several values, which may hold commas. */
  static Said items(List<String> items, String place) {
    return new Said(String.join(",", items), List.copyOf(items), place);
  }

  boolean isBlank() {
    return text.isBlank();
  }

  List<String> list() {
    return (items.isEmpty() ? Arrays.stream(text.split(",")) : items.stream())
        .map(String::strip)
        .filter(item -> !item.isEmpty())
        .toList();
  }
}
