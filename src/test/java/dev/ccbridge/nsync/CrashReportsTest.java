package dev.ccbridge.nsync;

import static dev.ccbridge.nsync.Lrps.V1;
import static org.assertj.core.api.Assertions.assertThat;

import dev.ccbridge.api.DesiredLRPSpec;
import dev.ccbridge.api.DesiredLRPStatus;
import dev.ccbridge.api.DesiredLRPStatus.LastCrash;
import dev.ccbridge.receptor.FakeReceptor;
import dev.ccbridge.receptor.model.Action;
import dev.ccbridge.receptor.model.ActualLRPState;
import dev.ccbridge.receptor.model.DesiredLRPCreateRequest;
import dev.ccbridge.receptor.model.EnvironmentVariable;
import dev.ccbridge.receptor.model.LogLine;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class CrashReportsTest {
  private static final DesiredLRPSpec PLAIN =
      Lrps.resource("{source: {droplet: {uri: /d}}}").getSpec();
  private static final DesiredLRPSpec WITH_SECRET =
      Lrps.resource(
              "{source: {droplet: {uri: /d}}, environment: [{name: P, valueFrom: {secretKeyRef:"
                  + " {name: s, key: k}}}]}")
          .getSpec();

  private final FakeReceptor receptor = new FakeReceptor();
  private final CrashReports reports = new CrashReports(receptor);

  @Test
  void tellsTheReasonAndTheLastLines() {
    logs("starting", "no such file: app.js");
    var crash = reports.latest(crashed("Exited with status 1"), PLAIN, null);
    assertThat(crash.reason())
        .isEqualTo("Exited with status 1; last output:\nstarting\nno such file: app.js");
    assertThat(crash.crashCount()).isEqualTo(1);
  }

  @Test
  void aProcessThatEndedWithoutErrorIsSaidToHaveEnded() {
    assertThat(reports.latest(crashed(""), PLAIN, null).reason())
        .isEqualTo("the process ended by itself");
  }

  @Test
  void stayWithinAKilobyte() {
    logs(IntStream.range(0, 50).mapToObj(i -> "ä".repeat(300) + i).toArray(String[]::new));
    var reason = reports.latest(crashed("€".repeat(2000)), PLAIN, null).reason();
    assertThat(reason.getBytes(StandardCharsets.UTF_8)).hasSizeLessThanOrEqualTo(1024);
    assertThat(reason).endsWith("ä49");
  }

  @Test
  void valuesFromSecretsAreMaskedLineByLine() {
    create("pass\npassword\nword-two");
    logs("got pass and word-two", "password is fine");
    assertThat(reports.latest(crashed("died of word-two"), WITH_SECRET, null).reason())
        .isEqualTo("died of ***; last output:\ngot *** and ***\n*** is fine");
  }

  @Test
  void theDropletsUriIsMaskedWhereASecretHasIt() {
    var spec =
        Lrps.resource("{source: {droplet: {uriFrom: {secretKeyRef: {name: s, key: k}}}}}")
            .getSpec();
    create("plain", "http://me:pass-word@cc.test/d?signature=abcdef");
    logs("Cannot download http://cc.test/d?signature=abcdef", "as me:pass-word", "or pass-word");
    assertThat(
            reports.latest(
                crashed("http://me:pass-word@cc.test/d?signature=abcdef failed"), spec, null))
        .extracting(LastCrash::reason)
        .asString()
        .doesNotContain("pass-word", "abcdef")
        .startsWith("*** failed")
        .contains("as ***");
  }

  @Test
  void withoutKnowingTheDropletsUriNoOutputIsShown() {
    var spec =
        Lrps.resource("{source: {droplet: {uriFrom: {secretKeyRef: {name: s, key: k}}}}}")
            .getSpec();
    logs("http://me:secret@cc.test");
    assertThat(reports.latest(crashed("secret"), spec, null).reason())
        .isEqualTo("its output cannot be read");
  }

  @Test
  void aDigitThatASecretHasHidesNoExitStatus() {
    create("1");
    logs("1 of 1");
    assertThat(reports.latest(crashed("Exited with status 1"), WITH_SECRET, null).reason())
        .isEqualTo("Exited with status 1; last output:\n1 of 1");
  }

  @Test
  void withoutKnowingTheSecretsNoOutputIsShown() {
    create("secret");
    logs("secret");
    receptor.failNext("findDesiredLRP", FakeReceptor.When.BEFORE);
    assertThat(reports.latest(crashed("died of secret"), WITH_SECRET, null).reason())
        .isEqualTo("its output cannot be read");
  }

  @Test
  void aCrashThatTheStatusTellsOfIsNotAskedAboutAgain() {
    var known = reports.latest(crashed("boom"), PLAIN, null);
    receptor.resetCalls();
    assertThat(reports.latest(crashed("boom"), PLAIN, status(known))).isEqualTo(known);
    var claimed =
        new LRPVersion(
            V1,
            null,
            List.of(Lrps.actual(V1, 0, ActualLRPState.CLAIMED, "e", 99, false, 1, "boom", "")));
    assertThat(reports.latest(claimed, PLAIN, status(known))).isEqualTo(known);
    assertThat(receptor.calls()).isEmpty();
  }

  @Test
  void whatALifeBeforePrintedIsNotTold() {
    var before = new LastCrash(0, "boom", "1970-01-01T00:00:00Z", 1);
    receptor.setLogs(
        V1,
        List.of(
            new LogLine(900_000, "APP", 0, false, "from before"),
            new LogLine(1_500_000, "APP", 0, false, "from now")));
    var again = new LRPVersion(V1, null, List.of(Lrps.crashed(V1, 0, 2, "boom")));
    assertThat(reports.latest(again, PLAIN, status(before)).reason())
        .isEqualTo("boom; last output:\nfrom now");
  }

  @Test
  void theLastCrashIsRememberedAfterTheInstanceRunsAgain() {
    var known = reports.latest(crashed("boom"), PLAIN, null);
    assertThat(reports.latest(Lrps.version(V1, 1, 1), PLAIN, status(known))).isEqualTo(known);
  }

  private static LRPVersion crashed(String reason) {
    return new LRPVersion(V1, null, List.of(Lrps.crashed(V1, 0, 1, reason)));
  }

  private static DesiredLRPStatus status(LastCrash crash) {
    return new DesiredLRPStatus(
        1L, null, null, null, null, null, null, null, null, crash, null, null, null);
  }

  private void logs(String... lines) {
    receptor.setLogs(
        V1, Stream.of(lines).map(line -> new LogLine(1, "APP", 0, false, line)).toList());
  }

  private void create(String secret) {
    create(secret, "http://cc.test/d");
  }

  private void create(String secret, String droplet) {
    receptor.createDesiredLRP(
        new DesiredLRPCreateRequest(
            V1,
            Lrps.DOMAIN,
            "preloaded:s",
            1,
            List.of(),
            Action.serial(
                List.of(
                    Action.download("", "http://fs.test/l", "/tmp/lifecycle", "", "vcap"),
                    Action.download("", droplet, ".", "", "vcap"))),
            Action.codependent(
                List.of(
                    Action.run(
                        "vcap",
                        "/x",
                        List.of(),
                        List.of(
                            new EnvironmentVariable("P", secret),
                            new EnvironmentVariable("Q", "fine")),
                        null,
                        ""))),
            null,
            0,
            0,
            0,
            1,
            true,
            List.of(),
            Map.of(),
            "",
            "",
            "",
            "",
            List.of(),
            "",
            ""));
  }
}
