package dev.ccbridge.nsync;

import dev.ccbridge.receptor.model.ModificationTag;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.BiPredicate;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * One kind of record at the Receptor, as far as events, lists and look-ups tell. What is said
 * twice, or late, changes nothing: a record only gives way to one with a later modification tag,
 * and a removed epoch does not come back.
 *
 * <p>Not thread-safe: {@link LRPCache} guards it.
 */
final class Records<K, V> {
  private static final int REMEMBERED_REMOVALS = 10_000;

  /** {@code touched}: the clock when an event or look-up last told of it. */
  private record Entry<V>(V value, long touched) {}

  private final Function<V, K> keyOf;
  private final Function<V, ModificationTag> tagOf;
  private final BiPredicate<V, V> differs;
  private final NavigableMap<K, Entry<V>> entries = new TreeMap<>();
  private long clock;
  private final Map<K, String> removedEpochs =
      new LinkedHashMap<>() {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<K, String> eldest) {
          return size() > REMEMBERED_REMOVALS;
        }
      };

  /**
   * @param differs whether a change is worth telling
   */
  Records(Function<V, K> keyOf, Function<V, ModificationTag> tagOf, BiPredicate<V, V> differs) {
    this.keyOf = keyOf;
    this.tagOf = tagOf;
    this.differs = differs;
  }

  /** The moment before a list or look-up is asked for. */
  long mark() {
    return clock;
  }

  NavigableMap<K, V> range(K from, K to) {
    var range = new TreeMap<K, V>();
    entries.subMap(from, true, to, false).forEach((key, entry) -> range.put(key, entry.value()));
    return range;
  }

  void forEach(Consumer<V> consumer) {
    entries.values().forEach(entry -> consumer.accept(entry.value()));
  }

  /** An event or look-up tells that the record is, or has become, this. */
  boolean put(V value) {
    var key = keyOf.apply(value);
    var epoch = tagOf.apply(value).epoch();
    if (!epoch.isEmpty() && epoch.equals(removedEpochs.get(key))) {
      return false;
    }
    clock++;
    return replace(key, value);
  }

  /** An event tells that the record, of which this is the last value, is gone. */
  boolean remove(V value) {
    var key = keyOf.apply(value);
    var entry = entries.get(key);
    var epoch = tagOf.apply(value).epoch();
    clock++;
    if (!epoch.isEmpty()) {
      removedEpochs.put(key, epoch);
    }
    // Of another epoch: it was created anew in the meantime.
    if (entry == null || !tagOf.apply(entry.value()).epoch().equals(epoch)) {
      return false;
    }
    entries.remove(key);
    return true;
  }

  /** A look-up that was asked for at {@code mark} found nothing under this key. */
  boolean absent(K key, long mark) {
    var entry = entries.get(key);
    if (entry == null || entry.touched() > mark) {
      return false;
    }
    return entries.remove(key) != null;
  }

  /**
   * A list that was asked for at {@code mark}. What it leaves out is gone, unless an event told of
   * it since, or {@code hidden} says that lists do not show it.
   *
   * @return what changed
   */
  Set<V> merge(Collection<V> list, long mark, BiPredicate<K, Set<K>> hidden) {
    var changed = new HashSet<V>();
    var listed = new HashSet<K>();
    for (var value : list) {
      var key = keyOf.apply(value);
      listed.add(key);
      if (isNews(key, value, mark) && replaceFromList(key, value)) {
        changed.add(value);
      }
    }
    Predicate<Map.Entry<K, Entry<V>>> gone =
        e ->
            !listed.contains(e.getKey())
                && e.getValue().touched() <= mark
                && !hidden.test(e.getKey(), listed);
    entries.entrySet().stream().filter(gone).forEach(e -> changed.add(e.getValue().value()));
    entries.entrySet().removeIf(gone);
    return changed;
  }

  private boolean isNews(K key, V value, long mark) {
    var tag = tagOf.apply(value);
    if (!tag.epoch().isEmpty() && tag.epoch().equals(removedEpochs.get(key))) {
      return false;
    }
    var entry = entries.get(key);
    // Of two epochs, an event since the mark knows better than the list.
    return entry == null
        || entry.touched() <= mark
        || tagOf.apply(entry.value()).epoch().equals(tag.epoch());
  }

  private boolean replaceFromList(K key, V value) {
    var entry = entries.get(key);
    var touched = entry == null ? 0 : entry.touched();
    return replace(key, value, entry, touched);
  }

  private boolean replace(K key, V value) {
    return replace(key, value, entries.get(key), clock);
  }

  private boolean replace(K key, V value, @Nullable Entry<V> before, long touched) {
    if (before != null && !tagOf.apply(before.value()).succeededBy(tagOf.apply(value))) {
      // Known already; but what is told of exists.
      entries.put(key, new Entry<>(before.value(), touched));
      return false;
    }
    entries.put(key, new Entry<>(value, touched));
    return before == null || differs.test(before.value(), value);
  }
}
