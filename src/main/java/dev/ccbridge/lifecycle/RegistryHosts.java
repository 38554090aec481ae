package dev.ccbridge.lifecycle;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.net.spi.InetAddressResolver;
import java.net.spi.InetAddressResolver.LookupPolicy;
import java.net.spi.InetAddressResolverProvider;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/**
 * Host names of this process alone, in the place of the line in {@code /etc/hosts} that Diego's
 * builder wrote as root. Requests and certificates keep the name. Java finds it by the service file
 * in the Docker lifecycle's archive. Thread-safe.
 */
public final class RegistryHosts extends InetAddressResolverProvider {
  private static final Map<String, InetAddress> HOSTS = new ConcurrentHashMap<>();

  /** For Java's service loader. */
  public RegistryHosts() {}

  /** From now on {@code host} is at {@code address}. */
  static void add(String host, InetAddress address) {
    HOSTS.put(host.toLowerCase(Locale.ROOT), address);
  }

  @Override
  public InetAddressResolver get(Configuration configuration) {
    return new Resolver(configuration.builtinResolver());
  }

  @Override
  public String name() {
    return "hosts of the registry";
  }

  private record Resolver(InetAddressResolver system) implements InetAddressResolver {
    @Override
    public Stream<InetAddress> lookupByName(String host, LookupPolicy policy)
        throws UnknownHostException {
      var ours = HOSTS.get(host.toLowerCase(Locale.ROOT));
      return ours == null ? system.lookupByName(host, policy) : Stream.of(ours);
    }

    @Override
    public String lookupByAddress(byte[] address) throws UnknownHostException {
      return system.lookupByAddress(address);
    }
  }
}
