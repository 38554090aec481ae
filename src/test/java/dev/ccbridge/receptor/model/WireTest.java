package dev.ccbridge.receptor.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WireTest {
  private final ObjectMapper json = ReceptorJson.mapper();

  @Test
  @DisplayName("K2 routes are kept as they are, and left out when there are none")
  void writesADesiredLRPAsTheOriginal() throws Exception {
    var sample =
        """
        {"process_guid":"web-1","domain":"demo","rootfs":"docker:///library/redis","instances":2,\
        "setup":null,"action":{"run":{"path":"/entrypoint.sh","args":["redis-server"],\
        "dir":"/data","user":"root"}},"monitor":null,"start_timeout":60,"disk_mb":128,\
        "memory_mb":64,"cpu_weight":10,"privileged":false,"ports":[6379],\
        "routes":{"cf-router":[{"port":6379,"hostnames":["r.example.com"],"w":1.50}]},\
        "log_guid":"web-1","log_source":"APP","metrics_guid":"web-1",\
        "modification_tag":{"epoch":"0b9d2f3e","index":4}}""";
    assertThat(json.writeValueAsString(json.readValue(sample, DesiredLRPResponse.class)))
        .isEqualTo(sample);
  }

  @Test
  void writesAnActualLRPWithoutPortsAsNull() throws Exception {
    var sample =
        """
        {"process_guid":"web-1","instance_guid":"","cell_id":"","domain":"demo","index":0,\
        "address":"","ports":null,"state":"UNCLAIMED","crash_count":0,\
        "since":1440460800000000000,"evacuating":false,"modification_tag":{"epoch":"5d","index":0}}""";
    assertThat(json.writeValueAsString(json.readValue(sample, ActualLRPResponse.class)))
        .isEqualTo(sample);
  }

  @Test
  void writesEveryActionAsTheOriginal() throws Exception {
    var sample =
        """
        {"serial":{"actions":[\
        {"download":{"artifact":"app bits","from":"f","to":"t","cache_key":"","user":"u"}},\
        {"timeout":{"action":{"emit_progress":{"action":{"run":{"path":"p","env":[{"name":"A",\
        "value":"\\u003cb\\u003e"}],"resource_limits":{"nofile":18446744073709551615},"user":"u",\
        "log_source":"S"}},"start_message":"s","success_message":"","failure_message_prefix":""}},\
        "timeout":90000000000}},\
        {"try":{"action":{"upload":{"from":"f","to":"t","user":"u"}}}},\
        {"parallel":{"actions":[{"codependent":{}}]}}]}}""";
    assertThat(
            json.writerFor(Action.class).writeValueAsString(json.readValue(sample, Action.class)))
        .isEqualTo(sample);
  }

  @Test
  @DisplayName("K2 null and absent are read alike")
  void readsMembersInAnyCaseAndNullAsZero() throws Exception {
    var task =
        json.readValue(
            """
            {"TASK_GUID":"g","Domain":null,"cpu_weight":null,"env":[null,{"NAME":"A"}],
             "unknown":[1],"action":{"RUN":{"path":"p","args":[null]}}} trailing""",
            TaskCreateRequest.class);
    assertThat(task.taskGuid()).isEqualTo("g");
    assertThat(task.domain()).isEmpty();
    assertThat(task.env())
        .containsExactly(new EnvironmentVariable("", ""), new EnvironmentVariable("A", ""));
    assertThat(((Action.Run) task.action()).args()).containsExactly("");
  }

  @Test
  void takesTheFirstOfSeveralVariantsInTheOriginalsOrder() throws Exception {
    assertThat(
            json.readValue(
                "{\"serial\":{},\"run\":{\"path\":\"p\"},\"upload\":null,\"new\":{\"a\":[]}}",
                Action.class))
        .isInstanceOf(Action.Run.class);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "hello",
        "[]",
        "{\"process_guid\":1}",
        "{\"privileged\":\"true\"}",
        "{\"instances\":1.0}",
        "{\"instances\":\"1\"}",
        "{\"instances\":4294967296}",
        "{\"cpu_weight\":-1}",
        "{\"start_timeout\":-1}",
        "{\"ports\":[65536]}",
        "{\"ports\":[-1]}",
        "{\"action\":[]}",
        "{\"action\":{\"run\":{\"resource_limits\":{\"nofile\":-1}}}}",
        "{\"action\":{\"run\":{\"resource_limits\":{\"nofile\":18446744073709551616}}}}",
        "{\"egress_rules\":[{\"ports\":[-1]}]}",
        "{\"egress_rules\":[{\"port_range\":{\"start\":-1}}]}",
      })
  void refusesWhatDoesNotFitItsType(String text) {
    assertThatExceptionOfType(JsonProcessingException.class)
        .isThrownBy(() -> json.readValue(text, DesiredLRPCreateRequest.class));
  }

  @Test
  void refusesJsonNestedByTheThousandInsteadOfExhaustingTheStack() {
    var deep = "{\"action\":" + "{\"try\":{\"action\":".repeat(50_000);
    assertThatExceptionOfType(JsonProcessingException.class)
        .isThrownBy(() -> json.readValue(deep, TaskCreateRequest.class));
  }

  @Test
  void takesAnUnknownStateForInvalid() throws Exception {
    assertThat(json.readValue("{\"state\":\"DOOMED\"}", TaskResponse.class).state())
        .isEqualTo(TaskState.INVALID);
    assertThat(json.readValue("{\"state\":\"DOOMED\"}", ActualLRPResponse.class).state())
        .isEqualTo(ActualLRPState.INVALID);
  }

  @Test
  @DisplayName("K2 equality and succession of tags")
  void tellsTagsApartBySuccession() {
    var tag = new ModificationTag("a", 1);
    assertThat(tag.succeededBy(new ModificationTag("a", 1))).isFalse();
    assertThat(tag.succeededBy(new ModificationTag("a", 0))).isFalse();
    assertThat(tag.succeededBy(new ModificationTag("a", 2))).isTrue();
    assertThat(tag.succeededBy(new ModificationTag("b", 0))).isTrue();
    assertThat(tag.succeededBy(new ModificationTag("", 0))).isTrue();
  }
}
