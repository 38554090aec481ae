package dev.ccbridge.operator;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.Test;

class LightHttpTest {
  @Test
  void prefersWhatIsCheapAndOffersAllThatIsUsual() throws Exception {
    var usual = SSLContext.getDefault().getDefaultSSLParameters();

    var ours = LightHttp.parameters();

    assertThat(ours.getCipherSuites()).containsExactlyInAnyOrder(usual.getCipherSuites());
    assertThat(ours.getCipherSuites()[0]).isEqualTo("TLS_CHACHA20_POLY1305_SHA256");
    assertThat(Arrays.asList(ours.getCipherSuites()).indexOf("TLS_AES_256_GCM_SHA384"))
        .isLessThan(Arrays.asList(ours.getCipherSuites()).indexOf("TLS_AES_128_GCM_SHA256"));
    assertThat(ours.getProtocols()).containsExactly(usual.getProtocols());
  }
}
