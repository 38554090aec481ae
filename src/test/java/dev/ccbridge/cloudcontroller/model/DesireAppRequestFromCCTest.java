package dev.ccbridge.cloudcontroller.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonProcessingException;
import dev.ccbridge.receptor.model.ReceptorJson;
import java.math.BigInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DesireAppRequestFromCCTest {

  @Test
  void absentAndNullAreZeroValuesButRoutesTellThemApartFromNone() throws Exception {
    var app = decode("{\"start_command\":null}");
    assertThat(app.startCommand()).isEmpty();
    assertThat(app.environment()).isEmpty();
    assertThat(app.fileDescriptors()).isEqualTo(BigInteger.ZERO);
    assertThat(app.routes()).isNull();
    assertThat(decode("{\"routes\":[]}").routes()).isEmpty();
  }

  @Test
  void takesFileDescriptorsUpTo64Bits() throws Exception {
    assertThat(decode("{\"file_descriptors\":18446744073709551615}").fileDescriptors())
        .isEqualTo("18446744073709551615");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"file_descriptors\":-1}",
        "{\"file_descriptors\":18446744073709551616}",
        "{\"health_check_timeout_in_seconds\":-1}",
        "{\"memory_mb\":\"1\"}"
      })
  void refusesWhatTheOriginalCannotDecode(String json) {
    assertThatThrownBy(() -> decode(json)).isInstanceOf(JsonProcessingException.class);
  }

  @Test
  void printsNoCredentials() throws Exception {
    var app =
        decode(
            "{\"process_guid\":\"g\",\"docker_password\":\"canary\",\"droplet_uri\":\"http://u:canary@h/\","
                + "\"environment\":[{\"name\":\"A\",\"value\":\"canary\"}]}");
    assertThat(app.toString()).contains("g").doesNotContain("canary");
  }

  private static DesireAppRequestFromCC decode(String json) throws JsonProcessingException {
    return ReceptorJson.mapper().readValue(json, DesireAppRequestFromCC.class);
  }
}
