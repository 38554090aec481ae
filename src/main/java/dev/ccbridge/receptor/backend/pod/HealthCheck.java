package dev.ccbridge.receptor.backend.pod;

import dev.ccbridge.receptor.model.Action;
import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.kubernetes.api.model.Probe;
import io.fabric8.kubernetes.api.model.ProbeBuilder;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A monitor that a kubelet can perform: nsync's, which starts the lifecycle's program {@code
 * healthcheck}. Source: nsync recipebuilder @fb3fab5; healthcheck of August 2015. Pure.
 *
 * <p>Differs from Diego: an answer by HTTP passes with any status from 200 to 399, not with 200
 * alone.
 *
 * @param uri path to get by HTTP; empty: a TCP connection is enough
 */
record HealthCheck(int port, String uri) {
  private static final String PROGRAM = "/tmp/lifecycle/healthcheck";
  private static final String PORT = "-port=";
  private static final String URI = "-uri=";
  private static final int MAX_PORT = 65_535;

  /** The program's own, for each attempt. */
  private static final int TIMEOUT_SECONDS = 1;

  /** Empty where there is no monitor, or another one. */
  static Optional<HealthCheck> of(@Nullable Action monitor) {
    return switch (monitor) {
      case Action.Timeout timeout when timeout.action() instanceof Action.Run run -> of(run);
      case Action.Run run -> of(run);
      case null, default -> Optional.empty();
    };
  }

  private static Optional<HealthCheck> of(Action.Run run) {
    var arguments = run.args();
    boolean isKnown =
        run.path().equals(PROGRAM)
            && run.env().isEmpty()
            && !arguments.isEmpty()
            && arguments.size() <= 2
            && arguments.getFirst().startsWith(PORT)
            && (arguments.size() == 1 || arguments.get(1).startsWith(URI + "/"));
    return isKnown ? of(arguments) : Optional.empty();
  }

  private static Optional<HealthCheck> of(List<String> arguments) {
    var uri = arguments.size() == 1 ? "" : arguments.get(1).substring(URI.length());
    try {
      int port = Integer.parseInt(arguments.getFirst().substring(PORT.length()));
      return port > 0 && port <= MAX_PORT
          ? Optional.of(new HealthCheck(port, uri))
          : Optional.empty();
    } catch (NumberFormatException e) {
      return Optional.empty();
    }
  }

  /**
   * Until it passes for the first time.
   *
   * @param startTimeoutSeconds 0: for ever
   */
  Probe startup(Duration interval, long startTimeoutSeconds) {
    int period = seconds(interval);
    long attempts = Math.max(1, (startTimeoutSeconds + period - 1) / period);
    return probe()
        .withPeriodSeconds(period)
        .withFailureThreshold(
            startTimeoutSeconds == 0
                ? Integer.MAX_VALUE
                : (int) Math.min(Integer.MAX_VALUE, attempts))
        .build();
  }

  /** From then on: the first that fails ends the instance. */
  Probe liveness(Duration interval) {
    return probe().withPeriodSeconds(seconds(interval)).withFailureThreshold(1).build();
  }

  private ProbeBuilder probe() {
    var probe = new ProbeBuilder().withTimeoutSeconds(TIMEOUT_SECONDS);
    var itsPort = new IntOrString(port);
    return uri.isEmpty()
        ? probe.withNewTcpSocket().withPort(itsPort).endTcpSocket()
        : probe.withNewHttpGet().withPort(itsPort).withPath(uri).endHttpGet();
  }

  /** A kubelet counts in whole seconds. */
  private static int seconds(Duration interval) {
    return (int) Math.max(1, interval.plusMillis(999).toSeconds());
  }
}
