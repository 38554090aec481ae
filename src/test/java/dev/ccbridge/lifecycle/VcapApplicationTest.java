package dev.ccbridge.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class VcapApplicationTest {
  @Test
  void hostPortAndInstanceAreFilledInAndTheRestStays() {
    var environment =
        Map.of(
            "VCAP_APPLICATION", "{\"name\":\"a<b\",\"started_at_timestamp\":1440201487,\"port\":1}",
            "PORT", "8080",
            "INSTANCE_INDEX", "3",
            "INSTANCE_GUID", "ig-1");

    assertThat(VcapApplication.forInstance(environment))
        .contains(
            "{\"host\":\"0.0.0.0\",\"instance_id\":\"ig-1\",\"instance_index\":3,"
                + "\"name\":\"a\\u003cb\",\"port\":8080,\"started_at_timestamp\":1440201487}");
  }

  @Test
  void whatIsNotANumberOrNotThereDoesNotBecomePortOrIndex() {
    var environment = Map.of("VCAP_APPLICATION", "{\"port\":1}", "PORT", "http");

    assertThat(VcapApplication.forInstance(environment))
        .contains("{\"host\":\"0.0.0.0\",\"instance_id\":\"\",\"port\":1}");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "[]", "null", "{", "text"})
  void anythingButAnObjectIsLeftAlone(String value) {
    var environment = new HashMap<>(Map.of("PORT", "1"));
    environment.put("VCAP_APPLICATION", value);

    assertThat(VcapApplication.forInstance(environment)).isEmpty();
  }

  @Test
  void whereThereIsNoneNoneIsMade() {
    assertThat(VcapApplication.forInstance(Map.of("PORT", "1"))).isEmpty();
  }
}
