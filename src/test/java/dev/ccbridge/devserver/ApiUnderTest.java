package dev.ccbridge.devserver;

import dev.ccbridge.devserver.schema.Json;
import dev.ccbridge.kubernetes.RealApiServer;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import java.util.List;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/** A Kubernetes API as its clients see it: ours, or a real one. */
final class ApiUnderTest implements AutoCloseable {
  static final String MERGE = "application/merge-patch+json";
  static final String APPLY = "application/apply-patch+yaml";

  private final URI uri;
  private final String token;
  private final String certificate;
  private final Path kubeconfig;
  private final Runnable stop;
  private final HttpClient http;

  private ApiUnderTest(URI uri, String token, String certificate, Path kubeconfig, Runnable stop) {
    this.uri = uri;
    this.token = token;
    this.certificate = certificate;
    this.kubeconfig = kubeconfig;
    this.stop = stop;
    this.http = HttpClient.newBuilder().sslContext(trusting(certificate)).build();
  }

  /** A new development server in memory, with the CRDs of these test resources. */
  static ApiUnderTest development(String... resources) {
    return of(DevServer.start(DevServerConfig.inMemory(texts(resources))));
  }

  static ApiUnderTest of(DevServer server) {
    try {
      var file = Files.createTempFile("cc-bridge-dev", ".kubeconfig");
      server.writeKubeconfig(file);
      return new ApiUnderTest(
          server.uri(),
          server.token(),
          server.certificate(),
          file,
          () -> {
            server.close();
            file.toFile().delete();
          });
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }

  /** The real one of this JVM; skips the test when there is none. */
  static ApiUnderTest real() {
    var server = RealApiServer.shared();
    try {
      return new ApiUnderTest(
          server.uri(),
          server.token(),
          Files.readString(server.certificate()),
          server.kubeconfig(),
          () -> {});
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }

  /** Test resources of this package's folder as texts. */
  static List<String> texts(String... resources) {
    return List.of(resources).stream().map(ApiUnderTest::text).toList();
  }

  static String text(String resource) {
    try (var in = ApiUnderTest.class.getResourceAsStream("/devserver/" + resource)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException unreadable) {
      throw new UncheckedIOException(unreadable);
    }
  }

  Path kubeconfig() {
    return kubeconfig;
  }

  URI uri() {
    return uri;
  }

  HttpClient http() {
    return http;
  }

  Config config() {
    return new ConfigBuilder(Config.empty())
        .withMasterUrl(uri.toString())
        .withCaCertData(
            java.util.Base64.getEncoder()
                .encodeToString(certificate.getBytes(StandardCharsets.UTF_8)))
        .withOauthToken(token)
        .withNamespace("default")
        .build();
  }

  KubernetesClient client() {
    return new KubernetesClientBuilder().withConfig(config()).build();
  }

  /** A request without a body. */
  Answer send(String method, String path) {
    return send(method, path, "", "");
  }

  Answer send(String method, String path, String type, String body) {
    try {
      var request = request(path).timeout(Duration.ofSeconds(20));
      if (!type.isEmpty()) {
        request.header("Content-Type", type);
      }
      var publisher = type.isEmpty() ? BodyPublishers.noBody() : BodyPublishers.ofString(body);
      return Answer.of(
          http.send(request.method(method, publisher).build(), BodyHandlers.ofString()));
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(stopped);
    }
  }

  /** The lines of a watch as they come; close it to end the watch. */
  InputStream watch(String path) {
    try {
      return http.send(request(path).build(), BodyHandlers.ofInputStream()).body();
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(stopped);
    }
  }

  private HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(URI.create(uri + path))
        .header("Authorization", "Bearer " + token)
        .header("Accept", "application/json")
        .header("User-Agent", "parity/1");
  }

  /** What came back. */
  record Answer(int status, String contentType, List<String> warnings, String body) {
    static Answer of(HttpResponse<String> response) {
      return new Answer(
          response.statusCode(),
          response.headers().firstValue("Content-Type").orElse(""),
          response.headers().allValues("Warning"),
          response.body());
    }

    com.fasterxml.jackson.databind.JsonNode json() {
      return Json.parse(body);
    }
  }

  static SSLContext trusting(String certificates) {
    try {
      var store = KeyStore.getInstance(KeyStore.getDefaultType());
      store.load(null, null);
      var in = new java.io.ByteArrayInputStream(certificates.getBytes(StandardCharsets.UTF_8));
      for (var each : CertificateFactory.getInstance("X.509").generateCertificates(in)) {
        store.setCertificateEntry("c" + store.size(), each);
      }
      var managers = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      managers.init(store);
      var context = SSLContext.getInstance("TLS");
      context.init(null, managers.getTrustManagers(), null);
      return context;
    } catch (IOException | GeneralSecurityException impossible) {
      throw new IllegalStateException(impossible);
    }
  }

  @Override
  public void close() {
    http.shutdownNow();
    stop.run();
  }
}
