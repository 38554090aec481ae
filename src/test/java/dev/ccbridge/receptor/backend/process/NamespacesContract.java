package dev.ccbridge.receptor.backend.process;

import static dev.ccbridge.receptor.backend.Containers.sh;
import static dev.ccbridge.receptor.backend.Containers.task;
import static org.assertj.core.api.Assertions.assertThat;

import dev.ccbridge.receptor.backend.ContainerOutcome;
import dev.ccbridge.receptor.backend.RecordingListener;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What only containers in namespaces of their own can promise. */
abstract class NamespacesContract extends ProcessBackendContract {

  /** Which cannot be shown as all others are. */
  @Test
  void containersMayLieInADirectoryWithAnOddName(@TempDir Path odd) throws Exception {
    var data = Files.createDirectory(odd.resolve("with space\\ \"and more"));
    try (var backend = backend(data)) {
      var listener = new RecordingListener();
      backend.start(listener, List.of());
      var task = task(sh("test ! -e /tmp/planted && ls -A /proc/1 >/tmp/r && : >/tmp/r"), "/tmp/r");
      backend.place(task);
      backend.run(task);
      assertThat(listener.awaitEnd(task.guid())).isEqualTo(ContainerOutcome.succeeded(""));
      backend.destroy(task.guid());
    }
  }

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
