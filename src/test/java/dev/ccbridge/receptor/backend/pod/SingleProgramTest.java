package dev.ccbridge.receptor.backend.pod;

import static dev.ccbridge.receptor.backend.Containers.instance;
import static dev.ccbridge.receptor.backend.Containers.sh;
import static dev.ccbridge.receptor.backend.Containers.task;
import static org.assertj.core.api.Assertions.assertThat;

import dev.ccbridge.receptor.backend.Container;
import dev.ccbridge.receptor.backend.ContainerOutcome;
import dev.ccbridge.receptor.backend.pod.SingleProgram.Form;
import dev.ccbridge.receptor.model.Action;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The texts are those that {@code BackendContract} asks of an executor. */
class SingleProgramTest {
  private static final Action CHECK = healthcheck("-port=8080");

  private static Action healthcheck(String... arguments) {
    return Action.timeout(
        Duration.ofSeconds(30).toNanos(),
        Action.run(
            "vcap", "/tmp/lifecycle/healthcheck", List.of(arguments), List.of(), null, "HEALTH"));
  }

  private static SingleProgram single(Action action, Action monitor) {
    return SingleProgram.of(instance(action, monitor, 60)).orElseThrow();
  }

  private static Action codependent(Action... actions) {
    return Action.codependent(List.of(actions));
  }

  @Test
  void actionOfOneProgramIsOne() {
    assertThat(single(sh("x"), null).form()).isEqualTo(Form.NOTHING);
    assertThat(single(Action.parallel(List.of(sh("x"))), null).form()).isEqualTo(Form.PARALLEL);
    assertThat(single(codependent(sh("x")), null).form()).isEqualTo(Form.CODEPENDENT);
    assertThat(single(codependent(sh("x")), CHECK).check()).isEqualTo(new HealthCheck(8080, ""));
  }

  @Test
  void anythingElseIsNot() {
    for (var other :
        List.of(
            task(sh("x")),
            with(codependent(sh("x"), sh("sshd")), null),
            with(codependent(codependent(sh("x"))), null),
            with(Action.serial(List.of(sh("x"))), null),
            with(Action.tolerate(sh("x")), null),
            with(Action.timeout(1, sh("x")), null),
            with(codependent(sh("x")), sh("check")),
            // One that leaves with 0 does not end the instance, as its monitor goes on.
            with(sh("x"), CHECK),
            with(Action.parallel(List.of(sh("x"))), CHECK))) {
      assertThat(SingleProgram.of(other)).as("%s", other).isEmpty();
    }
  }

  private static Container with(Action action, Action monitor) {
    return instance(action, monitor, 0);
  }

  @Test
  void sourceOfItsLinesIsTheNearest() {
    assertThat(single(sh("x", "APP"), null).logSource()).isEqualTo("APP");
    assertThat(single(codependent(sh("x", "APP")), null).logSource()).isEqualTo("APP");
    assertThat(single(new Action.Codependent(List.of(sh("x")), "ALL"), null).logSource())
        .isEqualTo("ALL");
    assertThat(single(sh("x"), null).logSource()).isEqualTo("CELL");
  }

  @Test
  void exitStatusBecomesTheFailureThatItsFormMakesOfIt() {
    assertThat(single(sh("x"), null).exited(0, false)).isEqualTo(ContainerOutcome.succeeded(""));
    assertThat(single(sh("x"), null).exited(4, false).reason()).isEqualTo("Exited with status 4");
    assertThat(single(sh("x"), null).exited(137, true).reason())
        .isEqualTo("Exited with status 137 (out of memory)");
    var parallel = single(Action.parallel(List.of(sh("x"))), null);
    assertThat(parallel.exited(0, false).failed()).isFalse();
    assertThat(parallel.exited(4, false).reason())
        .isEqualTo("1 error(s) occurred:\n\n* Exited with status 4");
    var codependent = single(codependent(sh("x")), null);
    assertThat(codependent.exited(4, false).reason())
        .isEqualTo("1 error(s) occurred:\n\n* Exited with status 4");
    assertThat(codependent.exited(0, false).reason())
        .isEqualTo("1 error(s) occurred:\n\n* Codependent step exited");
  }

  @Test
  void monitorIsCancelledWithItsProgram() {
    var app = single(codependent(sh("x")), CHECK);

    assertThat(app.exited(4, false).reason())
        .isEqualTo(
            "2 error(s) occurred:\n\n* 1 error(s) occurred:\n\n* Exited with status 4\n* cancelled");
    assertThat(app.exited(0, false).reason())
        .isEqualTo(
            "2 error(s) occurred:\n\n"
                + "* 1 error(s) occurred:\n\n"
                + "* Codependent step exited\n"
                + "* cancelled");
    assertThat(app.unhealthy().reason())
        .isEqualTo(
            "2 error(s) occurred:\n\n* Exited with status 1\n* 1 error(s) occurred:\n\n* cancelled");
    assertThat(app.cancelled().reason())
        .isEqualTo("2 error(s) occurred:\n\n* cancelled\n* 1 error(s) occurred:\n\n* cancelled");
  }

  @Test
  void stopIsToldAsTheFormDoes() {
    assertThat(single(sh("x"), null).cancelled().reason()).isEqualTo("cancelled");
    assertThat(single(codependent(sh("x")), null).cancelled().reason())
        .isEqualTo("1 error(s) occurred:\n\n* cancelled");
  }

  @Test
  void checkOfTheLifecycleIsKnownAndNoOther() {
    assertThat(HealthCheck.of(CHECK)).contains(new HealthCheck(8080, ""));
    assertThat(HealthCheck.of(healthcheck("-port=1", "-uri=/up?a=b")))
        .contains(new HealthCheck(1, "/up?a=b"));
    for (var other :
        List.of(
            healthcheck(),
            healthcheck("-port=0"),
            healthcheck("-port=65536"),
            healthcheck("-port=x"),
            healthcheck("-port=8080", "-uri=up"),
            healthcheck("-port=8080", "-timeout=5s"),
            healthcheck("-port=8080", "-uri=/up", "-timeout=5s"),
            sh("true"),
            Action.tolerate(CHECK))) {
      assertThat(HealthCheck.of(other)).as("%s", other).isEmpty();
    }
    assertThat(HealthCheck.of(null)).isEmpty();
  }

  @Test
  void kubeletChecksInWholeSecondsAndAsLongAsTheProgramMayTake() {
    var check = new HealthCheck(8080, "");

    var startup = check.startup(Duration.ofMillis(500), 60);
    assertThat(startup.getPeriodSeconds()).isEqualTo(1);
    assertThat(startup.getFailureThreshold()).isEqualTo(60);
    assertThat(startup.getTimeoutSeconds()).isEqualTo(1);
    assertThat(startup.getTcpSocket().getPort().getIntVal()).isEqualTo(8080);
    assertThat(check.startup(Duration.ofSeconds(7), 15).getFailureThreshold()).isEqualTo(3);
    assertThat(check.startup(Duration.ofSeconds(1), 0).getFailureThreshold())
        .as("for ever")
        .isEqualTo(Integer.MAX_VALUE);
    var liveness = new HealthCheck(8080, "/up").liveness(Duration.ofSeconds(30));
    assertThat(liveness.getPeriodSeconds()).isEqualTo(30);
    assertThat(liveness.getFailureThreshold()).isEqualTo(1);
    assertThat(liveness.getHttpGet().getPath()).isEqualTo("/up");
    assertThat(liveness.getHttpGet().getPort().getIntVal()).isEqualTo(8080);
  }
}
