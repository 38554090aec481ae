package dev.ccbridge.lifecycle;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.ccbridge.registry.ImageConfig;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DockerStagingResultTest {
  private static String result(String config) {
    var image = ImageConfig.read(("{\"config\":" + config + "}").getBytes(UTF_8));
    return DockerStagingResult.of(image, "me/img:latest").toJson();
  }

  @Test
  void theResultIsDiegosByteForByte() {
    var config =
        """
        {"Cmd":["serve"],"Entrypoint":["/bin/x","-v"],"WorkingDir":"/w",
         "ExposedPorts":{"8080/tcp":{}},"User":"web"}
        """;

    assertThat(result(config))
        .isEqualTo(
            "{\"execution_metadata\":\"{\\\"cmd\\\":[\\\"serve\\\"],\\\"entrypoint\\\":"
                + "[\\\"/bin/x\\\",\\\"-v\\\"],\\\"workdir\\\":\\\"/w\\\",\\\"ports\\\":"
                + "[{\\\"Port\\\":8080,\\\"Protocol\\\":\\\"tcp\\\"}],\\\"user\\\":\\\"web\\\"}\","
                + "\"detected_start_command\":{\"web\":\"/bin/x -v serve\"},"
                + "\"docker_image\":\"me/img:latest\"}\n");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "null",
        "{}",
        "{\"Cmd\":null,\"Entrypoint\":[],\"WorkingDir\":\"\",\"ExposedPorts\":null,\"User\":\"\"}"
      })
  void whatTheImageDoesNotSayIsLeftOut(String config) {
    assertThat(result(config))
        .isEqualTo(
            "{\"execution_metadata\":\"{}\",\"detected_start_command\":{\"web\":\"\"},"
                + "\"docker_image\":\"me/img:latest\"}\n");
  }

  @Test
  void portsAreSortedByNumberAndTcpComesFirst() {
    assertThat(
            result(
                "{\"ExposedPorts\":{\"8081/udp\":{},\"8081/tcp\":{},\"8079/tcp\":{},\"8078/udp\":{},\"80\":{}}}"))
        .contains(
            "[{\\\"Port\\\":80,\\\"Protocol\\\":\\\"tcp\\\"},"
                + "{\\\"Port\\\":8078,\\\"Protocol\\\":\\\"udp\\\"},"
                + "{\\\"Port\\\":8079,\\\"Protocol\\\":\\\"tcp\\\"},"
                + "{\\\"Port\\\":8081,\\\"Protocol\\\":\\\"tcp\\\"},"
                + "{\\\"Port\\\":8081,\\\"Protocol\\\":\\\"udp\\\"}]");
  }

  @ParameterizedTest
  @ValueSource(strings = {"65536/tcp", "http/tcp", "/tcp", "-1", "8000-8010/tcp"})
  void whatIsNoPortFails(String port) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> result("{\"ExposedPorts\":{\"" + port + "\":{}}}"))
        .withMessageContaining(port);
  }

  @Test
  void theStartCommandJoinsEntrypointAndCommand() {
    assertThat(result("{\"Entrypoint\":[\"/x\"]}")).contains("{\"web\":\"/x \"}");
    assertThat(result("{\"Cmd\":[\"a\",\"b && c\"]}"))
        .contains("{\"web\":\"a b \\u0026\\u0026 c\"}");
  }
}
