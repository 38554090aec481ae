package dev.ccbridge.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import java.io.ByteArrayOutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.EnumSet;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.apache.sshd.client.SshClient;
import org.apache.sshd.client.channel.ChannelExec;
import org.apache.sshd.client.channel.ClientChannelEvent;
import org.apache.sshd.client.session.ClientSession;
import org.apache.sshd.common.SshException;
import org.apache.sshd.common.config.keys.KeyUtils;
import org.apache.sshd.common.config.keys.PublicKeyEntry;
import org.apache.sshd.common.util.net.SshdSocketAddress;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The daemon in this JVM, started by its flags and asked by MINA's client. */
@Timeout(120)
class SshdTest {
  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static KeyPair hostKey;
  private static KeyPair userKey;

  private final List<AutoCloseable> open = new ArrayList<>();
  private SshClient client;

  @BeforeAll
  static void makeKeys() throws Exception {
    hostKey = rsa(2048);
    userKey = rsa(2048);
  }

  private static KeyPair rsa(int bits) throws Exception {
    var generator = KeyPairGenerator.getInstance("RSA");
    generator.initialize(bits);
    return generator.generateKeyPair();
  }

  @BeforeEach
  void startClient() {
    client = SshClient.setUpDefaultClient();
    client.setServerKeyVerifier((session, address, key) -> true);
    client.start();
  }

  @AfterEach
  void closeAll() throws Exception {
    client.stop();
    for (var part : open) {
      part.close();
    }
  }

  /** PKCS#1, as Go writes it: what PKCS#8 holds behind its header of 26 bytes. */
  private static String pem(KeyPair pair) {
    var pkcs8 = pair.getPrivate().getEncoded();
    var pkcs1 = Arrays.copyOfRange(pkcs8, 26, pkcs8.length);
    var base64 = Base64.getMimeEncoder(64, "\n".getBytes(StandardCharsets.US_ASCII));
    return "-----BEGIN RSA PRIVATE KEY-----\n"
        + base64.encodeToString(pkcs1)
        + "\n-----END RSA PRIVATE KEY-----\n";
  }

  private static String line(KeyPair pair) {
    return PublicKeyEntry.toString(pair.getPublic()) + "\n";
  }

  private SshDaemon daemon(KeyPair host, String... more) {
    var arguments =
        new ArrayList<>(
            List.of(
                "-address=127.0.0.1:0",
                "-hostKey=" + pem(host),
                "-authorizedKey=" + line(userKey),
                "-logLevel=fatal"));
    arguments.addAll(List.of(more));
    var daemon = SshDaemon.start(Sshd.parse(arguments));
    open.add(daemon);
    return daemon;
  }

  private ClientSession session(SshDaemon daemon) throws Exception {
    return client.connect("anybody", "127.0.0.1", daemon.port()).verify(LIMIT).getSession();
  }

  private ClientSession logIn(SshDaemon daemon, KeyPair key) throws Exception {
    var session = session(daemon);
    session.addPublicKeyIdentity(key);
    session.auth().verify(LIMIT);
    return session;
  }

  private record Done(int status, String output, String errors) {}

  private static Done run(ChannelExec channel) throws Exception {
    var output = new ByteArrayOutputStream();
    var errors = new ByteArrayOutputStream();
    channel.setOut(output);
    channel.setErr(errors);
    channel.open().verify(LIMIT);
    channel.waitFor(EnumSet.of(ClientChannelEvent.CLOSED), LIMIT);
    assertThat(channel.getExitStatus()).as("exit status").isNotNull();
    return new Done(
        channel.getExitStatus(),
        output.toString(StandardCharsets.UTF_8),
        errors.toString(StandardCharsets.UTF_8));
  }

