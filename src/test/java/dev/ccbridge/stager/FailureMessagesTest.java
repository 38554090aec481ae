package dev.ccbridge.stager;

import static dev.ccbridge.stager.Requests.request;
import static dev.ccbridge.stager.TestTasks.failed;
import static dev.ccbridge.stager.TestTasks.step;
import static org.assertj.core.api.Assertions.assertThat;

import dev.ccbridge.api.StagingRequestSpec.Buildpack;
import dev.ccbridge.api.StagingRequestSpec.BuildpackRef;
import dev.ccbridge.api.StagingRequestSpec.Source;
import dev.ccbridge.api.StagingRequestStatus.Failure;
import dev.ccbridge.receptor.model.TaskProgress.StepState;
import dev.ccbridge.receptor.model.TaskResponse;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class FailureMessagesTest {
  private final FailureMessages messages =
      new FailureMessages(List.of("static_buildpack", "java_buildpack"));

  @Test
  void noBuildpackDetectedNamesThoseThatWereAskedAndWhatToDo() {
    assertThat(of(failed("Exited with status 222", "no match")))
        .satisfies(f -> assertThat(f.id()).isEqualTo("NoAppDetectedError"))
        .satisfies(
            f ->
                assertThat(f.message())
                    .contains("static_buildpack, java_buildpack")
                    .contains("skipDetect")
                    .contains("no match"));
  }

  @Test
  void aFailedBuildShowsTheLastLinesWithoutSecrets() {
    var request = request().environment(Requests.secret("TOKEN", "creds", "token")).stored(null);
    var output =
        IntStream.range(0, 50).mapToObj(i -> "line " + i).collect(Collectors.joining("\n"))
            + "\nusing s3cr3t-value at https://u:p@host/x?token=abc\n";
    var failure = messages.ofTask(request, failed("Exited with status 223", output));
    assertThat(failure.id()).isEqualTo("BuildpackCompileFailed");
    assertThat(failure.message())
        .contains("line 49", "using *** at https://***@host/x?token=***")
        .doesNotContain("s3cr3t", "u:p", "abc", "line 20\n");
  }

  @Test
  void withoutTheTasksOwnValuesNothingItPrintedIsShown() {
    var request = request().environment(Requests.secret("TOKEN", "creds", "token")).stored(null);
    var task = failed("Exited with status 223", "s3cr3t-value");
    var withoutAction = Tasks.withOutcomeOf(withoutAction(task), task);
    assertThat(messages.ofTask(request, withoutAction).message()).doesNotContain("s3cr3t");
  }

  @Test
  void aSourceThatCannotBeFetchedIsNamedWithoutCredentials() {
    var request =
        request()
            .buildpack(
                new Buildpack(
                    new Source("http://user:pass@bits.example.com/app.tgz?sig=x", null),
                    "cflinuxfs4",
                    null,
                    null,
                    null))
            .stored(null);
    var task =
        failed(
            "Downloading failed",
            "",
            step("download app package", StepState.FAILED, "status 404"),
            step("run builder", StepState.CANCELLED, ""));
    assertThat(messages.ofTask(request, task).message())
        .isEqualTo("the source at http://bits.example.com/app.tgz cannot be had: status 404");
  }

  @Test
  void aBuildpackThatCannotBeFetchedIsNamedWithItsPlace() {
    assertThat(missingBuildpack("ruby", "https://u:p@packs.example.com/ruby.tgz?token=x"))
        .isEqualTo(
            "the buildpack ruby at https://packs.example.com/ruby.tgz cannot be had: status 404");
    assertThat(missingBuildpack("ruby", null))
        .isEqualTo(
            "spec.buildpack.buildpacks: ruby has no uri and is none of the built-in ones"
                + " [static_buildpack, java_buildpack]: status 404");
  }

  private String missingBuildpack(String name, String uri) {
    var request =
        request()
            .buildpack(
                new Buildpack(
                    new Source("/app.tgz", null),
                    "cflinuxfs4",
                    List.of(new BuildpackRef(name, null, null, uri, null, null)),
                    null,
                    null))
            .stored(null);
    var task =
        failed("Downloading failed", "", step("download " + name, StepState.FAILED, "status 404"));
    return messages.ofTask(request, task).message();
  }

  @Test
  void aTimeoutNamesTheSettingAndTheStep() {
    var task =
        failed(
            "exceeded 15m0s timeout",
            "still compiling",
            step("run builder", StepState.CANCELLED, ""));
    assertThat(of(task).message())
        .contains("spec.timeoutSeconds (900)", "run builder", "still compiling");
  }

  @Test
  void missingRoomNamesWhatWasAskedFor() {
    assertThat(of(failed("insufficient resources")))
        .isEqualTo(
            new Failure(
                "InsufficientResources",
                "no cell has room for 1024 MB of memory and 4096 MB of disk: ask for less in"
                    + " spec.memoryMB and spec.diskMB, or add a cell"));
    assertThat(of(failed("found no compatible cell")).message()).contains("cflinuxfs4");
  }

  @Test
  void aLostCellSaysThatItIsNotTriedAgain() {
    assertThat(of(failed("cell disappeared before completion")).message())
        .contains("cell disappeared before completion", "create a new StagingRequest");
  }

  @Test
  void anUnknownStackNamesTheOnesThereAre() {
    var failure =
        messages.ofRecipe(
            request().stored(null),
            "no compiler defined for requested stack",
            List.of("docker", "buildpack/cflinuxfs3"));
    assertThat(failure.message())
        .isEqualTo(
            "spec.buildpack.stack: was cflinuxfs4, for which no lifecycle is configured; there are"
                + " [cflinuxfs3]");
  }

  @Test
  void anythingElseIsToldInTheTasksWords() {
    assertThat(of(failed("failed to fetch result")).message())
        .isEqualTo("staging failed: failed to fetch result");
  }

  private Failure of(TaskResponse task) {
    return messages.ofTask(request().stored(null), task);
  }

  private static TaskResponse withoutAction(TaskResponse t) {
    return new TaskResponse(
        null,
        t.annotation(),
        "",
        0,
        0,
        "",
        "",
        "",
        "",
        0,
        "",
        t.taskGuid(),
        "",
        false,
        List.of(),
        "",
        0,
        true,
        t.failureReason(),
        "",
        t.state(),
        List.of(),
        t.progress());
  }
}
