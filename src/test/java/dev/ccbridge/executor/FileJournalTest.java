package dev.ccbridge.executor;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileJournalTest {
  @TempDir private Path directory;

  private FileJournal open() throws IOException {
    return FileJournal.open(directory.resolve("journal"));
  }

  @Test
  void nextLifeKnowsWhatWasStartedAndHowItEnded() throws Exception {
    try (var journal = open()) {
      journal.started("0.1", 10);
      journal.finished("0.1", Outcome.failed("Exited with status 1", "because", 20));
      journal.started("0.2", 30);
      assertThat(journal.deadline("0", 99)).isEqualTo(99);
    }

    try (var journal = open()) {
      assertThat(journal.find("0.1"))
          .contains(new Journal.Entry(10, Outcome.failed("Exited with status 1", "because", 20)));
      assertThat(journal.find("0.2")).contains(new Journal.Entry(30, null));
      assertThat(journal.find("0.3")).isEmpty();
      assertThat(journal.deadline("0", 1234)).isEqualTo(99);
    }
  }

  @Test
  void startIsRememberedOnce() throws Exception {
    try (var journal = open()) {
      journal.started("0", 10);
      journal.started("0", 20);
      assertThat(journal.find("0")).contains(new Journal.Entry(10, null));
    }
  }

  @Test
  void lineThatWasCutOffIsDropped() throws Exception {
    try (var journal = open()) {
      journal.started("0", 10);
    }
    Files.writeString(
        directory.resolve("journal"), "{\"path\":\"1\",\"ev", StandardOpenOption.APPEND);

    try (var journal = open()) {
      assertThat(journal.find("1")).isEmpty();
      journal.started("2", 20);
    }

    try (var journal = open()) {
      assertThat(journal.find("0")).isPresent();
      assertThat(journal.find("2")).isPresent();
    }
  }
}
