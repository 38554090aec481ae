package dev.ccbridge.receptor.store;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** Writes to a store file as fast as it can and tells of each step, until it is killed. */
final class StoreFileProcess {
  static final String HELD = "held";
  static final String READY = "ready";
  static final String ISSUED = "issued";
  static final String STORED = "stored";

  private static final int WRITERS = 4;
  private static final int KEYS = 50;
  private static final String PADDING = "x".repeat(20_000);

  private StoreFileProcess() {}

  /**
   * A line for each record that is held, then for each write one before and one after it.
   *
   * @param args the file, and the number of the first write, greater than those of earlier lives
   */
  public static void main(String[] args) throws IOException {
    var file = StoreFile.open(Path.of(args[0]));
    for (var held : file.load(Table.DOMAINS, JsonNode.class).entrySet()) {
      tell(HELD, held.getKey(), held.getValue().path("n").asLong());
    }
    tell(READY, "-", 0);
    for (var writer = 0; writer < WRITERS; writer++) {
      var prefix = "w" + writer + "-";
      Thread.ofPlatform().start(() -> write(file, prefix, Long.parseLong(args[1])));
    }
  }

  private static void write(StoreFile file, String prefix, long first) {
    try {
      for (var n = first; ; n++) {
        var key = prefix + n * 31 % KEYS;
        tell(ISSUED, key, n);
        Records.await(file.write(List.of(change(key, n))));
        tell(STORED, key, n);
      }
    } catch (IOException parentIsGone) {
      Runtime.getRuntime().halt(1);
    }
  }

  private static Change change(String key, long n) {
    return isRemoval(n)
        ? Change.remove(Table.DOMAINS, key)
        : Change.put(Table.DOMAINS, key, Map.of("n", n, "padding", PADDING));
  }

  static boolean isRemoval(long n) {
    return n % 7 == 0;
  }

  /** In one write to the pipe, so that a line is whole or not there at all. */
  private static synchronized void tell(String what, String key, long n) throws IOException {
    OUT.write((what + " " + key + " " + n + "\n").getBytes(StandardCharsets.UTF_8));
  }

  private static final FileOutputStream OUT = new FileOutputStream(FileDescriptor.out);
}
