package dev.ccbridge.receptor.server;

import dev.ccbridge.receptor.model.ReceptorEvent;
import dev.ccbridge.receptor.model.ReceptorJson;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * The lines {@code event:} and {@code data:} of an event. All subscribers are told of the same
 * object, so it is encoded once for those who hear of it at about the same time. Thread-safe; at
 * most 16 MiB are kept.
 */
final class EventEncoder {
  private static final int SLOTS = 256;
  private static final int MAX_KEPT_BYTES = 64 << 10;

  private record Encoded(ReceptorEvent event, byte[] lines) {}

  private final AtomicReferenceArray<Encoded> kept = new AtomicReferenceArray<>(SLOTS);

  byte[] lines(ReceptorEvent event) throws IOException {
    var slot = System.identityHashCode(event) % SLOTS;
    var known = kept.get(slot);
    if (known != null && known.event() == event) {
      return known.lines();
    }
    var data = ReceptorJson.mapper().writeValueAsString(event);
    var lines =
        ("event: " + event.wireName() + "\ndata: " + data + "\n\n")
            .getBytes(StandardCharsets.UTF_8);
    if (lines.length <= MAX_KEPT_BYTES) {
      kept.set(slot, new Encoded(event, lines));
    }
    return lines;
  }
}
