package dev.ccbridge.receptor.backend.pod.cell;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonInclude.Include;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.core.JsonProcessingException;
import dev.ccbridge.CcBridgeException;
import dev.ccbridge.ErrorKind;
import dev.ccbridge.receptor.model.Action;
import dev.ccbridge.receptor.model.EnvironmentVariable;
import dev.ccbridge.receptor.model.ReceptorJson;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a container has to do, as the program inside reads it; the same for all instances of an LRP,
 * which are told apart by the program's arguments. May hold secrets.
 *
 * @param part what of it this container performs
 * @param setup, monitor null: none
 * @param startTimeoutSeconds how long the monitor may take to pass for the first time; 0: for ever
 * @param ports container ports that are reached at the Pod's address
 * @param readyPort where connections are taken from the moment the instance runs
 * @param resultFile empty: no result
 */
@JsonInclude(Include.NON_NULL)
public record CellSpec(
    @JsonProperty("part") Part part,
    @JsonProperty("env") List<EnvironmentVariable> env,
    @JsonProperty("setup") @Nullable Action setup,
    @JsonProperty("action") Action action,
    @JsonProperty("monitor") @Nullable Action monitor,
    @JsonProperty("start_timeout") long startTimeoutSeconds,
    @JsonProperty("ports") List<Integer> ports,
    @JsonProperty("ready_port") int readyPort,
    @JsonProperty("log_source") String logSource,
    @JsonProperty("result_file") String resultFile,
    @JsonProperty("timing") Timing timing) {
  public CellSpec {
    env = List.copyOf(env);
    ports = List.copyOf(ports);
  }

  private static final Action NOTHING = Action.serial(List.of());

  /** What of an instance or a task one container of its Pod performs. */
  public enum Part {
    /** Everything; tasks always. */
    ALL,
    /** The setup of an instance, and ends. */
    SETUP,
    /** The action, which is a run action: the container becomes its program. */
    PROGRAM
  }

  /**
   * @param stopGraceMillis from SIGTERM to SIGKILL
   * @param unhealthyMillis between checks until the first that passes
   * @param healthyMillis between checks from then on
   */
  public record Timing(
      @JsonProperty("stop_grace") long stopGraceMillis,
      @JsonProperty("unhealthy_interval") long unhealthyMillis,
      @JsonProperty("healthy_interval") long healthyMillis) {

    public Timing(Duration stopGrace, Duration unhealthyInterval, Duration healthyInterval) {
      this(stopGrace.toMillis(), unhealthyInterval.toMillis(), healthyInterval.toMillis());
    }

    public Duration stopGrace() {
      return Duration.ofMillis(stopGraceMillis);
    }

    public Duration unhealthyInterval() {
      return Duration.ofMillis(unhealthyMillis);
    }

    public Duration healthyInterval() {
      return Duration.ofMillis(healthyMillis);
    }
  }

  /** The same for the container that only sets up. */
  public CellSpec settingUp() {
    return part(Part.SETUP, setup, NOTHING);
  }

  /** The same for the container that becomes the program. */
  public CellSpec becoming(Action.Run program) {
    return part(Part.PROGRAM, null, program);
  }

  private CellSpec part(Part itsPart, @Nullable Action itsSetup, Action itsAction) {
    return new CellSpec(
        itsPart,
        env,
        itsSetup,
        itsAction,
        null,
        startTimeoutSeconds,
        ports,
        readyPort,
        logSource,
        resultFile,
        timing);
  }

  public String toJson() {
    try {
      return ReceptorJson.mapper().writeValueAsString(this);
    } catch (JsonProcessingException e) {
      // Not as the cause: its text may quote a secret.
      throw new CcBridgeException(ErrorKind.INTERNAL, "a container's actions cannot be written");
    }
  }

  static CellSpec read(Path file) throws IOException {
    return ReceptorJson.mapper().readValue(Files.readAllBytes(file), CellSpec.class);
  }
}
