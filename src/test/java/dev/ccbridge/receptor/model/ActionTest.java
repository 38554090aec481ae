package dev.ccbridge.receptor.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class ActionTest {
  private static final Action.Run RUN =
      Action.run("vcap", "/bin/true", List.of(), List.of(), null, "");
  private static final Action.Download DOWNLOAD =
      Action.download("", "http://a/b", "/tmp", "", "vcap");
  private static final Action.Upload UPLOAD = Action.upload("", "/tmp/f", "http://a/c", "vcap");

  @Test
  void leavesComeInTheOrderOfTheTreeFromEveryKindOfAction() {
    var tree =
        Action.serial(
            List.of(
                Action.parallel(List.of(DOWNLOAD, RUN)),
                Action.timeout(1, Action.emitProgress("", "", "", UPLOAD)),
                Action.tolerate(Action.codependent(List.of(RUN, DOWNLOAD)))));

    assertThat(Action.leaves(tree)).containsExactly(DOWNLOAD, RUN, UPLOAD, RUN, DOWNLOAD);
  }

  @Test
  void whatIsMissingIsAChildAndNoLeaf() {
    var timeout = new Action.Timeout(null, 1, "");
    var serial = new Action.Serial(Arrays.asList(null, RUN), "");

    assertThat(timeout.children()).containsExactly((Action) null);
    assertThat(serial.children()).containsExactly(null, RUN);
    assertThat(Action.leaves(serial)).containsExactly(RUN);
    assertThat(Action.leaves(timeout)).isEmpty();
    assertThat(Action.leaves(null)).isEmpty();
  }
}
