package dev.ccbridge.receptor.store;

import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;

/** The contract, in a file. */
class FileRecordsTest extends RecordsContract {
  @TempDir private Path directory;

  @Override
  protected Records open() {
    return Records.inFile(directory.resolve("receptor.db"));
  }
}
