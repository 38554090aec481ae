package dev.ccbridge.cloudcontroller.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.ccbridge.cloudcontroller.model.AppCrashedRequest;
import dev.ccbridge.cloudcontroller.model.FingerprintPage;
import dev.ccbridge.web.HttpService;
import dev.ccbridge.web.Request;
import dev.ccbridge.web.Response;
import dev.ccbridge.web.SelfSigned;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A CC with a certificate that nobody vouches for, and that names another host. */
@Timeout(120)
class SkipCertVerifyTest {
  private static final AppCrashedRequest CRASH =
      new AppCrashedRequest("instance", 0, "CRASHED", 0, "", 1, 1);

  @TempDir private Path work;
  private final List<Request> seen = new CopyOnWriteArrayList<>();
  private HttpService cc;

  @BeforeEach
  void start() throws Exception {
    cc =
        HttpService.start(
            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
            this::answer,
            SelfSigned.forSomebodyElse(work));
  }

  @AfterEach
  void close() {
    cc.close();
  }

  private Response answer(Request request) {
    seen.add(request);
    return Response.json(200, "{\"fingerprints\":[]}".getBytes(StandardCharsets.UTF_8));
  }

  private CloudControllerConfig config(boolean skipCertVerify) {
    return new CloudControllerConfig(
        Optional.of(cc.uri()), "user", "s3cret", Duration.ofSeconds(60), skipCertVerify);
  }

  @Test
  void aCrashIsToldOnlyWithIt() {
    try (var strict = new CloudControllerClient(config(false));
        var trusting = new CloudControllerClient(config(true))) {
      var refused =
          catchThrowableOfType(
              CloudControllerException.class, () -> strict.appCrashed("guid", CRASH));
      assertThat(refused.kind().retryable()).isTrue();
      assertThat(seen).isEmpty();

      trusting.appCrashed("guid", CRASH);
      assertThat(seen).extracting(Request::rawPath).containsOnly("/internal/apps/guid/crashed");
    }
  }

  @Test
  void fingerprintsAreReadOnlyWithIt() {
    try (var strict = new BulkClient(config(false));
        var trusting = new BulkClient(config(true))) {
      var refused =
          catchThrowableOfType(
              CloudControllerException.class,
              () -> strict.fingerprints(2, FingerprintPage.FIRST_TOKEN));
      assertThat(refused.kind().retryable()).isTrue();
      assertThat(seen).isEmpty();

      assertThat(trusting.fingerprints(2, FingerprintPage.FIRST_TOKEN).fingerprints()).isEmpty();
    }
  }
}
