package dev.ccbridge;

import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedTrustManager;

/**
 * Trusts whoever answers, under whatever name: only for {@code -skipCertVerify}, {@code
 * -skipSSLVerification} and registries that are named as insecure. The extended kind also switches
 * the host name check off.
 */
public final class TrustEverybody extends X509ExtendedTrustManager {
  private TrustEverybody() {}

  /** For clients that are told not to verify. */
  public static SSLContext sslContext() {
    try {
      var trusting = SSLContext.getInstance("TLS");
      trusting.init(null, new TrustManager[] {new TrustEverybody()}, null);
      return trusting;
    } catch (GeneralSecurityException everyJdkHasTls) {
      throw new IllegalStateException(everyJdkHasTls);
    }
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket) {}

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket) {}

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String type) {}

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String type) {}

  @Override
  public X509Certificate[] getAcceptedIssuers() {
    return new X509Certificate[0];
  }
}