  @Test
  void commandsRunWithTheirStreamsAndStatus() throws Exception {
    var session = logIn(daemon(hostKey), userKey);

    assertThat(run(session.createExecChannel("echo out; echo err >&2; exit 7")))
        .isEqualTo(new Done(7, "out\n", "err\n"));
    assertThat(run(session.createExecChannel("kill -KILL $$")).status()).isEqualTo(137);
    assertThat(run(session.createExecChannel("pwd; echo $HOME")).output())
        .isEqualTo(System.getProperty("user.dir") + "\n" + System.getenv("HOME") + "\n");
  }

  @Test
  void theHostKeyIsTheOneGiven() throws Exception {
    var session = logIn(daemon(hostKey), userKey);

    assertThat(KeyUtils.compareKeys(session.getServerKey(), hostKey.getPublic())).isTrue();
  }

  @Test
  void keysOf1024BitsAsDiegoMadeThemAreServed() throws Exception {
    var small = rsa(1024);
    var session = logIn(daemon(small), userKey);

    assertThat(KeyUtils.compareKeys(session.getServerKey(), small.getPublic())).isTrue();
  }

  @Test
  void inputReachesACommandToItsEnd() throws Exception {
    var channel = logIn(daemon(hostKey), userKey).createExecChannel("wc -c");
    channel.setIn(new java.io.ByteArrayInputStream(new byte[1_000_000]));

    assertThat(run(channel).output().strip()).isEqualTo("1000000");
  }

  @Test
  void onlyTheOwnerOfTheKeyComesIn() throws Exception {
    var daemon = daemon(hostKey);
    var stranger = rsa(2048);

    assertThatThrownBy(() -> logIn(daemon, stranger)).isInstanceOf(SshException.class);
    var nobody = session(daemon);
    nobody.addPasswordIdentity("guess");
    assertThatThrownBy(() -> nobody.auth().verify(LIMIT)).isInstanceOf(SshException.class);
  }

  @Test
  void anybodyComesInIfThatIsWanted() throws Exception {
    var session = session(daemon(hostKey, "-authorizedKey=", "-allowUnauthenticatedClients"));
    session.addPasswordIdentity("guess");
    session.auth().verify(LIMIT);

    assertThat(run(session.createExecChannel("echo in")).output()).isEqualTo("in\n");
  }

  @Test
  void theDaemonsEnvironmentIsInheritedOnlyIfThatIsWanted() throws Exception {
    var known = "PATH=" + System.getenv("PATH") + "\n";
    var inheriting = logIn(daemon(hostKey, "-inheritDaemonEnv"), userKey);
    assertThat(run(inheriting.createExecChannel("env")).output()).contains(known);

    var fresh = logIn(daemon(hostKey), userKey).createExecChannel("env");
    fresh.setEnv("WISH", "granted");
    fresh.setEnv("HOME", "/elsewhere");
    assertThat(run(fresh).output())
        .contains("PATH=/bin:/usr/bin\n", "LANG=en_US.UTF8\n", "WISH=granted\n")
        .doesNotContain("elsewhere");
  }

  @Test
  void aTerminalHasTheSizeThatTheClientWants() throws Exception {
    try (var processes = new SshProcesses(false)) {
      assumeThat(processes.hasTerminals()).as("util-linux' script works here").isTrue();
    }
    var channel =
        logIn(daemon(hostKey), userKey).createExecChannel("test -t 0 && stty size; exit 3");
    channel.setUsePty(true);
    channel.setPtyColumns(101);
    channel.setPtyLines(33);

    var done = run(channel);
    assertThat(done.output()).contains("33 101");
    assertThat(done.status()).isEqualTo(3);
  }

