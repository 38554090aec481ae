package dev.ccbridge.operator;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The parts of a process that run; ended in the opposite order of their start. Thread-safe. */
final class Started implements AutoCloseable, Lacking {
  private static final Logger LOG = LoggerFactory.getLogger(Started.class);

  private final Deque<AutoCloseable> parts = new ArrayDeque<>();

  synchronized <T extends AutoCloseable> T keep(T part) {
    parts.push(part);
    return part;
  }

  @Override
  public synchronized List<String> lacking() {
    return parts.stream()
        .filter(Lacking.class::isInstance)
        .flatMap(part -> ((Lacking) part).lacking().stream())
        .toList();
  }

  @Override
  public void close() {
    @Nullable AutoCloseable part;
    while ((part = next()) != null) {
      try {
        part.close();
      } catch (Exception failure) {
        LOG.error("part={} could not be closed", part.getClass().getSimpleName(), failure);
      }
    }
  }

  private synchronized @Nullable AutoCloseable next() {
    return parts.poll();
  }
}
