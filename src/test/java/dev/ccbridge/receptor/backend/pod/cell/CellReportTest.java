package dev.ccbridge.receptor.backend.pod.cell;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class CellReportTest {
  private static CellReport reread(CellReport report) {
    var message = report.toMessage();
    assertThat(message.getBytes(StandardCharsets.UTF_8)).hasSizeLessThanOrEqualTo(4096);
    return CellReport.parse(message).get();
  }

  @Test
  void reportIsReadAsItWasWritten() {
    var good = CellReport.succeeded("{\"a\":1}", false);
    var bad = CellReport.failed("Exited with status 4", true);

    assertThat(reread(good)).isEqualTo(good);
    assertThat(reread(bad)).isEqualTo(bad);
  }

  @Test
  void resultThatDoesNotFitIsLeftOut() {
    var large = CellReport.succeeded("x".repeat(10_240), false);

    assertThat(large.fits()).isFalse();
    assertThat(reread(large).failed()).isFalse();
    assertThat(reread(large).result()).isNull();
  }

  @Test
  void reasonThatDoesNotFitIsCutOff() {
    var large = CellReport.failed("\"é".repeat(5_000), true);

    assertThat(reread(large).failed()).isTrue();
    assertThat(reread(large).reason()).startsWith("\"é\"é").endsWith(" (cut off)");
  }

  @Test
  void messagesOfOthersAreNoReports() {
    assertThat(CellReport.parse(null)).isEqualTo(Optional.empty());
    assertThat(CellReport.parse("")).isEqualTo(Optional.empty());
    assertThat(CellReport.parse("OOM")).isEqualTo(Optional.empty());
    assertThat(CellReport.parse("{\"failed\":tr")).isEqualTo(Optional.empty());
    assertThat(CellReport.parse("{\"other\":1}")).isEqualTo(Optional.empty());
  }
}
