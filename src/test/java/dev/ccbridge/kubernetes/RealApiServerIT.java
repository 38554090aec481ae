package dev.ccbridge.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(value = 120, unit = TimeUnit.SECONDS)
class RealApiServerIT {

  @Test
  void servesAnAdministratorWithNothingButItsConfiguration() {
    try (var client = RealApiServer.shared().client()) {
      assertThat(client.namespaces().withName("default").get()).isNotNull();
      assertThat(client.getKubernetesVersion().getMinor()).startsWith("36");
    }
  }
}
