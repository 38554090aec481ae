package dev.ccbridge.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.apache.commons.compress.archivers.zip.ZipArchiveEntry;
import org.apache.commons.compress.archivers.zip.ZipArchiveOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class BuildpackDownloaderTest {
  private static final Duration LIMIT = Duration.ofSeconds(20);
  private static final InetSocketAddress ANY_PORT =
      new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);

  @TempDir Path work;
  private final CountDownLatch testEnds = new CountDownLatch(1);
  private final AtomicReference<String> authorization = new AtomicReference<>();
  private HttpServer server;

  @AfterEach
  void stopServer() {
    testEnds.countDown();
    server.stop(0);
  }

  private void serve(HttpServer server, HttpHandler handler) {
    this.server = server;
    server.createContext("/bp.zip", handler);
    server.start();
  }

  private void answerWithZip(HttpExchange exchange) throws IOException {
    authorization.set(exchange.getRequestHeaders().getFirst("Authorization"));
    var archive = work.resolve("served.zip");
    try (var zip = new ZipArchiveOutputStream(archive)) {
      zip.putArchiveEntry(new ZipArchiveEntry("bin/detect"));
      zip.closeArchiveEntry();
    }
    exchange.sendResponseHeaders(200, Files.size(archive));
    Files.copy(archive, exchange.getResponseBody());
    exchange.close();
  }

  private Path download(boolean skipCertVerify, Duration limit, String schemeAndHost) {
    var url = schemeAndHost + ":" + server.getAddress().getPort() + "/bp.zip";
    var destination = work.resolve("buildpacks/bp");
    new BuildpackDownloader(skipCertVerify, limit).download(BuildpackUrl.parse(url), destination);
    return destination.resolve("bin/detect");
  }

  @Test
  void credentialsInTheUrlAreSentAndNotTold() throws Exception {
    serve(HttpServer.create(ANY_PORT, 0), this::answerWithZip);

    assertThat(download(false, LIMIT, "http://user:s3cret@127.0.0.1")).exists();

    assertThat(authorization.get()).isEqualTo("Basic dXNlcjpzM2NyZXQ=");
  }

  @Test
  void aServerThatStopsInTheMiddleIsGivenUpAfterTheLimit() throws Exception {
    serve(
        HttpServer.create(ANY_PORT, 0),
        exchange -> {
          exchange.sendResponseHeaders(200, 1000);
          exchange.getResponseBody().write(1);
          exchange.getResponseBody().flush();
          awaitEndOfTest();
        });

    assertThatThrownBy(() -> download(false, Duration.ofSeconds(1), "http://user:s3cret@127.0.0.1"))
        .isInstanceOf(LifecycleException.class)
        .hasMessageContaining("not complete after 1 s")
        .hasMessageNotContaining("s3cret");
    try (var left = Files.list(work.resolve("buildpacks"))) {
      assertThat(left).as("no half archive stays").containsExactly(work.resolve("buildpacks/bp"));
    }
  }

  private void awaitEndOfTest() {
    try {
      testEnds.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Test
  void anUnknownCertificateIsRefusedUnlessToldOtherwise() throws Exception {
    var https = HttpsServer.create(ANY_PORT, 0);
    https.setHttpsConfigurator(new HttpsConfigurator(selfSignedForSomebodyElse()));
    serve(https, this::answerWithZip);

    assertThatThrownBy(() -> download(false, LIMIT, "https://127.0.0.1"))
        .isInstanceOf(LifecycleException.class)
        .hasMessageContaining("SSLHandshakeException");
    assertThat(download(true, LIMIT, "https://127.0.0.1")).exists();
  }

  private SSLContext selfSignedForSomebodyElse() throws Exception {
    var file = work.resolve("keys.p12");
    var password = "changeit";
    var keytool =
        List.of(
            System.getProperty("java.home") + "/bin/keytool",
            "-genkeypair",
            "-keyalg",
            "EC",
            "-dname",
            "CN=somebody.else.test",
            "-storepass",
            password,
            "-keystore",
            file.toString());
    assertThat(
            new ProcessBuilder(keytool)
                .redirectErrorStream(true)
                .redirectOutput(work.resolve("keytool.log").toFile())
                .start()
                .waitFor())
        .isZero();
    var keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    keys.init(KeyStore.getInstance(file.toFile(), password.toCharArray()), password.toCharArray());
    var context = SSLContext.getInstance("TLS");
    context.init(keys.getKeyManagers(), null, null);
    return context;
  }
}
