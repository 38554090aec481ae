package dev.ccbridge.operator;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.spi.MDCAdapter;

/**
 * What a thread works on, for its log lines. Unlike SLF4J's own it is not handed to threads that
 * this one starts: those often outlive the work, and would go on telling of it.
 */
final class LogContext implements MDCAdapter {
  /** java-operator-sdk's names of what is reconciled, and how our lines call it. */
  private static final Map<String, String> KEYS =
      Map.of(
          "resource.namespace", "namespace",
          "resource.name", "name",
          "taskGuid", "task_guid",
          "processGuid", "process_guid");

  private final ThreadLocal<Map<String, String>> values = ThreadLocal.withInitial(HashMap::new);
  private final ThreadLocal<Map<String, Deque<String>>> stacks =
      ThreadLocal.withInitial(HashMap::new);

  /** What of it belongs into a line: guid, namespace and name, as far as they are known. */
  Map<String, String> ofLine() {
    var known = new TreeMap<String, String>();
    values
        .get()
        .forEach(
            (key, value) -> {
              var name = KEYS.get(key);
              if (name != null && value != null) {
                known.put(name, value);
              }
            });
    return known;
  }

  /** As lines for people write a key of {@link #ofLine}. */
  static String inWords(String key) {
    return switch (key) {
      case "task_guid" -> "taskGuid";
      case "process_guid" -> "processGuid";
      default -> key;
    };
  }

  @Override
  public void put(String key, @Nullable String value) {
    values.get().put(key, value == null ? "" : value);
  }

  @Override
  public @Nullable String get(String key) {
    return values.get().get(key);
  }

  @Override
  public void remove(String key) {
    values.get().remove(key);
  }

  @Override
  public void clear() {
    values.remove();
    stacks.remove();
  }

  @Override
  public Map<String, String> getCopyOfContextMap() {
    return new HashMap<>(values.get());
  }

  @Override
  public void setContextMap(Map<String, String> all) {
    values.set(new HashMap<>(all));
  }

  @Override
  public void pushByKey(String key, @Nullable String value) {
    stacks.get().computeIfAbsent(key, k -> new ArrayDeque<>()).push(value == null ? "" : value);
  }

  @Override
  public @Nullable String popByKey(String key) {
    var stack = stacks.get().get(key);
    return stack == null ? null : stack.poll();
  }

  @Override
  public @Nullable Deque<String> getCopyOfDequeByKey(String key) {
    var stack = stacks.get().get(key);
    return stack == null ? null : new ArrayDeque<>(stack);
  }

  @Override
  public void clearDequeByKey(String key) {
    stacks.get().remove(key);
  }
}
