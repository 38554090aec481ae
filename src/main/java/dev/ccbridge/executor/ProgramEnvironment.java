package dev.ccbridge.executor;

import dev.ccbridge.receptor.model.EnvironmentVariable;
import dev.ccbridge.receptor.model.PortMapping;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * The variables that a container's programs see, later ones winning over earlier: those of an
 * image, the instance's, the container's, the action's, the cell's. Nothing of the operator's own
 * environment is among them. Source: executor/depot/steps/run_step.go @d45a4342.
 */
public final class ProgramEnvironment {
  private final Optional<Instance> instance;
  private final List<EnvironmentVariable> container;
  private final String address;
  private final List<PortMapping> ports;

  /** Which instance of its LRP a container is. */
  public record Instance(String guid, int index) {}

  /**
   * @param instance empty for a task
   * @param container the container's own variables
   * @param address where its ports are reached
   */
  public ProgramEnvironment(
      Optional<Instance> instance,
      List<EnvironmentVariable> container,
      String address,
      List<PortMapping> ports) {
    this.instance = instance;
    this.container = container;
    this.address = address;
    this.ports = ports;
  }

  /**
   * @param base what its surroundings give a program
   */
  public Map<String, String> with(
      Map<String, String> base, List<EnvironmentVariable> actionEnvironment) {
    var all = new LinkedHashMap<>(base);
    instance.ifPresent(
        who -> {
          all.put("INSTANCE_GUID", who.guid());
          all.put("INSTANCE_INDEX", Integer.toString(who.index()));
          all.put("CF_INSTANCE_GUID", who.guid());
          all.put("CF_INSTANCE_INDEX", Integer.toString(who.index()));
        });
    container.forEach(variable -> all.put(variable.name(), variable.value()));
    actionEnvironment.forEach(variable -> all.put(variable.name(), variable.value()));
    all.put("CF_INSTANCE_IP", address);
    var first = ports.isEmpty() ? "" : Integer.toString(ports.getFirst().hostPort());
    all.put("CF_INSTANCE_PORT", first);
    all.put("CF_INSTANCE_ADDR", first.isEmpty() ? "" : address + ":" + first);
    all.put("CF_INSTANCE_PORTS", portsAsJson());
    var translation = new PortTranslation(ports);
    all.replaceAll(translation::variable);
    return all;
  }

  private String portsAsJson() {
    return ports.stream()
        .map(
            port ->
                "{\"external\":%d,\"internal\":%d}"
                    .formatted(port.hostPort(), port.containerPort()))
        .collect(Collectors.joining(",", "[", "]"));
  }
}
