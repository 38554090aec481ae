package dev.ccbridge.stager;

import dev.ccbridge.api.StagingRequest;
import dev.ccbridge.api.StagingRequestSpec.BuildpackRef;
import dev.ccbridge.api.StagingRequestStatus.Failure;
import dev.ccbridge.receptor.model.TaskProgress.Step;
import dev.ccbridge.receptor.model.TaskProgress.StepState;
import dev.ccbridge.receptor.model.TaskResponse;
import dev.ccbridge.secrets.SecretMask;
import dev.ccbridge.stager.recipe.StagingErrors;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Says why a staging failed, so that a person knows what to do without reading a log: what
 * happened, what to do, and the last lines of output where they help. Pure.
 */
final class FailureMessages {
  private static final int LAST_LINES = 20;
  private static final int MAX_OUTPUT_CHARACTERS = 3000;
  private static final String APP_PACKAGE = "download app package";
  private static final String DOWNLOAD = "download ";
  private static final String BUILDPACK_LIFECYCLE = "buildpack/";
  private static final String BUILDER = "run builder";
  private final List<String> builtInBuildpacks;

  FailureMessages(Collection<String> builtInBuildpacks) {
    this.builtInBuildpacks = List.copyOf(builtInBuildpacks);
  }

  /** Of a task that failed. */
  Failure ofTask(StagingRequest request, TaskResponse task) {
    var reason = task.failureReason();
    var id = StagingErrors.sanitize(reason).id();
    var mask = SecretMask.of(request.getSpec().environment(), task.action());
    return new Failure(
        id,
        switch (id) {
          case "NoAppDetectedError" -> notDetected(request) + output(task, mask);
          case "BuildpackCompileFailed" ->
              "the buildpack could not build the app; the last lines of its output say why"
                  + output(task, mask);
          case "BuildpackReleaseFailed" ->
              "the buildpack built the app but could not say how it is started: its bin/release"
                  + " failed or printed no YAML"
                  + output(task, mask);
          case "InsufficientResources" -> noRoom(request);
          case "NoCompatibleCell" ->
              "no cell offers the stack "
                  + stack(request)
                  + ": name another one in spec.buildpack.stack, or add a cell that has it";
          default -> other(request, task, mask);
        });
  }

  /** Of a task that succeeded and left a result that cannot be read. */
  Failure ofUnreadableResult(String problem) {
    return error("the builder ended well, but its result cannot be read: " + problem);
  }

  /** Of a request that cannot become a task. */
  Failure ofRecipe(StagingRequest request, String text, Collection<String> lifecycles) {
    var id = StagingErrors.sanitize(text).id();
    if (!text.equals("no compiler defined for requested stack")) {
      return new Failure(id, text);
    }
    var stacks =
        lifecycles.stream()
            .filter(key -> key.startsWith(BUILDPACK_LIFECYCLE))
            .map(key -> key.substring(BUILDPACK_LIFECYCLE.length()))
            .sorted()
            .toList();
    return new Failure(
        id,
        Staging.isDocker(request)
            ? "no docker lifecycle is configured: give the operator one, or use buildpacks"
            : "spec.buildpack.stack: was "
                + stack(request)
                + ", for which no lifecycle is configured; there are "
                + stacks);
  }

  /** The Receptor does not take the task. What CC is told word for word stays as it is. */
  Failure ofRefusal(String text) {
    return new Failure(
        StagingErrors.sanitize(text).id(),
        StagingErrors.isForCC(text) ? text : "the Receptor refused the task: " + text);
  }

  /** What came with the request was never stored, so that there is nothing to stage. */
  Failure ofHalfStored() {
    return error(
        "the request was stored only in part, and whoever sent it was told so: send it again");
  }

  /** There was a task, and how it ended cannot be known any more. */
  Failure ofLostTask() {
    return error(
        "the Receptor has lost the task, and how it ended is unknown. It is not run a second time:"
            + " create a new StagingRequest");
  }

  Failure ofTakenGuid(StagingRequest request) {
    return error(
        "spec.stagingGuid: "
            + request.getSpec().stagingGuid()
            + " is already used by a task that is not of this StagingRequest: choose another one");
  }

  private static Failure error(String message) {
    return new Failure("StagingError", message);
  }

  private String notDetected(StagingRequest request) {
    return "none of the buildpacks "
        + String.join(", ", buildpackNames(request))
        + " recognised the source. Check that the archive has the app's files at its top level,"
        + " or name the buildpack to use in spec.buildpack.buildpacks with skipDetect: true";
  }

  private List<String> buildpackNames(StagingRequest request) {
    var buildpack = request.getSpec().buildpack();
    var named = buildpack == null ? null : buildpack.buildpacks();
    return named == null
        ? builtInBuildpacks
        : named.stream().map(BuildpackRef::name).collect(Collectors.toList());
  }

