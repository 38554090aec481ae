package dev.ccbridge.kube;

import io.fabric8.kubernetes.api.model.Event;
import io.fabric8.kubernetes.api.model.EventBuilder;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ObjectReferenceBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.net.HttpURLConnection;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells of transitions as Kubernetes Events. Written by a thread of its own from a bounded queue,
 * so that a reconcile neither waits for an event nor fails by one: what cannot be written is lost,
 * and the log says so.
 *
 * <p>An event's name is made of what it says. The same said again about the same object is counted
 * on the event that is there; said again within {@link #QUIET} it is not written at all.
 * Thread-safe.
 */
public final class EventRecorder implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(EventRecorder.class);
  private static final Duration QUIET = Duration.ofMinutes(5);
  private static final Duration CLOSE_PATIENCE = Duration.ofSeconds(2);
  private static final int QUEUE_SIZE = 2000;
  private static final int REMEMBERED = 4000;

  /** The API server's limit on an event's message, in bytes. */
  private static final int MAX_MESSAGE_BYTES = 1024;

  private final KubernetesClient client;
  private final String component;
  private final Clock clock;
  private final ThreadPoolExecutor writer;

  /** Events that have found no room, since that was last told. */
  private final AtomicLong overflown = new AtomicLong();

  private final Map<String, Instant> written =
      new LinkedHashMap<>() {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Instant> eldest) {
          return size() > REMEMBERED;
        }
      };

  /**
   * @param client stays open when this closes
   * @param component who reports, as {@code kubectl describe} shows it
   */
  public EventRecorder(KubernetesClient client, String component, Clock clock) {
    this.client = client;
    this.component = component;
    this.clock = clock;
    this.writer =
        new ThreadPoolExecutor(
            1,
            1,
            0,
            TimeUnit.SECONDS,
            new ArrayBlockingQueue<>(QUEUE_SIZE),
            Thread.ofVirtual().name("events-", 0).factory());
  }

  /** Something went as it should. */
  public void normal(HasMetadata about, String reason, String message) {
    record(about, "Normal", reason, message);
  }

  /** Something that a person may want to look at. */
  public void warning(HasMetadata about, String reason, String message) {
    record(about, "Warning", reason, message);
  }

  /** Writes what is queued, for a moment, then stops. */
  @Override
  public void close() {
    writer.shutdown();
    try {
      if (!writer.awaitTermination(CLOSE_PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
        writer.shutdownNow();
      }
    } catch (InterruptedException stopping) {
      writer.shutdownNow();
      Thread.currentThread().interrupt();
    }
  }

  private void record(HasMetadata about, String type, String reason, String message) {
    var event = event(about, type, reason, shorten(message));
    if (!isNews(event)) {
      return;
    }
    try {
      writer.execute(() -> write(event));
    } catch (RejectedExecutionException fullOrClosed) {
      if (overflown.getAndIncrement() == 0) {
        lost(event, "the queue is full or closed");
      }
    }
  }

  /** Thousands may not find room at once: when there is some again, one line says how many. */
  private void tellOverflow() {
    if (writer.getQueue().remainingCapacity() > QUEUE_SIZE / 2) {
      long more = overflown.getAndSet(0) - 1;
      if (more > 0) {
        LOG.warn("more events not written, as the queue was full count={}", more);
      }
    }
  }

  private boolean isNews(Event event) {
    var key = event.getMetadata().getNamespace() + "/" + event.getMetadata().getName();
    synchronized (written) {
      var now = clock.instant();
      var before = written.get(key);
      if (before != null && now.isBefore(before.plus(QUIET))) {
        return false;
      }
      written.put(key, now);
      return true;
    }
  }

  private Event event(HasMetadata about, String type, String reason, String message) {
    var metadata = about.getMetadata();
    var now = clock.instant().truncatedTo(ChronoUnit.SECONDS).toString();
    var hash = Names.hash(String.join("\n", metadata.getUid(), type, reason, message));
    return new EventBuilder()
        .withNewMetadata()
        .withNamespace(metadata.getNamespace())
        .withName(Names.fromGuid(metadata.getName() + "-" + hash))
        .endMetadata()
        .withInvolvedObject(
            new ObjectReferenceBuilder()
                .withApiVersion(about.getApiVersion())
                .withKind(about.getKind())
                .withNamespace(metadata.getNamespace())
                .withName(metadata.getName())
                .withUid(metadata.getUid())
                .build())
        .withType(type)
        .withReason(reason)
        .withMessage(message)
        .withFirstTimestamp(now)
        .withLastTimestamp(now)
        .withCount(1)
        .withNewSource()
        .withComponent(component)
        .endSource()
        .withReportingComponent(component)
        .build();
  }

  private void write(Event event) {
    try {
      var events = client.v1().events().inNamespace(event.getMetadata().getNamespace());
      try {
        events.resource(event).create();
      } catch (KubernetesClientException exists) {
        if (exists.getCode() != HttpURLConnection.HTTP_CONFLICT) {
          throw exists;
        }
        countAgain(event);
      }
    } catch (RuntimeException failure) {
      lost(event, String.valueOf(failure.getMessage()));
    }
    tellOverflow();
  }

  private void countAgain(Event event) {
    client
        .v1()
        .events()
        .inNamespace(event.getMetadata().getNamespace())
        .withName(event.getMetadata().getName())
        .edit(
            stored ->
                new EventBuilder(stored)
                    .withCount(stored.getCount() == null ? 2 : stored.getCount() + 1)
                    .withLastTimestamp(event.getLastTimestamp())
                    .build());
  }

  private static void lost(Event event, String why) {
    LOG.warn(
        "event not written namespace={} name={} reason={} cause={}",
        event.getMetadata().getNamespace(),
        event.getInvolvedObject().getName(),
        event.getReason(),
        why);
  }

  /** Cut at a character, so that it has at most {@value #MAX_MESSAGE_BYTES} bytes. */
  private static String shorten(String message) {
    var bytes = 0;
    for (var i = 0; i < message.length(); ) {
      var character = message.codePointAt(i);
      bytes += character < 0x80 ? 1 : character < 0x800 ? 2 : character < 0x10000 ? 3 : 4;
      if (bytes > MAX_MESSAGE_BYTES - 3) {
        return message.substring(0, i) + "…";
      }
      i += Character.charCount(character);
    }
    return message;
  }
}
