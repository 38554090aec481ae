package dev.ccbridge.operator;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.slf4j.event.Level;

class LagerLineTest {
  private static final Instant TIME = Instant.ofEpochSecond(1440201487L, 123456717L);

  private static String line(String pattern, Object... arguments) {
    return line(Level.INFO, Map.of(), pattern, arguments);
  }

  private static String line(
      Level level, Map<String, String> context, String pattern, Object... arguments) {
    return LagerLine.of(
        TIME, "stager", "StagingHandler", 7, level, pattern, arguments, null, context);
  }

  @Test
  void keysAndTheirOrderAreLagers() {
    assertThat(line("staging requested taskGuid={} created={}", "sg-1", true))
        .isEqualTo(
            "{\"timestamp\":\"1440201487.123456717\",\"source\":\"stager\","
                + "\"message\":\"stager.staging-handler.staging-requested\",\"log_level\":1,"
                + "\"data\":{\"created\":true,\"session\":\"7\",\"task_guid\":\"sg-1\"}}");
  }

  /** A double has no more digits; Go prints what it then is. */
  @ParameterizedTest
  @CsvSource({
    "0, 1440201487.000000000",
    "1, 1440201487.000000000",
    "999999999, 1440201488.000000000"
  })
  void timeHasThePrecisionOfADouble(long nanos, String expected) {
    var time = Instant.ofEpochSecond(1440201487L, nanos);
    assertThat(LagerLine.of(time, "s", "C", 1, Level.INFO, "m", new Object[0], null, Map.of()))
        .startsWith("{\"timestamp\":\"" + expected + "\",");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "stager.Listening for staging requests!|stager.Listening for staging requests!",
        "nsync.started url={}|stager.nsync.started",
        "bulk sync given up, the resources are not known|stager.staging-handler.bulk-sync-given-up-the-resources-are-not-known",
        "{}.leading|stager.here.leading",
      })
  void wordsBecomeAnAction(String pattern, String message) {
    assertThat(line(pattern, "here")).contains("\"message\":\"" + message + "\"");
  }

  @Test
  void wordsBehindAKeyAreANoteAndWhatVariesElsewhereIsInTheText() {
    assertThat(line("{}.started url={} plain HTTP", "nsync", "http://h"))
        .contains("\"message\":\"stager.nsync.started\"")
        .contains("\"note\":\"plain HTTP\"")
        .contains("\"url\":\"http://h\"");
    assertThat(line("{} of a pod failed pod={}, attempt={}", "creation", "p", 2))
        .contains("\"attempt\":2,")
        .contains("\"pod\":\"p\"");
    assertThat(line("a placement has not ended within {} s", 10))
        .contains("\"message\":\"stager.staging-handler.a-placement-has-not-ended-within-s\"")
        .contains("\"text\":\"a placement has not ended within 10 s\"");
    assertThat(line("not all fetched cause=a full page has no token"))
        .contains("\"cause\":\"a full page has no token\"");
  }

  @ParameterizedTest
  @CsvSource({"TRACE,0", "DEBUG,0", "INFO,1", "WARN,2", "ERROR,2"})
  void levelsAreLagers(Level level, int number) {
    assertThat(line(level, Map.of(), "m")).contains("\"log_level\":" + number + ",");
  }

  @Test
  void anErrorSaysWhatItIs() {
    assertThat(line(Level.ERROR, Map.of(), "it failed")).contains("\"error\":\"it failed\"");
    assertThat(line(Level.WARN, Map.of(), "it failed cause={}", "why"))
        .contains("\"error\":\"why\"");
    assertThat(
            LagerLine.of(
                TIME,
                "s",
                "C",
                1,
                Level.ERROR,
                "m",
                new Object[0],
                new IllegalStateException("broken"),
                Map.of()))
        .contains("\"error\":\"java.lang.IllegalStateException: broken\"")
        .contains("\"trace\":\"java.lang.IllegalStateException: broken\\n\\tat ");
  }

  @Test
  void theContextYieldsToTheMessage() {
    var context = Map.of("namespace", "ours", "task_guid", "of-the-thread");
    assertThat(line(Level.INFO, context, "m taskGuid={}", "of-the-message"))
        .contains("\"namespace\":\"ours\"")
        .contains("\"task_guid\":\"of-the-message\"");
  }

  @Test
  void credentialsOfURLsAreLeftOut() {
    assertThat(line("m url={}", "http://user:canary@h/p?a=1&token=canary&b=<2>"))
        .contains("\"url\":\"http://h/p?a=1\\u0026token=\\u0026b=\\u003c2\\u003e\"");
    assertThat(LogLines.withoutCredentials("to https://canary@h/?token=canary failed, a@b"))
        .isEqualTo("to https://h/?token= failed, a@b");
  }

  /** As Go's encoding/json writes text. */
  @Test
  void textIsEscapedAsGoDoes() throws Exception {
    var text = "a\"\\\n\r\t\b<b>&\u2028é\uD83D\uDE00\uD83D";
    var line = line("m v={}", text);
    assertThat(line)
        .contains("\"a\\\"\\\\\\n\\r\\t\\u0008\\u003cb\\u003e\\u0026\\u2028é\uD83D\uDE00\\ufffd\"");
    assertThat(new ObjectMapper().readTree(line).at("/data/v").asText())
        .isEqualTo(text.substring(0, text.length() - 1) + "\uFFFD");
  }
}
