package dev.ccbridge.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class StagingResultTest {
  @Test
  void theResultIsByteForByteTheOneOfDiego() {
    assertThat(new StagingResult("rb-key-1", "Ruby", "rake serve").toJson())
        .isEqualTo(
            "{\"buildpack_key\":\"rb-key-1\",\"detected_buildpack\":\"Ruby\","
                + "\"execution_metadata\":\"{\\\"start_command\\\":\\\"rake serve\\\"}\","
                + "\"detected_start_command\":{\"web\":\"rake serve\"}}\n");
  }

  @Test
  void anEmptyKeyIsLeftOutAndTheRestIsAlwaysThere() {
    assertThat(new StagingResult("", "", "").toJson())
        .isEqualTo(
            "{\"detected_buildpack\":\"\",\"execution_metadata\":\"{\\\"start_command\\\":\\\"\\\"}\","
                + "\"detected_start_command\":{\"web\":\"\"}}\n");
  }

  @Test
  void charactersOfTheShellAreEscapedOncePerLevel() {
    assertThat(new StagingResult("k", "", "a && \"b\"").toJson())
        .contains("\"{\\\"start_command\\\":\\\"a \\\\u0026\\\\u0026 \\\\\\\"b\\\\\\\"\\\"}\"")
        .contains("{\"web\":\"a \\u0026\\u0026 \\\"b\\\"\"}");
  }

  @Test
  void theDropletSaysTheSameToTheLauncher() {
    assertThat(new StagingResult("k", "Ruby", "a && b").toStagingInfo())
        .isEqualTo("{\"detected_buildpack\":\"Ruby\",\"start_command\":\"a \\u0026\\u0026 b\"}\n");
  }
}
