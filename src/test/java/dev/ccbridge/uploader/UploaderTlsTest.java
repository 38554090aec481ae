package dev.ccbridge.uploader;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.security.KeyStore;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class UploaderTlsTest {
  @TempDir private Path work;

  @Test
  void aCertificateOfNobodyIsTakenOnlyWithSkipCertVerify() throws Exception {
    var strict = UploaderFixture.CONFIG;
    var trusting =
        new UploaderConfig(true, strict.jobPollingInterval(), strict.communicationTimeout(), 1);
    try (var cc = new ScriptedCc(0, selfSignedForSomebodyElse()).answersJob("", "finished");
        var verifying = new UploaderFixture(strict, attempt -> {});
        var skipping = new UploaderFixture(trusting, attempt -> {})) {
      var target = "https://u:secret@" + cc.host() + "/up";

      var refused = verifying.post(verifying.droplet(target), "x");
      var taken = skipping.post(skipping.droplet(target), "x");

      assertThat(refused.statusCode()).isEqualTo(500);
      assertThat(refused.body()).startsWith(cc.host() + ": TLS failed").doesNotContain("secret");
      assertThat(taken.statusCode()).isEqualTo(201);
    }
  }

  private SSLContext selfSignedForSomebodyElse() throws Exception {
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
