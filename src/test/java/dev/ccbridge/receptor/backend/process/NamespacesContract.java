package dev.ccbridge.receptor.backend.process;

import static dev.ccbridge.receptor.backend.Containers.sh;
import static dev.ccbridge.receptor.backend.Containers.task;
import static org.assertj.core.api.Assertions.assertThat;

import dev.ccbridge.receptor.backend.ContainerOutcome;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** What only containers in namespaces of their own can promise. */
abstract class NamespacesContract extends ProcessBackendContract {

  @Test
  void tmpOfTheMachineIsNotToBeSeen() throws Exception {
    var planted = Files.createTempFile(Path.of("/tmp"), "planted", "");
    try {
      var task = task(sh("ls -A /tmp > seen; cp seen /tmp/r; test ! -e " + planted), "/tmp/r");

      assertThat(perform(task)).isEqualTo(ContainerOutcome.succeeded(""));
    } finally {
      Files.delete(planted);
    }
  }
}
