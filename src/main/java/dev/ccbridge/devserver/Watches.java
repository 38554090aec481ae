package dev.ccbridge.devserver;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.ccbridge.devserver.ObjectStore.Change;
import dev.ccbridge.devserver.ObjectStore.ChangeKind;
import dev.ccbridge.devserver.ObjectStore.Stored;
import dev.ccbridge.devserver.ObjectStore.TooOldException;
import dev.ccbridge.devserver.schema.FieldError;
import dev.ccbridge.devserver.schema.Json;
import dev.ccbridge.web.Request;
import dev.ccbridge.web.Response;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * Watches: the changes of a selection as they happen, from any revision that is still known.
 * Thread-safe; each watch runs on the thread of its request and reads the store's history at its
 * own pace, so one that falls too far behind is told to list again and costs no memory.
 */
final class Watches {
  private static final int MAX_WATCHES = 2_000;
  private static final Duration BOOKMARK_INTERVAL = Duration.ofSeconds(55);
  private static final long MIN_TIMEOUT_SECONDS = 1_800;

  private final ObjectStore store;
  private final Clock clock;
  private final Tables tables;
  private final Semaphore free = new Semaphore(MAX_WATCHES);

  Watches(ObjectStore store, Clock clock) {
    this.store = store;
    this.clock = clock;
    this.tables = new Tables(clock);
  }

  /** What a client wants of its watch. */
  private record Wish(
      Selection selection,
      Accept form,
      String include,
      long from,
      boolean initialEvents,
      boolean bookmarks,
      boolean initialBookmark,
      Instant deadline) {}

  Response watch(Request request, RequestPath path, ResourceType type) {
    var wish = wish(request, path, type);
    return Response.stream(
        200,
        "application/json",
        out -> {
          if (!free.tryAcquire()) {
            write(out, "ERROR", tooMany().toStatus());
            return;
          }
          try {
            new Stream(wish, out).run();
          } finally {
            free.release();
          }
        });
  }

  private static StatusException tooMany() {
    return new StatusException(
        429,
        "TooManyRequests",
        "there are " + MAX_WATCHES + " watches already, which is the limit");
  }

  private Wish wish(Request request, RequestPath path, ResourceType type) {
    var revision = request.query("resourceVersion").orElse("");
    if (!revision.matches("\\d{0,18}")) {
      throw StatusException.unexplained(
          "resourceVersion: Invalid value: "
              + MetadataRules.quote(revision)
              + ": strconv.ParseUint: parsing "
              + MetadataRules.quote(revision)
              + ": invalid syntax");
    }
    var bookmarks = isTrue(request, "allowWatchBookmarks");
    var sendInitial = isTrue(request, "sendInitialEvents");
    checkInitialEvents(request);
    var from = revision.isEmpty() ? 0 : Long.parseLong(revision);
    return new Wish(
        Selection.of(request, path, type),
        Accept.of(request),
        request.query("includeObject").orElse("Metadata"),
        from,
        sendInitial || (from == 0 && !request.query("sendInitialEvents").isPresent()),
        bookmarks,
        bookmarks && sendInitial,
        clock.instant().plus(timeout(request)));
  }

  private static boolean isTrue(Request request, String parameter) {
    var value = request.query(parameter).orElse("");
    return value.equals("true") || value.equals("1");
  }

  private static void checkInitialEvents(Request request) {
    var match = request.query("resourceVersionMatch").orElse("");
    var asked = request.query("sendInitialEvents").isPresent();
    if (asked && !match.equals("NotOlderThan")) {
      throw forbidden("sendInitialEvents requires setting resourceVersionMatch to NotOlderThan");
    }
    if (!asked && !match.isEmpty()) {
      throw forbidden(
          "resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided");
    }
  }

  private static StatusException forbidden(String detail) {
    return StatusException.invalidOption(
        "ListOptions", FieldError.of(FieldError.Type.FORBIDDEN, "resourceVersionMatch", detail));
  }

  private static Duration timeout(Request request) {
    var text = request.query("timeoutSeconds").orElse("");
    if (!text.matches("\\d{0,9}")) {
      throw StatusException.badRequest(
          "strconv.ParseInt: parsing " + MetadataRules.quote(text) + ": invalid syntax");
    }
    var seconds = text.isEmpty() ? 0 : Long.parseLong(text);
    return Duration.ofSeconds(
        seconds > 0
            ? seconds
            : ThreadLocalRandom.current().nextLong(MIN_TIMEOUT_SECONDS, 2 * MIN_TIMEOUT_SECONDS));
  }

