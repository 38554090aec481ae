package dev.ccbridge.executor;

import dev.ccbridge.receptor.model.PortMapping;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * Tells a program its host port wherever its action names a container port. All containers share
 * the machine's network, so two instances cannot both listen on 8080; and the originals' launcher,
 * healthcheck and sshd know their port only from {@code PORT}, {@code -port=8080} and {@code
 * -address=0.0.0.0:2222}, which the recipes write with the container port.
 */
public final class PortTranslation {
  private static final Pattern PORT_ARGUMENT = Pattern.compile("(--?port=)(\\d+)");
  private static final Pattern ADDRESS_ARGUMENT = Pattern.compile("(--?address=.*:)(\\d+)");
  private static final String PORT_VARIABLE = "PORT";

  private final Map<String, String> hostPorts = new TreeMap<>();

  public PortTranslation(List<PortMapping> mappings) {
    for (var mapping : mappings) {
      hostPorts.put(
          Integer.toString(mapping.containerPort()), Integer.toString(mapping.hostPort()));
    }
  }

  public String variable(String name, String value) {
    return name.equals(PORT_VARIABLE) ? hostPorts.getOrDefault(value, value) : value;
  }

  public String argument(String argument) {
    for (var pattern : List.of(PORT_ARGUMENT, ADDRESS_ARGUMENT)) {
      var matcher = pattern.matcher(argument);
      if (matcher.matches() && hostPorts.containsKey(matcher.group(2))) {
        return matcher.group(1) + hostPorts.get(matcher.group(2));
      }
    }
    return argument;
  }
}
