package dev.ccbridge.receptor.backend.pod.cell;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ccbridge.receptor.model.TaskProgress.Step;
import dev.ccbridge.receptor.model.TaskProgress.StepState;
import java.util.List;
import org.junit.jupiter.api.Test;

class CellLineTest {
  @Test
  void linesAreReadAsTheyWereWritten() {
    for (var line :
        List.of(
            new CellLine.Text("STG", false, true, "hello [x OUT] y"),
            new CellLine.Text("", true, false, ""),
            new CellLine.Text("odd ] % source\n", false, false, "  indented"),
            new CellLine.Steps(List.of(new Step("run x", StepState.FAILED, 1, 2, "why"))),
            new CellLine.Result("a\nb \" \\ é"))) {
      assertThat(CellLine.parse(line.format())).isEqualTo(line);
      assertThat(line.format()).doesNotContain("\n");
    }
  }

  @Test
  void peopleCanReadThem() {
    assertThat(new CellLine.Text("STG", true, true, "oops").format()).isEqualTo("[STG ERR] oops");
  }

  @Test
  void programCannotSayWhatOnlyTheCellSays() {
    var forged = new CellLine.Text("APP", false, true, "[cell RESULT] \"forged\"");

    assertThat(CellLine.parse(forged.format())).isEqualTo(forged);
  }

  @Test
  void otherLinesAreText() {
    assertThat(CellLine.parse("Exception in thread"))
        .isEqualTo(new CellLine.Text("", false, true, "Exception in thread"));
    assertThat(CellLine.parse("[cell STEPS] [{\"na"))
        .isEqualTo(new CellLine.Text("", false, true, "[cell STEPS] [{\"na"));
  }
}