  @Test
  void portsOfTheContainerAreReachedThroughTheSession() throws Exception {
    var session = logIn(daemon(hostKey), userKey);
    try (var app = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        var tunnel =
            session.createLocalPortForwardingTracker(
                new SshdSocketAddress("127.0.0.1", 0),
                new SshdSocketAddress("127.0.0.1", app.getLocalPort()));
        var near = new Socket("127.0.0.1", tunnel.getBoundAddress().getPort())) {
      near.getOutputStream().write('?');
      near.getOutputStream().flush();
      try (var far = app.accept()) {
        assertThat(far.getInputStream().read()).isEqualTo('?');
        far.getOutputStream().write('!');
        far.getOutputStream().flush();
        assertThat(near.getInputStream().read()).isEqualTo('!');
      }
    }
  }

  @Test
  void nobodyListensOnBehalfOfAClient() throws Exception {
    var session = logIn(daemon(hostKey), userKey);

    assertThatThrownBy(
            () ->
                session.startRemotePortForwarding(
                    new SshdSocketAddress("127.0.0.1", 0), new SshdSocketAddress("127.0.0.1", 9)))
        .isInstanceOf(SshException.class);
  }

  @Test
  void whatSessionsStartedEndsWithTheDaemon() throws Exception {
    var daemon = daemon(hostKey);
    var session = logIn(daemon, userKey);
    var mark = "7" + System.nanoTime() % 1_000_000_000;
    var channel =
        session.createExecChannel(
            "(nohup sleep " + mark + " >/dev/null 2>&1 &); trap '' HUP TERM; sleep " + mark);
    channel.open().verify(LIMIT);
    await().atMost(60, TimeUnit.SECONDS).until(() -> running(mark) == 2);

    daemon.close();

    await().atMost(60, TimeUnit.SECONDS).until(() -> running(mark) == 0);
  }

  @Test
  void whatDoesNotEndWithItsClientIsKilled() throws Exception {
    var session = logIn(daemon(hostKey), userKey);
    var mark = "8" + System.nanoTime() % 1_000_000_000;
    session.createExecChannel("exec sleep " + mark).open().verify(LIMIT);
    await().atMost(60, TimeUnit.SECONDS).until(() -> running(mark) == 1);

    session.close(true);

    await().atMost(60, TimeUnit.SECONDS).until(() -> running(mark) == 0);
  }

  private static long running(String mark) {
    return ProcessHandle.allProcesses()
        .filter(process -> process.info().command().orElse("").endsWith("sleep"))
        .filter(
            process ->
                process.info().arguments().map(List::of).orElse(List.of()).equals(List.of(mark)))
        .count();
  }

  @Test
  void aTakenPortEndsTheStart() throws Exception {
    try (var taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      var config =
          Sshd.parse(
              List.of(
                  "-address=127.0.0.1:" + taken.getLocalPort(), "-authorizedKey=" + line(userKey)));
      assertThatThrownBy(() -> SshDaemon.start(config))
          .hasMessageContaining("cannot listen at 127.0.0.1:" + taken.getLocalPort())
          .extracting(e -> ((LifecycleException) e).exitCode())
          .isEqualTo(1);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "-address=2222",
        "-address=localhost:ssh",
        "-address=:65536",
        "-authorizedKey=",
        "-authorizedKey=ssh-rsa AAAA",
        "-hostKey=nonsense",
        "-hostKey=-----BEGIN RSA PRIVATE KEY-----\nAAAA\n-----END RSA PRIVATE KEY-----\n"
      })
  void wrongValuesEndTheStartWithTheNameOfTheFlag(String argument) {
    var flag = argument.substring(0, argument.indexOf('='));
    assertThatThrownBy(() -> Sshd.parse(List.of("-authorizedKey=" + line(userKey), argument)))
        .isInstanceOf(LifecycleException.class)
        .hasMessageContaining("invalid " + flag)
        .extracting(e -> ((LifecycleException) e).exitCode())
        .isEqualTo(1);
  }

  @Test
  void anUnknownFlagEndsTheStartAsInGo() {
    assertThatThrownBy(() -> Sshd.parse(List.of("-nonsense")))
        .extracting(e -> ((LifecycleException) e).exitCode())
        .isEqualTo(2);
  }
}
