package dev.ccbridge.receptor.client;

import com.fasterxml.jackson.core.JsonProcessingException;
import dev.ccbridge.receptor.EventSource;
import dev.ccbridge.receptor.LogSource;
import dev.ccbridge.receptor.Receptor;
import dev.ccbridge.receptor.model.ActualLRPResponse;
import dev.ccbridge.receptor.model.CellResponse;
import dev.ccbridge.receptor.model.DesiredLRPCreateRequest;
import dev.ccbridge.receptor.model.DesiredLRPResponse;
import dev.ccbridge.receptor.model.DesiredLRPSummary;
import dev.ccbridge.receptor.model.DesiredLRPUpdateRequest;
import dev.ccbridge.receptor.model.LogLine;
import dev.ccbridge.receptor.model.LogRange;
import dev.ccbridge.receptor.model.ReceptorErrorName;
import dev.ccbridge.receptor.model.ReceptorException;
import dev.ccbridge.receptor.model.ReceptorJson;
import dev.ccbridge.receptor.model.TaskCreateRequest;
import dev.ccbridge.receptor.model.TaskResponse;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * A Receptor elsewhere. Thread-safe; every call has a time limit, except the event stream once it
 * has begun.
 *
 * <p>Differs from Diego: subscribing is tried once, and a stream that breaks ends instead of being
 * resumed, because events may have been missed; the caller subscribes and lists anew.
 */
public final class ReceptorClient implements Receptor {
  private final Transport transport;

  public ReceptorClient(ReceptorClientConfig config) {
    this.transport = new Transport(config);
  }

  @Override
  public void createTask(TaskCreateRequest request) {
    transport.call("POST", Paths.TASKS, encode(request, ReceptorErrorName.InvalidTask));
  }

  @Override
  public List<TaskResponse> tasks(String domain) {
    return transport.list(
        Paths.withProgress(Paths.inDomain(Paths.TASKS, domain)), TaskResponse.class);
  }

  @Override
  public Optional<TaskResponse> findTask(String taskGuid) {
    return unless(
        ReceptorErrorName.TaskNotFound,
        () ->
            transport.one(Paths.withProgress(Paths.of(Paths.TASKS, taskGuid)), TaskResponse.class));
  }

  @Override
  public void cancelTask(String taskGuid) {
    transport.call("POST", Paths.of(Paths.TASKS, taskGuid) + "/cancel", null);
  }

  @Override
  public void deleteTask(String taskGuid) {
    transport.call("DELETE", Paths.of(Paths.TASKS, taskGuid), null);
  }

  @Override
  public void createDesiredLRP(DesiredLRPCreateRequest request) {
    transport.call("POST", Paths.DESIRED_LRPS, encode(request, ReceptorErrorName.InvalidLRP));
  }

  @Override
  public List<DesiredLRPResponse> desiredLRPs(String domain) {
    return transport.list(Paths.inDomain(Paths.DESIRED_LRPS, domain), DesiredLRPResponse.class);
  }

  @Override
  public void summaries(String domain, Consumer<DesiredLRPSummary> each) {
    transport.each(Paths.inDomain(Paths.DESIRED_LRPS, domain), DesiredLRPSummary.class, each);
  }

  @Override
  public Optional<DesiredLRPResponse> findDesiredLRP(String processGuid) {
    return unless(
        ReceptorErrorName.DesiredLRPNotFound,
        () -> transport.one(Paths.of(Paths.DESIRED_LRPS, processGuid), DesiredLRPResponse.class));
  }

  @Override
  public void updateDesiredLRP(String processGuid, DesiredLRPUpdateRequest update) {
    transport.call(
        "PUT",
        Paths.of(Paths.DESIRED_LRPS, processGuid),
        encode(update, ReceptorErrorName.InvalidLRP));
  }

  @Override
  public void deleteDesiredLRP(String processGuid) {
    transport.call("DELETE", Paths.of(Paths.DESIRED_LRPS, processGuid), null);
  }

  @Override
  public List<ActualLRPResponse> actualLRPs(String domain) {
    return transport.list(Paths.inDomain(Paths.ACTUAL_LRPS, domain), ActualLRPResponse.class);
  }

