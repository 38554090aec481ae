package dev.ccbridge.stager;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonMappingException;
import dev.ccbridge.CcBridgeException;
import dev.ccbridge.ErrorKind;
import dev.ccbridge.cloudcontroller.model.StagingRequestFromCC;
import dev.ccbridge.receptor.model.GoJson;
import dev.ccbridge.receptor.model.ReceptorJson;
import dev.ccbridge.receptor.model.TaskResponse;
import dev.ccbridge.stager.recipe.StagingOutcome;
import dev.ccbridge.web.Handler;
import dev.ccbridge.web.Request;
import dev.ccbridge.web.Response;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * {@code POST /v1/staging/:staging_guid/completed}: the Receptor tells that a task has ended.
 *
 * <p>Answered 200 once the outcome is stored in the status; 503 when that takes too long, so that
 * the Receptor keeps the task and tells again. 403 without the task's own token, 404 for a request
 * that does not exist. 400 and 404 as the original for a body that is not what it should be; an
 * unreadable result is stored as a failure before that. Source: stager
 * handlers/staging_completed_handler.go @1847376. Differs from Diego: the answer does not depend on
 * CC, which is told after it.
 */
final class CompletionHandler implements Handler {
  private static final Logger LOG = LoggerFactory.getLogger(CompletionHandler.class);

  /** A task holds its whole environment, of which a resource may have more than a megabyte. */
  private static final int MAX_BODY_BYTES = 8 << 20;

  private final CallbackTokens tokens;
  private final StagingState state;
  private final StagingTraces traces;
  private final Duration patience;
  private volatile boolean open;

  CompletionHandler(
      CallbackTokens tokens, StagingState state, StagingTraces traces, Duration patience) {
    this.tokens = tokens;
    this.state = state;
    this.traces = traces;
    this.patience = patience;
  }

  /** From now on everything is answered 503 again. */
  void close() {
    open = false;
  }

  /** From now on the informer knows all requests. Until then everything is answered 503. */
  void open() {
    open = true;
  }

  @Override
  public Response handle(Request request) throws IOException, InterruptedException {
    var guid = request.param("staging_guid");
    var uid = tokens.uid(guid, request.query("token").orElse(""));
    if (uid.isEmpty()) {
      LOG.warn("callback without the token of its task refused taskGuid={}", guid);
      return Response.empty(403);
    }
    if (!open) {
      return Response.empty(503);
    }
    var task = read(request.body(MAX_BODY_BYTES));
    if (!task.taskGuid().equals(guid)) {
      throw new CcBridgeException(
          ErrorKind.INVALID_REQUEST,
          "task_guid: was " + task.taskGuid() + ", wanted that of the path, " + guid);
    }
    checkLifecycle(task);
    try {
      return await(uid.get(), task);
    } catch (CcBridgeException refused) {
      throw refused;
    } catch (RuntimeException unexpected) {
      // Any other answer than 503 would make the Receptor forget the task.
      LOG.error("callback failed taskGuid={}", guid, unexpected);
      return Response.empty(503);
    }
  }

  private Response await(String uid, TaskResponse task) throws InterruptedException {
    var guid = task.taskGuid();
    var resource = state.requests().withUid(uid);
    if (resource.isEmpty()) {
      // The informer may be behind; a wrong 404 would lose the outcome.
      return Response.empty(state.requests().latestUids().contains(uid) ? 503 : 404);
    }
    var span = traces.calledBack(resource.get());
    var stored = state.completions().tell(Tasks.told(task, tokens.url(guid, uid)));
    state.signal(resource.get());
    try {
      stored.get(patience.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException notYet) {
      state.completions().giveUp(guid);
      span.failed("the outcome is not stored yet");
      return Response.empty(503);
    } catch (ExecutionException impossible) {
      throw new IllegalStateException(impossible);
    } finally {
      span.end();
    }
    if (StagingOutcome.of(task) instanceof StagingOutcome.Unreadable) {
      throw new CcBridgeException(
          ErrorKind.INVALID_REQUEST, "result: wanted what a builder writes, as JSON");
    }
    return Response.empty(200);
  }

  private static TaskResponse read(byte[] body) {
    try {
      var message =
          GoJson.first(new String(body, StandardCharsets.UTF_8), GoJson.Names.AS_THEY_ARE);
      if (message.isMissingNode() || message.isNull()) {
        throw new CcBridgeException(
            ErrorKind.INVALID_REQUEST, "body: was empty or null, wanted a task as JSON");
      }
      return ReceptorJson.mapper().treeToValue(message, TaskResponse.class);
    } catch (JsonProcessingException unreadable) {
      throw new CcBridgeException(
          ErrorKind.INVALID_REQUEST,
          "body: wanted a task as JSON: " + where(unreadable),
          unreadable);
    }
  }

  private static void checkLifecycle(TaskResponse task) {
    String lifecycle;
    try {
      lifecycle = StagingOutcome.lifecycle(task);
    } catch (JsonProcessingException unreadable) {
      throw new CcBridgeException(
          ErrorKind.INVALID_REQUEST,
          "annotation: wanted a JSON object with a lifecycle",
          unreadable);
    }
    if (!List.of(StagingRequestFromCC.BUILDPACK, StagingRequestFromCC.DOCKER).contains(lifecycle)) {
      throw new CcBridgeException(
          ErrorKind.NOT_FOUND,
          "annotation.lifecycle: was " + lifecycle + ", wanted buildpack or docker");
    }
  }

  /** Never the content, which holds the environment. */
  private static String where(JsonProcessingException unreadable) {
    if (unreadable instanceof JsonMappingException mapping && !mapping.getPath().isEmpty()) {
      return "at " + mapping.getPath().getFirst().getFieldName();
    }
    return "not well-formed";
  }
}