  private static void write(OutputStream out, String kind, ObjectNode object) throws IOException {
    var event = Json.object();
    event.put("type", kind);
    event.set("object", object);
    // The fabric8 client ends its process over an event with any other character: it takes the
    // unused rest of the array that it decoded into for the beginning of the next event.
    out.write(Json.asciiBytes(event));
    out.write('\n');
    out.flush();
  }

  /** One watch under way. */
  private final class Stream {
    private final Wish wish;
    private final OutputStream out;
    private boolean columnsSent;
    private long position;

    Stream(Wish wish, OutputStream out) {
      this.wish = wish;
      this.out = out;
      this.position = wish.from;
    }

    void run() throws IOException, InterruptedException {
      if (wish.initialEvents) {
        sendInitialEvents();
      } else if (wish.from == 0) {
        position = store.revision();
      }
      var nextBookmark = clock.instant().plus(BOOKMARK_INTERVAL);
      while (clock.instant().isBefore(wish.deadline) && !store.isClosed()) {
        try {
          sendChanges(until(earlier(wish.deadline, nextBookmark)));
        } catch (TooOldException tooOld) {
          write(out, "ERROR", expired(tooOld).toStatus());
          return;
        }
        if (wish.bookmarks && !clock.instant().isBefore(nextBookmark)) {
          sendBookmark(false);
          nextBookmark = clock.instant().plus(BOOKMARK_INTERVAL);
        }
      }
      if (wish.bookmarks && !store.isClosed()) {
        sendBookmark(false);
      }
    }

    private StatusException expired(TooOldException tooOld) {
      return new StatusException(
          410, "Expired", "too old resource version: " + position + " (" + tooOld.oldest() + ")");
    }

    private Duration until(Instant then) {
      var left = Duration.between(clock.instant(), then);
      return left.isNegative() ? Duration.ZERO : left;
    }

    private static Instant earlier(Instant one, Instant other) {
      return one.isBefore(other) ? one : other;
    }

    private void sendInitialEvents() throws IOException {
      var selection = wish.selection;
      var snapshot = store.list(selection.type().storageKey(), selection.namespace());
      for (var stored : snapshot.objects()) {
        if (selection.concerns(stored.key()) && selection.matches(stored.object())) {
          send("ADDED", selection.type().fromStored(stored));
        }
      }
      position = Math.max(position, snapshot.revision());
      if (wish.initialBookmark) {
        sendBookmark(true);
      }
    }

    private void sendChanges(Duration patience)
        throws TooOldException, IOException, InterruptedException {
      for (var change : store.changesAfter(position, patience)) {
        if (wish.selection.concerns(change.key())) {
          sendChange(change);
        }
        position = change.revision();
      }
    }

    /** With a selector, an object may come into view or go out of it by a change. */
    private void sendChange(Change change) throws IOException {
      var type = wish.selection.type();
      var now = new Stored(change.key(), change.revision(), change.json());
      var isSelected = change.kind() != ChangeKind.DELETED && wish.selection.matches(now.object());
      var before = selectedBefore(change);
      if (isSelected) {
        send(before == null ? "ADDED" : "MODIFIED", type.fromStored(now));
      } else if (before != null) {
        var last = type.fromStored(before);
        last.withObjectProperty("metadata")
            .put("resourceVersion", String.valueOf(change.revision()));
        send("DELETED", last);
      }
    }

    private @Nullable Stored selectedBefore(Change change) {
      var previous = change.previous();
      return previous != null && wish.selection.matches(Json.stored(previous))
          ? new Stored(change.key(), change.revision(), previous)
          : null;
    }

    private void send(String kind, ObjectNode object) throws IOException {
      var type = wish.selection.type();
      var shown =
          switch (wish.form) {
            case TABLE -> row(type, object);
            case METADATA, METADATA_LIST -> Tables.metadataOnly(object);
            case JSON, YAML -> object;
          };
      write(out, kind, shown);
    }

    private ObjectNode row(ResourceType type, ObjectNode object) {
      var revision = Json.text(object, "metadata", "resourceVersion");
      var table = tables.table(type, List.of(object), revision, wish.include);
      if (columnsSent) {
        table.putNull("columnDefinitions");
      }
      columnsSent = true;
      return table;
    }

    private void sendBookmark(boolean initial) throws IOException {
      var type = wish.selection.type();
      var object = Json.object();
      object.put("kind", type.kind()).put("apiVersion", type.apiVersion());
      var metadata = object.putObject("metadata");
      metadata.put("resourceVersion", String.valueOf(position));
      if (initial) {
        metadata.putObject("annotations").put("k8s.io/initial-events-end", "true");
      }
      if (wish.form == Accept.TABLE) {
        var table = tables.table(type, List.of(), String.valueOf(position), "None");
        write(out, "BOOKMARK", table);
        return;
      }
      write(out, "BOOKMARK", object);
    }
  }
}
