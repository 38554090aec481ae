package dev.ccbridge.nsync.bulk;

import dev.ccbridge.nsync.recipe.LRPOptions;
import dev.ccbridge.receptor.LRPFeed;
import dev.ccbridge.receptor.Receptor;
import dev.ccbridge.receptor.model.DesiredLRPResponse;
import dev.ccbridge.receptor.model.ReceptorEvent;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The annotation (Cloud Controller's etag) of every LRP of {@code cf-apps} that the Receptor has.
 *
 * <p>Events that come while a list is under way are kept and applied after it: the list may be from
 * before or after each of them. Where it is from after, the record is set back for a moment, until
 * the stream, which leaves nothing out, has told the rest.
 *
 * <p>Thread-safe.
 */
final class KnownLRPs implements LRPFeed.Sink {
  private Map<String, String> annotations = new HashMap<>();

  /** Since the list was asked for; empty: gone. Null: no list is under way. */
  private @Nullable Map<String, Optional<String>> meanwhile;

  synchronized int size() {
    return annotations.size();
  }

  /** The annotation of this LRP; empty: there is no such LRP. */
  synchronized Optional<String> annotation(String processGuid) {
    return Optional.ofNullable(annotations.get(processGuid));
  }

  /** The guids that are not among these. */
  synchronized List<String> without(Set<String> processGuids) {
    var rest = new ArrayList<String>();
    for (var guid : annotations.keySet()) {
      if (!processGuids.contains(guid)) {
        rest.add(guid);
      }
    }
    return rest;
  }

  @Override
  public void accept(ReceptorEvent event) {
    switch (event) {
      case ReceptorEvent.DesiredLRPCreated(var lrp) -> told(lrp, Optional.of(lrp.annotation()));
      case ReceptorEvent.DesiredLRPChanged(var before, var after) ->
          told(after, Optional.of(after.annotation()));
      case ReceptorEvent.DesiredLRPRemoved(var lrp) -> told(lrp, Optional.empty());
      case ReceptorEvent.ActualLRPCreated other -> {}
      case ReceptorEvent.ActualLRPChanged other -> {}
      case ReceptorEvent.ActualLRPRemoved other -> {}
    }
  }

  @Override
  public void list(Receptor receptor) {
    var listed = new HashMap<String, String>();
    synchronized (this) {
      meanwhile = new HashMap<>();
    }
    try {
      receptor.summaries(
          LRPOptions.CF_APPS,
          lrp -> {
            if (lrp.domain().equals(LRPOptions.CF_APPS)) {
              listed.put(lrp.processGuid(), lrp.annotation());
            }
          });
      takeOver(listed);
    } finally {
      synchronized (this) {
        meanwhile = null;
      }
    }
  }

  private synchronized void takeOver(Map<String, String> listed) {
    annotations = listed;
    if (meanwhile != null) {
      meanwhile.forEach(this::set);
    }
  }

  private synchronized void told(DesiredLRPResponse lrp, Optional<String> annotation) {
    if (!lrp.domain().equals(LRPOptions.CF_APPS)) {
      return;
    }
    set(lrp.processGuid(), annotation);
    if (meanwhile != null) {
      meanwhile.put(lrp.processGuid(), annotation);
    }
  }

  private void set(String processGuid, Optional<String> annotation) {
    annotation.ifPresentOrElse(
        text -> annotations.put(processGuid, text), () -> annotations.remove(processGuid));
  }
}
