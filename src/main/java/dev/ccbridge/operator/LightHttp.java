package dev.ccbridge.operator;

import io.fabric8.kubernetes.client.jdkhttp.JdkHttpClientFactory;
import java.net.http.HttpClient;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import java.util.Comparator;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;

/**
 * HTTP to the Kubernetes API with a cipher that is cheap for us. AES is quick by instructions that
 * only the JVM's optimizing compiler uses, which we run without, for a small process; ChaCha20
 * needs none. What watches bring of a thousand Pods took a third of our time in AES. A server
 * without it takes another one, as always.
 */
final class LightHttp extends JdkHttpClientFactory {
  @Override
  protected void additionalConfig(HttpClient.Builder client) {
    client.sslParameters(parameters());
  }

  /** All that this JVM would offer anyway, in another order. */
  static SSLParameters parameters() {
    try {
      var parameters = SSLContext.getDefault().getDefaultSSLParameters();
      parameters.setCipherSuites(
          Arrays.stream(parameters.getCipherSuites())
              .sorted(Comparator.comparing(suite -> !suite.contains("CHACHA20")))
              .toArray(String[]::new));
      return parameters;
    } catch (GeneralSecurityException everyJdkHasOne) {
      throw new IllegalStateException(everyJdkHasOne);
    }
  }
}
