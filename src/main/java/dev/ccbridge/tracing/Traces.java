package dev.ccbridge.tracing;

import java.net.URI;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;

/**
 * Where spans go. Never throws and never waits for a collector; what it does not take is lost.
 * Thread-safe.
 */
public interface Traces extends AutoCloseable {

  /** What a span is of, as OpenTelemetry has it. */
  enum Kind {
    SERVER,
    CLIENT,
    INTERNAL
  }

  /** Something that goes on. To be ended once. */
  interface Span {
    /** For what belongs below it; empty when nothing is traced. */
    Optional<TraceContext> context();

    /** It did not go well; {@code why} holds no secret. */
    void failed(String why);

    void end();
  }

  /** Nothing is traced. */
  Traces NONE =
      new Traces() {
        private static final Span NOTHING =
            new Span() {
              @Override
              public Optional<TraceContext> context() {
                return Optional.empty();
              }

              @Override
              public void failed(String why) {}

              @Override
              public void end() {}
            };

        @Override
        public Span start(
            String name, Kind kind, Optional<TraceContext> parent, Map<String, String> attributes) {
          return NOTHING;
        }

        @Override
        public Optional<TraceContext> record(
            String name,
            Optional<TraceContext> parent,
            Instant begun,
            Instant ended,
            Map<String, String> attributes,
            Optional<String> failure) {
          return Optional.empty();
        }

        @Override
        public void close() {}
      };

  /**
   * Sends to a collector, by OTLP over HTTP with protobuf.
   *
   * @param endpoint base URL, or with a path that of the traces
   */
  static Traces to(URI endpoint) {
    return new OtlpTraces(endpoint);
  }

  /**
   * @param parent empty: a new trace begins
   * @param attributes without secrets
   */
  Span start(String name, Kind kind, Optional<TraceContext> parent, Map<String, String> attributes);

  /**
   * A span of what is over.
   *
   * @param failure why it did not go well, if it did not
   * @return its context, for what belonged below it; empty when nothing is traced
   */
  Optional<TraceContext> record(
      String name,
      Optional<TraceContext> parent,
      Instant begun,
      Instant ended,
      Map<String, String> attributes,
      Optional<String> failure);

  /** Sends what is left. */
  @Override
  void close();
}
