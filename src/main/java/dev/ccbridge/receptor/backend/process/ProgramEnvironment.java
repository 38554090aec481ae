package dev.ccbridge.receptor.backend.process;

import dev.ccbridge.receptor.backend.Container;
import dev.ccbridge.receptor.model.EnvironmentVariable;
import dev.ccbridge.receptor.model.PortMapping;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * The variables that a container's programs see, later ones winning over earlier: those of an
 * image, the instance's, the container's, the action's, the cell's. Nothing of the operator's own
 * environment is among them. Source: executor/depot/steps/run_step.go @d45a4342.
 */
final class ProgramEnvironment {
  private final Container container;
  private final String address;
  private final List<PortMapping> ports;

  /**
   * @param address of the cell
   */
  ProgramEnvironment(Container container, String address, List<PortMapping> ports) {
    this.container = container;
    this.address = address;
    this.ports = ports;
  }

  /**
   * @param base what its surroundings give a program
   */
  Map<String, String> with(Map<String, String> base, List<EnvironmentVariable> actionEnvironment) {
    var all = new LinkedHashMap<>(base);
    var instance = container.instance();
    if (instance != null) {
      all.put("INSTANCE_GUID", container.guid());
      all.put("INSTANCE_INDEX", Integer.toString(instance.index()));
      all.put("CF_INSTANCE_GUID", container.guid());
      all.put("CF_INSTANCE_INDEX", Integer.toString(instance.index()));
    }
    container.env().forEach(variable -> all.put(variable.name(), variable.value()));
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
