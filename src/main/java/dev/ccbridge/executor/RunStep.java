package dev.ccbridge.executor;

import dev.ccbridge.executor.Sandbox.Execution;
import dev.ccbridge.executor.Sandbox.Exit;
import dev.ccbridge.executor.Sandbox.Program;
import dev.ccbridge.receptor.model.Action;
import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.CompletionException;

/** The run action. Source: executor/depot/steps/run_step.go @d45a4342. */
final class RunStep {
  private static final Duration ALWAYS = Duration.ofDays(36_500);

  private final Duration stopGrace;
  private final Duration killGrace;
  private final Clock clock;

  /**
   * @param stopGrace from SIGTERM to SIGKILL
   * @param killGrace from SIGKILL to giving up
   */
  RunStep(Duration stopGrace, Duration killGrace, Clock clock) {
    this.stopGrace = stopGrace;
    this.killGrace = killGrace;
    this.clock = clock;
  }

  Outcome perform(Action.Run run, String path, Scope scope) {
    var source = scope.withSource(run.logSource()).logSource();
    try {
      var execution = scope.sandbox().start(path, Program.of(run, source));
      return watch(execution, path, source, scope);
    } catch (SandboxException e) {
      return Outcome.failed(e.message(), "", now());
    }
  }

  private Outcome watch(Execution execution, String path, String source, Scope scope) {
    var cancellation = scope.cancellation();
    boolean ended =
        execution.hadEnded()
            ? cancellation.awaitThoughCancelled(execution.exit(), ALWAYS)
            : cancellation.await(execution.exit(), ALWAYS);
    if (!ended && !stop(execution, cancellation)) {
      return Outcome.failedInternally("process did not exit", now());
    }
    return switch (exitOf(execution)) {
      case Exit.Lost() -> throw new ContainerLostException();
      case Exit.Ended exit -> {
        scope.log().append(path + "/exit", source, false, Wording.exitStatus(exit.status()));
        yield ended ? outcome(exit) : Outcome.cancelled(now());
      }
    };
  }

  private static Exit exitOf(Execution execution) {
    try {
      return execution.exit().join();
    } catch (CompletionException e) {
      if (e.getCause() instanceof SandboxException cause) {
        throw cause;
      }
      throw e;
    }
  }

  /**
   * @return whether it ended
   */
  private boolean stop(Execution execution, Cancellation cancellation) {
    execution.terminate();
    if (cancellation.awaitThoughCancelled(execution.exit(), stopGrace)) {
      return true;
    }
    execution.kill();
    return cancellation.awaitThoughCancelled(execution.exit(), killGrace);
  }

  private static Outcome outcome(Exit.Ended exit) {
    if (exit.status() == 0) {
      return Outcome.succeeded(exit.endedAt());
    }
    return Outcome.failed(
        Wording.exitFailure(exit.status(), exit.outOfMemory()), "", exit.endedAt());
  }

  private long now() {
    return ActionExecutor.nanos(clock.instant());
  }
}