  @Override
  public List<ActualLRPResponse> actualLRPsOf(String processGuid) {
    return transport.list(Paths.of(Paths.ACTUAL_LRPS, processGuid), ActualLRPResponse.class);
  }

  @Override
  public Optional<ActualLRPResponse> findActualLRP(String processGuid, int index) {
    return unless(
        ReceptorErrorName.ActualLRPIndexNotFound,
        () -> transport.get(Paths.index(processGuid, index), ActualLRPResponse.class));
  }

  @Override
  public void killActualLRP(String processGuid, int index) {
    transport.call("DELETE", Paths.index(processGuid, index), null);
  }

  @Override
  public List<CellResponse> cells() {
    return transport.list(Paths.CELLS, CellResponse.class);
  }

  @Override
  public void upsertDomain(String domain, Duration ttl) {
    var path = Paths.of(Paths.DOMAINS, domain);
    if (ttl.isZero()) {
      transport.call("PUT", path, null);
      return;
    }
    transport.call("PUT", path, null, "Cache-Control", "max-age=" + ttl.toSeconds());
  }

  @Override
  public List<String> domains() {
    return transport.list(Paths.DOMAINS, String.class);
  }

  @Override
  public EventSource subscribeToEvents() {
    return subscribe(Paths.EVENTS, "");
  }

  /** A Receptor that is not ours knows no such wish, and its stream is as any other. */
  @Override
  public EventSource subscribeToEvents(String lastEventId) {
    return subscribe(Paths.EVENTS + "?replay=true", lastEventId);
  }

  private EventSource subscribe(String path, String lastEventId) {
    var stream = transport.stream(path, lastEventId);
    return new SseEventSource(stream.frames(), stream.isResumed());
  }

  @Override
  public List<LogLine> taskLogs(String taskGuid, LogRange range) {
    return logs(Paths.of(Paths.TASKS, taskGuid) + "/logs?" + asQuery(range));
  }

  @Override
  public List<LogLine> lrpLogs(String processGuid, int index, LogRange range) {
    return logs(
        Paths.of(Paths.DESIRED_LRPS, processGuid) + "/logs?index=" + index + "&" + asQuery(range));
  }

  @Override
  public LogSource followTaskLogs(String taskGuid, LogRange from) {
    return follow(Paths.of(Paths.TASKS, taskGuid) + "/logs?follow=true&" + asQuery(from));
  }

  @Override
  public LogSource followLrpLogs(String processGuid, int index, LogRange from) {
    return follow(
        Paths.of(Paths.DESIRED_LRPS, processGuid)
            + "/logs?follow=true&index="
            + index
            + "&"
            + asQuery(from));
  }

  private LogSource follow(String path) {
    return new SseLogSource(transport.stream(path, "").frames());
  }

  private static String asQuery(LogRange range) {
    return "lines=" + range.lines() + (range.isFromTheEnd() ? "" : "&after=" + range.after());
  }

  @Override
  public void close() {
    transport.close();
  }

  /** A Receptor that is not ours has no such route, and answers 404 without JSON. */
  private List<LogLine> logs(String path) {
    try {
      return transport.list(path, LogLine.class);
    } catch (ReceptorException refused) {
      return switch (refused.name()) {
        case InvalidResponse, TaskNotFound, DesiredLRPNotFound, ActualLRPIndexNotFound -> List.of();
        default -> throw refused;
      };
    }
  }

  private static <T> Optional<T> unless(ReceptorErrorName missing, Supplier<Optional<T>> call) {
    try {
      return call.get();
    } catch (ReceptorException refused) {
      if (refused.name() == missing) {
        return Optional.empty();
      }
      throw refused;
    }
  }

  private static byte[] encode(Object request, ReceptorErrorName refusal) {
    try {
      return ReceptorJson.mapper().writeValueAsBytes(request);
    } catch (JsonProcessingException tooDeep) {
      throw new ReceptorException(
          refusal, "the request cannot be encoded: " + tooDeep.getOriginalMessage());
    }
  }
}
