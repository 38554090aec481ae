package dev.ccbridge.receptor.server;

import dev.ccbridge.receptor.Receptor;
import dev.ccbridge.receptor.model.ReceptorErrorName;
import dev.ccbridge.receptor.model.ReceptorException;
import dev.ccbridge.receptor.model.TaskCreateRequest;
import dev.ccbridge.receptor.model.TaskResponse;
import dev.ccbridge.web.Request;
import dev.ccbridge.web.Response;

/** The routes of tasks. Source: receptor/handlers/task_handlers.go. */
final class TaskHandler {
  private final Receptor receptor;
  private final LogRoutes logs;

  TaskHandler(Receptor receptor, LogRoutes logs) {
    this.receptor = receptor;
    this.logs = logs;
  }

  void addTo(Routes routes) {
    routes
        .route("POST", "/v1/tasks", this::create)
        .route("GET", "/v1/tasks", this::list)
        .route("GET", "/v1/tasks/:task_guid", this::get)
        .route("DELETE", "/v1/tasks/:task_guid", this::delete)
        .route("POST", "/v1/tasks/:task_guid/cancel", this::cancel)
        .route("GET", "/v1/tasks/:task_guid/logs", this::logs);
  }

  private Response create(Request request, byte[] body) {
    receptor.createTask(Json.read(body, TaskCreateRequest.class));
    return Response.empty(201);
  }

  private Response list(Request request, byte[] body) {
    return Json.answer(
        200,
        receptor.tasks(Routes.domain(request)).stream().map(task -> shown(task, request)).toList());
  }

  private Response get(Request request, byte[] body) {
    var guid = request.param("task_guid");
    return receptor
        .findTask(guid)
        .map(task -> Json.answer(200, shown(task, request)))
        .orElseThrow(
            () ->
                new ReceptorException(
                    ReceptorErrorName.TaskNotFound, "task with guid '" + guid + "' not found"));
  }

  private Response delete(Request request, byte[] body) {
    receptor.deleteTask(request.param("task_guid"));
    return Response.empty(200);
  }

  private Response cancel(Request request, byte[] body) {
    receptor.cancelTask(request.param("task_guid"));
    return Response.empty(200);
  }

  private Response logs(Request request, byte[] body) {
    var guid = request.param("task_guid");
    return logs.answer(
        request,
        range -> receptor.taskLogs(guid, range),
        range -> receptor.followTaskLogs(guid, range));
  }

  /** Progress is ours, so it is sent only to those who ask. */
  private static TaskResponse shown(TaskResponse task, Request request) {
    return request.query("progress").filter("true"::equals).isPresent()
        ? task
        : task.withoutProgress();
  }
}
