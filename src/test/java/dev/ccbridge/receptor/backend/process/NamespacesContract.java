package dev.ccbridge.receptor.backend.process;

import static dev.ccbridge.receptor.backend.Containers.sh;
import static dev.ccbridge.receptor.backend.Containers.task;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.ccbridge.receptor.backend.ContainerOutcome;
import dev.ccbridge.receptor.model.LogLine;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** What only containers in namespaces of their own can promise. */
abstract class NamespacesContract extends ProcessBackendContract {

  /** Whatever user they are: nothing of the cell's is there to be seen. */
  @Test
  void filesOfOtherContainersAreNotToBeSeen() throws Exception {
    var other = task(sh("echo secret > f; chmod 666 f; echo up; exec sleep 1000"));
    start(other);
    await().until(() -> !backend().taskLogs(other.guid(), 1).isEmpty());
    var file = files(other).resolve("home/vcap/f");
    assertThat(file).hasContent("secret");

    var spy = task(sh("cat " + file + "; ls " + file.getParent() + "; ls -A " + cell() + "; :"));
    perform(spy);

    assertThat(backend().taskLogs(spy.guid(), 20).stream().map(LogLine::text))
        .noneMatch(text -> text.equals("secret") || text.equals("f") || text.equals("containers"));
    backend().destroy(other.guid());
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
