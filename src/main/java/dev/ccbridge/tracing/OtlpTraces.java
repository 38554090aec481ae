package dev.ccbridge.tracing;

import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.trace.SpanBuilder;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.api.trace.TraceFlags;
import io.opentelemetry.api.trace.TraceState;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.context.Context;
import io.opentelemetry.exporter.otlp.http.trace.OtlpHttpSpanExporter;
import io.opentelemetry.sdk.resources.Resource;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.export.BatchSpanProcessor;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Spans in batches to a collector; what it does not take in time is dropped. */
final class OtlpTraces implements Traces {
  private static final Logger LOG = LoggerFactory.getLogger(OtlpTraces.class);
  private static final String PATH = "/v1/traces";
  private static final String SERVICE = "cc-bridge";
  private static final Duration BATCHES = Duration.ofSeconds(1);
  private static final Duration PATIENCE = Duration.ofSeconds(10);
  private static final long LAST_SECONDS = 5;

  private final SdkTracerProvider provider;
  private final Tracer tracer;

  OtlpTraces(URI endpoint) {
    logThroughSlf4j();
    var exporter =
        OtlpHttpSpanExporter.builder()
            .setEndpoint(urlOf(endpoint).toString())
            .setTimeout(PATIENCE)
            .build();
    provider =
        SdkTracerProvider.builder()
            .setResource(
                Resource.create(Attributes.of(AttributeKey.stringKey("service.name"), SERVICE)))
            .addSpanProcessor(
                BatchSpanProcessor.builder(exporter).setScheduleDelay(BATCHES).build())
            .build();
    tracer = provider.get("dev.ccbridge");
  }

  private static URI urlOf(URI endpoint) {
    var path = endpoint.getRawPath() == null ? "" : endpoint.getRawPath();
    return path.isEmpty() || path.equals("/") ? endpoint.resolve(PATH) : endpoint;
  }

  /** The library's own words would stand among our lines in another form. */
  private static void logThroughSlf4j() {
    var theirs = java.util.logging.Logger.getLogger("io.opentelemetry");
    theirs.setUseParentHandlers(false);
    for (var handler : theirs.getHandlers()) {
      theirs.removeHandler(handler);
    }
    theirs.addHandler(
        new Handler() {
          @Override
          public void publish(LogRecord told) {
            if (told.getLevel().intValue() >= Level.WARNING.intValue()) {
              LOG.warn("traces not sent, they are lost cause={}", told.getMessage());
            }
          }

          @Override
          public void flush() {}

          @Override
          public void close() {}
        });
  }

  @Override
  public Span start(
      String name, Kind kind, Optional<TraceContext> parent, Map<String, String> attributes) {
    return new Open(builder(name, kind, parent, attributes).startSpan());
  }

  @Override
  public Optional<TraceContext> record(
      String name,
      Optional<TraceContext> parent,
      Instant begun,
      Instant ended,
      Map<String, String> attributes,
      Optional<String> failure) {
    var span =
        builder(name, Kind.INTERNAL, parent, attributes).setStartTimestamp(begun).startSpan();
    failure.ifPresent(why -> span.setStatus(StatusCode.ERROR, why));
    span.end(ended.isBefore(begun) ? begun : ended);
    return Optional.of(context(span.getSpanContext()));
  }

  private SpanBuilder builder(
      String name, Kind kind, Optional<TraceContext> parent, Map<String, String> attributes) {
    var builder = tracer.spanBuilder(name).setSpanKind(kind(kind));
    parent.ifPresentOrElse(
        above -> builder.setParent(Context.root().with(remote(above))), builder::setNoParent);
    attributes.forEach(builder::setAttribute);
    return builder;
  }

  private static io.opentelemetry.api.trace.Span remote(TraceContext parent) {
    return io.opentelemetry.api.trace.Span.wrap(
        SpanContext.createFromRemoteParent(
            parent.traceId(),
            parent.spanId(),
            parent.sampled() ? TraceFlags.getSampled() : TraceFlags.getDefault(),
            TraceState.getDefault()));
  }

  private static SpanKind kind(Kind kind) {
    return switch (kind) {
      case SERVER -> SpanKind.SERVER;
      case CLIENT -> SpanKind.CLIENT;
      case INTERNAL -> SpanKind.INTERNAL;
    };
  }

  private static TraceContext context(SpanContext span) {
    return new TraceContext(span.getTraceId(), span.getSpanId(), span.isSampled());
  }

  @Override
  public void close() {
    provider.shutdown().join(LAST_SECONDS, TimeUnit.SECONDS);
  }

  private record Open(io.opentelemetry.api.trace.Span span) implements Span {
    @Override
    public Optional<TraceContext> context() {
      return Optional.of(OtlpTraces.context(span.getSpanContext()));
    }

    @Override
    public void failed(String why) {
      span.setStatus(StatusCode.ERROR, why);
    }

    @Override
    public void end() {
      span.end();
    }
  }
}
