package dev.ccbridge.receptor.model;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Checks an action tree; the problems of nested actions follow those of the outer one, without a
 * path. Source: bbs/models/actions.go Validate().
 */
final class ActionValidation {
  private static final String TOO_DEEP =
      "Invalid field: action (nested more than " + Action.MAX_DEPTH + " levels deep)";

  private ActionValidation() {}

  static List<String> problemsOfRequired(@Nullable Action action) {
    return action == null ? List.of("invalid action type") : problems(action);
  }

  static List<String> problems(Action action) {
    var problems = new ArrayList<String>();
    collect(action, 1, problems);
    return problems;
  }

  private static void collect(Action action, int depth, List<String> problems) {
    if (depth > Action.MAX_DEPTH) {
      problems.add(TOO_DEEP);
      return;
    }
    switch (action) {
      case Action.Run run -> {
        require(run.path(), "path", problems);
        require(run.user(), "user", problems);
      }
      case Action.Download download -> {
        require(download.from(), "from", problems);
        require(download.to(), "to", problems);
        require(download.user(), "user", problems);
      }
      case Action.Upload upload -> {
        require(upload.to(), "to", problems);
        require(upload.from(), "from", problems);
        require(upload.user(), "user", problems);
      }
      case Action.Timeout timeout -> {
        inner(timeout.action(), depth, problems);
        if (timeout.timeoutNanos() <= 0) {
          problems.add(Validation.invalidField("timeout"));
        }
      }
      case Action.EmitProgress progress -> inner(progress.action(), depth, problems);
      case Action.Try tolerated -> inner(tolerated.action(), depth, problems);
      case Action.Parallel parallel -> elements(parallel.actions(), depth, problems);
      case Action.Serial serial -> elements(serial.actions(), depth, problems);
      case Action.Codependent codependent -> elements(codependent.actions(), depth, problems);
    }
  }

  private static void require(String value, String field, List<String> problems) {
    if (value.isEmpty()) {
      problems.add(Validation.invalidField(field));
    }
  }

  private static void inner(@Nullable Action action, int depth, List<String> problems) {
    if (action == null) {
      problems.add(Validation.invalidField("action"));
      return;
    }
    collect(action, depth + 1, problems);
  }

  private static void elements(List<@Nullable Action> actions, int depth, List<String> problems) {
    if (actions.isEmpty()) {
      problems.add(Validation.invalidField("actions"));
    }
    for (var i = 0; i < actions.size(); i++) {
      var action = actions.get(i);
      if (action == null) {
        problems.add(Validation.invalidField("action at index " + i));
      } else {
        collect(action, depth + 1, problems);
      }
    }
  }
}
