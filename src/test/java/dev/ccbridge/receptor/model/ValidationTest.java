package dev.ccbridge.receptor.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class ValidationTest {
  private static final String TASK =
      """
      {"task_guid":"compile-41","domain":"demo","rootfs":"preloaded:trusty",
       "action":{"run":{"path":"/bin/make","user":"vcap"}}}\
      """;
  private static final String LRP =
      """
      {"process_guid":"web-1","domain":"demo","rootfs":"docker:///library/redis","instances":1,
       "action":{"run":{"path":"/entrypoint.sh","user":"root"}}}\
      """;

  @Test
  void acceptsWhatIsComplete() {
    assertThatCode(() -> Validation.check(task(TASK))).doesNotThrowAnyException();
    assertThatCode(() -> Validation.check(lrp(LRP))).doesNotThrowAnyException();
  }

  @Test
  void namesEveryProblemOfAnEmptyRequestInTheOriginalsOrder() {
    refusesTask(
        "{}",
        "Invalid field: task_guid, Invalid field: domain, Invalid field: rootfs, invalid action"
            + " type");
    refusesLRP(
        "{}",
        "Invalid field: domain, Invalid field: process_guid, Invalid field: rootfs,"
            + " Invalid field: rootfs, invalid action type");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "task_guid   | \"a b\"            | Invalid field: task_guid",
        "task_guid   | \"\\u00e9\"        | Invalid field: task_guid",
        "domain      | \"\"               | Invalid field: domain",
        "rootfs      | \"trusty\"         | Invalid field: rootfs",
        "rootfs      | \":trusty\"        | Invalid field: rootfs",
        "rootfs      | \"docker:///a%zz\" | Invalid field: rootfs",
        "rootfs      | \"docker:///a\\n\" | Invalid field: rootfs",
        "action      | null               | invalid action type",
        "action      | {}                 | invalid action type",
        "action      | {\"fly\":{}}       | invalid action type",
        "cpu_weight  | 101                | Invalid field: cpu_weight",
      })
  void namesTheBadFieldOfATask(String field, String value, String message) {
    refusesTask(changed(TASK, field, value), message);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "process_guid | \"a/b\"      | Invalid field: process_guid",
        "domain       | \"\"         | Invalid field: domain",
        "rootfs       | \"\"         | Invalid field: rootfs, Invalid field: rootfs",
        "rootfs       | \"trusty\"   | Invalid field: rootfs",
        "setup        | {\"run\":{}} | Invalid field: path, Invalid field: user",
        "action       | {}           | invalid action type",
        "monitor      | {\"try\":{}} | Invalid field: action",
        "instances    | -1           | Invalid field: instances",
        "cpu_weight   | 101          | Invalid field: cpu_weight",
        "routes       | {\"a\":null} | Invalid field: routes",
        "image_username | \"me\"    | Invalid field: image_password",
        "image_password | \"p\"     | Invalid field: image_username",
      })
  void namesTheBadFieldOfAnLRP(String field, String value, String message) {
    refusesLRP(changed(LRP, field, value), message);
  }

  @Test
  void takesAnEmptyMonitorAndSetupForNone() {
    var lrp = lrp(changed(changed(LRP, "monitor", "{}"), "setup", "{}"));
    assertThat(lrp.monitor()).isNull();
    assertThatCode(() -> Validation.check(lrp)).doesNotThrowAnyException();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"run\":{}}             | Invalid field: path, Invalid field: user",
        "{\"download\":{}}        | Invalid field: from, Invalid field: to, Invalid field: user",
        "{\"upload\":{}}          | Invalid field: to, Invalid field: from, Invalid field: user",
        "{\"timeout\":{}}         | Invalid field: action, Invalid field: timeout",
        "{\"timeout\":{\"timeout\":-1,\"action\":{\"run\":{\"user\":\"u\"}}}}"
            + " | Invalid field: path, Invalid field: timeout",
        "{\"emit_progress\":{}}   | Invalid field: action",
        "{\"try\":{\"action\":{}}} | Invalid field: action",
        "{\"parallel\":{}}        | Invalid field: actions",
        "{\"serial\":{\"actions\":[]}} | Invalid field: actions",
        "{\"codependent\":{\"actions\":[null,{\"try\":{}},{}]}}"
            + " | Invalid field: action at index 0, Invalid field: action,"
            + " Invalid field: action at index 2",
      })
  void namesTheProblemsOfAnActionTree(String action, String message) {
    refusesTask(changed(TASK, "action", action), message);
    refusesLRP(changed(LRP, "action", action), message);
  }

  @Test
  void boundsTheDepthOfAnActionTree() {
    var message = "Invalid field: action (nested more than 100 levels deep)";
    assertThatCode(() -> Validation.check(task(changed(TASK, "action", nested(100)))))
        .doesNotThrowAnyException();
    refusesTask(changed(TASK, "action", nested(101)), message);
    refusesTask(changed(TASK, "action", nested(480)), message);
    refusesLRP(changed(LRP, "monitor", nested(101)), message);
  }

  @Test
  void boundsTheDepthOfATreeThatNeverWasJson() {
    Action action = task(TASK).action();
    for (var i = 0; i < 20_000; i++) {
      action = new Action.Try(action, "");
    }
    var deep =
        new DesiredLRPCreateRequest(
            "web-1",
            "demo",
            "a:b",
            1,
            java.util.List.of(),
            null,
            action,
            null,
            0,
            0,
            0,
            0,
            false,
            null,
            java.util.Map.of(),
            "",
            "",
            "",
            "",
            java.util.List.of(),
            "",
            "");
    assertThatExceptionOfType(ReceptorException.class)
        .isThrownBy(() -> Validation.check(deep))
        .withMessageContaining("nested more than 100 levels");
  }

  @Test
  void countsTheAnnotationInBytes() {
    assertThatCode(
            () -> Validation.check(task(changed(TASK, "annotation", quoted("é".repeat(5120))))))
        .doesNotThrowAnyException();
    refusesTask(
        changed(TASK, "annotation", quoted("é".repeat(5120) + "x")), "Invalid field: annotation");
    refusesLRP(changed(LRP, "annotation", quoted("x".repeat(10241))), "Invalid field: annotation");
  }

  @Test
  void countsTheValuesOfAllRoutesTogether() {
    var half = quoted("x".repeat(2046));
    assertThatCode(
            () ->
                Validation.check(
                    lrp(changed(LRP, "routes", "{\"a\":" + half + ",\"bbbb\":" + half + "}"))))
        .doesNotThrowAnyException();
    refusesLRP(
        changed(LRP, "routes", "{\"a\":" + half + ",\"b\":" + half + ",\"c\":1}"),
        "Invalid field: routes");
  }

  @ParameterizedTest
  @ValueSource(strings = {"http://10.1.2.3/done?token=x", "/local", "urn:thing"})
  void takesACallbackThatIsAUri(String url) {
    assertThatCode(
            () -> Validation.check(task(changed(TASK, "completion_callback_url", quoted(url)))))
        .doesNotThrowAnyException();
  }

  @ParameterizedTest
  @ValueSource(strings = {"done?token=s3cret", "http://a/%zz?s3cret"})
  void refusesACallbackThatIsNoUriBeforeAllElseAndWithoutRepeatingIt(String url) {
    assertThatExceptionOfType(ReceptorException.class)
        .isThrownBy(
            () -> Validation.check(task("{\"completion_callback_url\":" + quoted(url) + "}")))
        .satisfies(e -> assertThat(e.name()).isEqualTo(ReceptorErrorName.InvalidTask))
        .withMessageContaining("completion_callback_url")
        .withMessageNotContainingAny("s3cret", "task_guid");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"instances\":-1}        | Invalid field: instances",
        "{\"routes\":{\"a\":null}} | Invalid field: routes",
      })
  void checksAnUpdate(String update, String message) {
    assertThatExceptionOfType(ReceptorException.class)
        .isThrownBy(() -> Validation.check(read(update, DesiredLRPUpdateRequest.class)))
        .withMessage(message)
        .satisfies(e -> assertThat(e.name()).isEqualTo(ReceptorErrorName.UnknownError));
    assertThatCode(() -> Validation.check(new DesiredLRPUpdateRequest(0, null, null)))
        .doesNotThrowAnyException();
  }

  static Stream<Arguments> badRules() {
    var ok = "\"destinations\":[\"0.0.0.0/0\"]";
    return Stream.of(
        Arguments.of("\"protocol\":\"tcp\"," + ok, "Missing required field: ports or port_range"),
        Arguments.of(
            "\"protocol\":\"udp\",\"ports\":[]," + ok,
            "Missing required field: ports or port_range"),
        Arguments.of(
            "\"protocol\":\"tcp\",\"ports\":[1],\"port_range\":{\"start\":1,\"end\":2}," + ok,
            "Invalid: ports and port_range provided"),
        Arguments.of(
            "\"protocol\":\"tcp\",\"ports\":[0,80,0]," + ok,
            "Invalid field: ports, Invalid field: ports"),
        Arguments.of(
            "\"protocol\":\"tcp\",\"port_range\":{}," + ok,
            "Invalid field: port_range, Invalid field: port_range"),
        Arguments.of(
            "\"protocol\":\"tcp\",\"port_range\":{\"start\":9,\"end\":2}," + ok,
            "Invalid field: port_range"),
        Arguments.of(
            "\"protocol\":\"tcp\",\"ports\":[1],\"icmp_info\":{}," + ok,
            "Invalid field: icmp_info"),
        Arguments.of("\"protocol\":\"udp\",\"ports\":[1],\"log\":true," + ok, "Invalid field: log"),
        Arguments.of(
            "\"protocol\":\"icmp\",\"port_range\":{},\"ports\":[1],\"log\":true," + ok,
            "Invalid field: port_range, Invalid field: ports, Invalid field: icmp_info,"
                + " Invalid field: log"),
        Arguments.of(
            "\"protocol\":\"all\",\"ports\":[1],\"icmp_info\":{\"type\":0,\"code\":0}," + ok,
            "Invalid field: ports, Invalid field: icmp_info"),
        Arguments.of("\"protocol\":\"TCP\",\"ports\":[1]," + ok, "Invalid field: protocol"),
        Arguments.of(
            "\"protocol\":\"all\"",
            "Invalid field: destinations [ Must have at least 1 destination ]"),
        Arguments.of(
            "\"protocol\":\"all\",\"destinations\":[\"1.2.3\",\"1.2.3.4\",\"host\"]",
            "Invalid field: destinations [ Invalid IP ],"
                + " Invalid field: destinations [ Invalid IP ]"),
        Arguments.of(
            "\"protocol\":\"all\",\"destinations\":[\"1.2.3.4-1.2.3.3\"]",
            "Invalid field: destinations [ Invalid IP ]"),
        Arguments.of(
            "\"protocol\":\"all\",\"destinations\":[\"1.2.3.4/99\"]",
            "Invalid field: destinations [ invalid CIDR address: 1.2.3.4/99 ]"));
  }

  @ParameterizedTest
  @MethodSource("badRules")
  void namesTheProblemsOfAnEgressRule(String rule, String problems) {
    var rules = "[{" + rule + "}]";
    refusesLRP(changed(LRP, "egress_rules", rules), "Invalid field: egress_rules, " + problems);
    refusesTask(changed(TASK, "egress_rules", rules), "Invalid field: egress_rules");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"protocol\":\"tcp\",\"ports\":[70000],\"destinations\":[\"::1\"],\"log\":true}",
        "{\"protocol\":\"udp\",\"port_range\":{\"start\":1,\"end\":1},"
            + "\"destinations\":[\"fe80::/64\"]}",
        "{\"protocol\":\"icmp\",\"icmp_info\":{\"type\":-1,\"code\":-1},"
            + "\"destinations\":[\"10.0.0.1-10.0.0.9\",\"::1-::ffff:1.2.3.4\"]}",
        "{\"protocol\":\"all\",\"destinations\":[\"0.0.0.0/0\"],\"log\":true}",
      })
  void acceptsEgressRulesOfEveryProtocol(String rule) {
    var changed = changed(LRP, "egress_rules", "[" + rule + "]");
    var lrp = lrp(changed);
    assertThatCode(() -> Validation.check(lrp)).doesNotThrowAnyException();
  }

  private static String nested(int levels) {
    return "{\"try\":{\"action\":".repeat(levels - 1)
        + "{\"run\":{\"path\":\"p\",\"user\":\"u\"}}"
        + "}}".repeat(levels - 1);
  }

  private static String quoted(String text) {
    return "\"" + text + "\"";
  }

  private static void refusesTask(String json, String message) {
    assertThatExceptionOfType(ReceptorException.class)
        .isThrownBy(() -> Validation.check(task(json)))
        .withMessage(message)
        .satisfies(e -> assertThat(e.name()).isEqualTo(ReceptorErrorName.InvalidTask));
  }

  private static void refusesLRP(String json, String message) {
    assertThatExceptionOfType(ReceptorException.class)
        .isThrownBy(() -> Validation.check(lrp(json)))
        .withMessage(message)
        .satisfies(e -> assertThat(e.name()).isEqualTo(ReceptorErrorName.InvalidLRP));
  }

  private static String changed(String json, String field, String value) {
    try {
      var object = (ObjectNode) ReceptorJson.mapper().readTree(json);
      object.set(field, ReceptorJson.mapper().readTree(value));
      return object.toString();
    } catch (Exception broken) {
      throw new AssertionError("the test's own JSON: " + value, broken);
    }
  }

  private static TaskCreateRequest task(String json) {
    return read(json, TaskCreateRequest.class);
  }

  private static DesiredLRPCreateRequest lrp(String json) {
    return read(json, DesiredLRPCreateRequest.class);
  }

  private static <T> T read(String json, Class<T> type) {
    try {
      return ReceptorJson.mapper().readValue(json, type);
    } catch (Exception broken) {
      throw new AssertionError("not readable: " + json, broken);
    }
  }
}
