package dev.ccbridge.receptor.backend.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import org.junit.jupiter.api.Test;

class ProcessIdentityTest {
  @Test
  void nameOfAProcessMayHoldAnything() {
    var stat = "12 (a) b (c) S 1 12 12 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 4711 0 0";

    assertThat(ProcessIdentity.parse(stat)).contains(new ProcessIdentity(12, 4711));
  }

  @Test
  void numberAloneIsEnoughWhereThereIsNoMore() {
    assertThat(ProcessIdentity.parse("12\n")).contains(new ProcessIdentity(12, -1));
    assertThat(ProcessIdentity.parse("")).isEmpty();
    assertThat(ProcessIdentity.parse("x y")).isEmpty();
  }

  @Test
  void processThatHasTheNumberOfAnotherIsNotThatOne() throws Exception {
    var self = ProcFs.of(ProcessHandle.current().pid()).resolve("stat");
    var identity = ProcessIdentity.parse(Files.readString(self)).orElseThrow();

    assertThat(identity.isAlive()).isTrue();
    assertThat(new ProcessIdentity(identity.pid(), identity.startedAt() + 1).isAlive()).isFalse();
  }
}
