package dev.ccbridge.stager;

import dev.ccbridge.receptor.model.Action;
import dev.ccbridge.receptor.model.EnvironmentVariable;
import dev.ccbridge.receptor.model.TaskProgress;
import dev.ccbridge.receptor.model.TaskProgress.Step;
import dev.ccbridge.receptor.model.TaskProgress.StepState;
import dev.ccbridge.receptor.model.TaskResponse;
import dev.ccbridge.receptor.model.TaskState;
import java.math.BigInteger;
import java.util.List;

/** Tasks as a Receptor tells of them. */
final class TestTasks {
  static final String RESULT =
      "{\"buildpack_key\":\"static_buildpack\",\"detected_buildpack\":\"Static\","
          + "\"execution_metadata\":\"{}\",\"detected_start_command\":{\"web\":\"serve\"}}";

  private TestTasks() {}

  static TaskResponse pending() {
    return task(TaskState.PENDING, false, "", "", TaskProgress.NONE);
  }

  static TaskResponse running() {
    return running("uid-1");
  }

  static TaskResponse running(String guid) {
    return task(guid, TaskState.RUNNING, false, "", "", TaskProgress.NONE);
  }

  static TaskResponse succeeded() {
    return task(TaskState.COMPLETED, false, "", RESULT, TaskProgress.NONE);
  }

  static TaskResponse failed(String reason) {
    return failed(reason, "");
  }

  static TaskResponse failed(String reason, String output, Step... steps) {
    return task(TaskState.COMPLETED, true, reason, "", new TaskProgress(List.of(steps), output));
  }

  static Step step(String name, StepState state, String message) {
    return new Step(name, state, 1_000_000_000L, 2_000_000_000L, message);
  }

  static TaskResponse task(
      TaskState state, boolean failed, String reason, String result, TaskProgress progress) {
    return task("uid-1", state, failed, reason, result, progress);
  }

  private static TaskResponse task(
      String guid,
      TaskState state,
      boolean failed,
      String reason,
      String result,
      TaskProgress progress) {
    var builder =
        Action.run(
            "vcap",
            "/tmp/lifecycle/builder",
            List.of(),
            List.of(
                new EnvironmentVariable("PLAIN", "visible"),
                new EnvironmentVariable("TOKEN", "s3cr3t-value")),
            BigInteger.TEN,
            "");
    return new TaskResponse(
        Action.timeout(1, Action.serial(List.of(builder))),
        "{\"lifecycle\":\"buildpack\"}",
        "",
        50,
        4096,
        "k8s-ns",
        "app",
        "STG",
        "",
        1024,
        "/tmp/result.json",
        guid,
        "preloaded:cflinuxfs4",
        true,
        List.of(),
        state == TaskState.RUNNING ? "cell-1" : "",
        1_700_000_000_000_000_000L,
        failed,
        reason,
        result,
        state,
        List.of(),
        progress);
  }
}
