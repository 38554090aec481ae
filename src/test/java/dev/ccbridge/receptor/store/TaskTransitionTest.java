package dev.ccbridge.receptor.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.ccbridge.receptor.Requests;
import dev.ccbridge.receptor.model.ReceptorException;
import dev.ccbridge.receptor.model.TaskProgress;
import dev.ccbridge.receptor.model.TaskState;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class TaskTransitionTest {
  private static final Map<TaskTransition, Set<TaskState>> ALLOWED =
      Map.of(
          TaskTransition.START, Set.of(TaskState.PENDING),
          TaskTransition.COMPLETE, Set.of(TaskState.RUNNING),
          TaskTransition.FAIL, Set.of(TaskState.PENDING, TaskState.RUNNING),
          TaskTransition.CANCEL, Set.of(TaskState.PENDING, TaskState.RUNNING),
          TaskTransition.RESOLVE, Set.of(TaskState.COMPLETED),
          TaskTransition.UNRESOLVE, Set.of(TaskState.RESOLVING));

  @ParameterizedTest
  @EnumSource
  void leadsFromEveryStateThatTheTableHasAndFromNoOther(TaskTransition transition) {
    for (var state : TaskState.values()) {
      var task = in(state);
      if (ALLOWED.get(transition).contains(state)) {
        assertThat(change(transition).apply(task).state()).isEqualTo(transition.to());
      } else {
        assertThatExceptionOfType(ReceptorException.class)
            .as("%s from %s", transition, state)
            .isThrownBy(() -> change(transition).apply(task))
            .withMessageMatching("Cannot transition from [A-Z][a-z]+ to [A-Z][a-z]+");
      }
    }
  }

  private static UnaryOperator<StoredTask> change(TaskTransition transition) {
    return switch (transition) {
      case START -> task -> task.started("cell", 2);
      case COMPLETE -> task -> task.completed("", TaskProgress.NONE, 2);
      case FAIL, CANCEL -> task -> task.failed(transition, "why", TaskProgress.NONE, 2);
      case RESOLVE -> task -> task.resolving(2);
      case UNRESOLVE -> task -> task.unresolved(2);
    };
  }

  private static StoredTask in(TaskState state) {
    return new StoredTask(Requests.task("t"), state, "", 1, 1, 0, false, "", "", TaskProgress.NONE);
  }
}
