package dev.ccbridge.uploader;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ccbridge.web.SelfSigned;
import java.nio.file.Path;
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
    try (var cc = new ScriptedCc(0, SelfSigned.forSomebodyElse(work)).answersJob("", "finished");
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
}
