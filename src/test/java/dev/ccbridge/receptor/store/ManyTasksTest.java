package dev.ccbridge.receptor.store;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ccbridge.receptor.Requests;
import dev.ccbridge.receptor.backend.FakeBackend;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

class ManyTasksTest {
  private static final int TASKS = 100_000;

  /** A read that looked at all tasks would need hours for these. */
  @Test
  @Timeout(120)
  void findsOneOfAHundredThousandTasksWithoutLookingAtTheOthers(@TempDir Path directory) {
    var path = directory.resolve("receptor.db");
    try (var file = StoreFile.open(path)) {
      Records.await(
          file.write(
              IntStream.range(0, TASKS)
                  .mapToObj(i -> StoredTask.created(Requests.task("t" + i), 1))
                  .map(task -> Change.put(Table.TASKS, task.guid(), task))
                  .toList()));
    }
    var backend = new FakeBackend();
    backend.breakPlacement();
    var time = new DrivenTime();
    try (var file = StoreFile.open(path)) {
      var tasks = new TaskStore(file, backend, time);
      tasks.load();
      assertThat(tasks.list("")).hasSize(TASKS);
      for (var i = 0; i < 1_000_000; i++) {
        assertThat(tasks.find("t" + i % TASKS)).isPresent();
      }
      assertThat(tasks.list("elsewhere")).isEqualTo(List.of());
    }
  }
}