  private static String noRoom(StagingRequest request) {
    return "no cell has room for "
        + request.getSpec().memoryMB()
        + " MB of memory and "
        + request.getSpec().diskMB()
        + " MB of disk: ask for less in spec.memoryMB and spec.diskMB, or add a cell";
  }

  private static String stack(StagingRequest request) {
    var buildpack = request.getSpec().buildpack();
    return buildpack == null ? "of docker stagings" : String.valueOf(buildpack.stack());
  }

  private String other(StagingRequest request, TaskResponse task, SecretMask mask) {
    var reason = task.failureReason();
    if (StagingErrors.isForCC(reason)) {
      // CC is told of it by this text, so it stays as it is.
      return reason;
    }
    if (reason.startsWith("exceeded ")) {
      return tookTooLong(request, task) + output(task, mask);
    }
    return switch (reason) {
      case "cell disappeared before completion" ->
          "the cell that staged the app is gone (cell disappeared before completion). The task is"
              + " not run a second time: create a new StagingRequest";
      case "not started within time limit" ->
          "no cell began the task within the Receptor's time limit: see whether there is a cell"
              + " with room, then create a new StagingRequest";
      case Stager.CANCELLED_REASON ->
          "the task was cancelled at the Receptor, not by spec.cancel: create a new StagingRequest";
      default -> failedStep(request, task, mask);
    };
  }

  private static String tookTooLong(StagingRequest request, TaskResponse task) {
    var step =
        steps(task).stream()
            .filter(s -> s.state() == StepState.CANCELLED && s.startedAt() > 0)
            .map(s -> ", in step: " + s.name())
            .findFirst()
            .orElse("");
    return "staging took longer than spec.timeoutSeconds ("
        + request.getSpec().timeoutSeconds()
        + ") allows"
        + step;
  }

  private String failedStep(StagingRequest request, TaskResponse task, SecretMask mask) {
    var failed = steps(task).stream().filter(s -> s.state() == StepState.FAILED).toList();
    var step =
        failed.stream()
            .filter(s -> task.failureReason().contains(s.message()) && !s.message().isEmpty())
            .findFirst()
            .or(() -> failed.stream().reduce((first, last) -> last));
    if (step.isEmpty()) {
      return "staging failed: " + mask.apply(task.failureReason()) + output(task, mask);
    }
    var why = step.get().message().isEmpty() ? task.failureReason() : step.get().message();
    var helps = step.get().name().equals(BUILDER) ? output(task, mask) : "";
    return intention(request, step.get().name()) + ": " + mask.apply(why) + helps;
  }

  private String intention(StagingRequest request, String step) {
    var buildpack = request.getSpec().buildpack();
    if (step.equals(APP_PACKAGE) && buildpack != null) {
      return "the source" + place(buildpack.appBits().uri()) + " cannot be had";
    }
    var fetched =
        buildpack == null || buildpack.buildpacks() == null
            ? Optional.<BuildpackRef>empty()
            : buildpack.buildpacks().stream()
                .filter(b -> step.equals(DOWNLOAD + b.name()))
                .findFirst();
    if (fetched.isPresent()) {
      return buildpackMissing(fetched.get());
    }
    return switch (step) {
      case BUILDER -> "the builder failed";
      case "upload droplet" -> "the droplet could not be stored";
      default -> step + " failed";
    };
  }

  private String buildpackMissing(BuildpackRef buildpack) {
    return buildpack.uri() == null && buildpack.uriFrom() == null
        ? "spec.buildpack.buildpacks: "
            + buildpack.name()
            + " has no uri and is none of the built-in ones "
            + builtInBuildpacks
        : "the buildpack " + buildpack.name() + place(buildpack.uri()) + " cannot be had";
  }

  /** Without credentials and query; nothing for a URI that is in a Secret. */
  private static String place(@Nullable String uri) {
    return uri == null
        ? ""
        : " at " + uri.replaceFirst("//[^/?#]*@", "//").replaceFirst("[?#].*", "");
  }

  private static List<Step> steps(TaskResponse task) {
    return task.progress() == null ? List.of() : task.progress().steps();
  }

  /** The last lines that the task printed, each on a line of its own; or nothing. */
  private static String output(TaskResponse task, SecretMask mask) {
    var printed = Optional.ofNullable(task.progress()).map(p -> p.lastOutput().strip()).orElse("");
    var masked = mask.apply(printed).strip();
    if (masked.isEmpty()) {
      return "";
    }
    var lines = masked.lines().toList();
    var last =
        String.join("\n", lines.subList(Math.max(0, lines.size() - LAST_LINES), lines.size()));
    return ". Last output:\n" + last.substring(Math.max(0, last.length() - MAX_OUTPUT_CHARACTERS));
  }
}
