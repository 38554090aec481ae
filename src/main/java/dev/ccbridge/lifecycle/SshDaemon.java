package dev.ccbridge.lifecycle;

import java.io.IOException;
import java.net.SocketAddress;
import java.security.KeyPair;
import java.security.PublicKey;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.apache.sshd.common.channel.Channel;
import org.apache.sshd.common.config.keys.KeyUtils;
import org.apache.sshd.common.io.IoAcceptor;
import org.apache.sshd.common.io.IoServiceEventListener;
import org.apache.sshd.common.keyprovider.KeyPairProvider;
import org.apache.sshd.common.session.Session;
import org.apache.sshd.common.util.net.SshdSocketAddress;
import org.apache.sshd.core.CoreModuleProperties;
import org.apache.sshd.server.ServerBuilder;
import org.apache.sshd.server.SshServer;
import org.apache.sshd.server.auth.UserAuthFactory;
import org.apache.sshd.server.auth.password.UserAuthPasswordFactory;
import org.apache.sshd.server.auth.pubkey.UserAuthPublicKeyFactory;
import org.apache.sshd.server.channel.ChannelSessionFactory;
import org.apache.sshd.server.forward.DirectTcpipFactory;
import org.apache.sshd.server.forward.ForwardingFilter;
import org.apache.sshd.server.forward.TcpForwardingFilter;

/**
 * A running ssh daemon: shells, commands and connections to whatever the container reaches.
 *
 * <p>Its limits keep the heap small, whatever clients do: the memory is the app's.
 *
 * <p>Source: diego-ssh daemon/sshd.go, handlers/*.go.
 */
final class SshDaemon implements AutoCloseable {
  private static final int WORKERS = 2;
  private static final int MAX_CONNECTIONS = 16;
  private static final int MAX_CHANNELS_PER_CONNECTION = 16;
  private static final long WINDOW_BYTES = 64 * 1024L;
  private static final long PACKET_BYTES = 16 * 1024L;
  private static final Duration AUTHENTICATION_LIMIT = Duration.ofSeconds(30);
  private static final Duration IDLE_LIMIT = Duration.ofHours(1);
  private static final Duration MARGIN = Duration.ofSeconds(15);

  private final SshServer server;
  private final SshProcesses processes;

  private SshDaemon(SshServer server, SshProcesses processes) {
    this.server = server;
    this.processes = processes;
  }

  /**
   * Listens.
   *
   * @throws LifecycleException with exit code 1 if the address cannot be had
   */
  static SshDaemon start(SshConfig config) {
    var processes = new SshProcesses(config.inheritEnvironment());
    var server = ServerBuilder.builder().build(true);
    limit(server);
    authenticate(server, config.hostKey(), config);
    serve(server, processes);
    server.setPort(config.port());
    if (!config.host().isEmpty()) {
      server.setHost(config.host());
    }
    try {
      server.start();
    } catch (IOException | RuntimeException e) {
      throw LifecycleException.because(
          LifecycleException.FAILED, "cannot listen at " + config.host() + ":" + config.port(), e);
    }
    return new SshDaemon(server, processes);
  }

  int port() {
    return server.getPort();
  }

  /** Ends all sessions and everything that was started in them. */
  @Override
  public void close() {
    processes.close();
    server.close(true);
  }

  private static void limit(SshServer server) {
    CoreModuleProperties.NIO_WORKERS.set(server, WORKERS);
    CoreModuleProperties.WINDOW_SIZE.set(server, WINDOW_BYTES);
    CoreModuleProperties.MAX_PACKET_SIZE.set(server, PACKET_BYTES);
    CoreModuleProperties.MAX_CONCURRENT_CHANNELS.set(server, MAX_CHANNELS_PER_CONNECTION);
    CoreModuleProperties.AUTH_TIMEOUT.set(server, AUTHENTICATION_LIMIT);
    CoreModuleProperties.IDLE_TIMEOUT.set(server, IDLE_LIMIT);
    CoreModuleProperties.NIO2_READ_TIMEOUT.set(server, IDLE_LIMIT.plus(MARGIN));
    // A client that stops its terminal reads nothing for a while.
    CoreModuleProperties.WAIT_FOR_SPACE_TIMEOUT.set(server, IDLE_LIMIT);
    CoreModuleProperties.SOCKET_KEEPALIVE.set(server, true);
    server.setIoServiceEventListener(
        new IoServiceEventListener() {
          @Override
          public void connectionAccepted(
              IoAcceptor acceptor, SocketAddress local, SocketAddress remote, SocketAddress service)
              throws IOException {
            if (server.getActiveSessions().size() >= MAX_CONNECTIONS) {
              throw new IOException("too many connections");
            }
          }
        });
  }

  private static void authenticate(SshServer server, KeyPair hostKey, SshConfig config) {
    server.setKeyPairProvider(KeyPairProvider.wrap(hostKey));
    var ways = new ArrayList<UserAuthFactory>();
    ways.add(UserAuthPublicKeyFactory.INSTANCE);
    server.setPublickeyAuthenticator(
        (user, key, session) -> config.anybody() || isAuthorized(config, key));
    if (config.anybody()) {
      // Not "none": the library refuses that always.
      ways.add(UserAuthPasswordFactory.INSTANCE);
      server.setPasswordAuthenticator((user, password, session) -> true);
    }
    server.setUserAuthFactories(ways);
  }

  private static boolean isAuthorized(SshConfig config, PublicKey key) {
    return config.authorizedKey().filter(own -> KeyUtils.compareKeys(own, key)).isPresent();
  }

  private static void serve(SshServer server, SshProcesses processes) {
    server.setShellFactory(channel -> new SshCommand(processes, ""));
    server.setCommandFactory((channel, command) -> new SshCommand(processes, command));
    server.setSubsystemFactories(List.of());
    server.setChannelFactories(
        List.of(
            new ChannelSessionFactory() {
              @Override
              public Channel createChannel(Session session) {
                return new SshChannel(processes);
              }
            },
            DirectTcpipFactory.INSTANCE));
    server.setForwardingFilter(
        ForwardingFilter.asForwardingFilter(null, null, new ConnectionsOnly()));
  }

  /** To anywhere, as the shell may; nobody listens on behalf of a client. */
  private static final class ConnectionsOnly implements TcpForwardingFilter {
    @Override
    public boolean canListen(SshdSocketAddress address, Session session) {
      return false;
    }

    @Override
    public boolean canConnect(Type type, SshdSocketAddress address, Session session) {
      return type == Type.Direct;
    }
  }
}
