package dev.ccbridge.web;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.security.KeyStore;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;

/** A certificate that nobody vouches for, and that names another host. */
public final class SelfSigned {
  private SelfSigned() {}

  /**
   * For a server.
   *
   * @param work an empty directory
   */
  public static SSLContext forSomebodyElse(Path work) throws Exception {
    var file = work.resolve("keys.p12");
    var password = "changeit";
    var keytool =
        new ProcessBuilder(
                System.getProperty("java.home") + "/bin/keytool",
                "-genkeypair",
                "-keyalg",
                "EC",
                "-alias",
                "cc",
                "-dname",
                "CN=somebody.else",
                "-keystore",
                file.toString(),
                "-storepass",
                password)
            .redirectErrorStream(true)
            .redirectOutput(work.resolve("keytool.log").toFile())
            .start();
    assertThat(keytool.waitFor()).isZero();
    var keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    keys.init(KeyStore.getInstance(file.toFile(), password.toCharArray()), password.toCharArray());
    var context = SSLContext.getInstance("TLS");
    context.init(keys.getKeyManagers(), null, null);
    return context;
  }
}
