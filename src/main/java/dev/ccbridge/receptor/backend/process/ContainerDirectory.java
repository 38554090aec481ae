package dev.ccbridge.receptor.backend.process;

import com.fasterxml.jackson.annotation.JsonProperty;
import dev.ccbridge.CcBridgeException;
import dev.ccbridge.ErrorKind;
import dev.ccbridge.executor.FileJournal;
import dev.ccbridge.executor.FileTrees;
import dev.ccbridge.receptor.backend.ContainerOutcome;
import dev.ccbridge.receptor.model.ReceptorJson;
import dev.ccbridge.registry.Digest;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Where the files of one container are.
 *
 * <ul>
 *   <li>{@code tmp}, {@code home/vcap}: the container's own
 *   <li>{@code scratch}: downloads that are being unpacked
 *   <li>{@code runs/<id>}: one directory per program that was started
 *   <li>{@code journal}, {@code outcome}: how far a task is, and how it ended
 *   <li>{@code log}: what a task printed
 *   <li>{@code memory}, {@code processes}: links to its control groups, where there are any
 *   <li>{@code passwd}, {@code group}: what its programs see at {@code /etc}, where users are kept
 *   <li>{@code image}: digest of the image that is its root, if it has one
 *   <li>{@code changes}, {@code work}: what it changed of the image, or {@code copy}: all of it
 *   <li>{@code leash}: of an instance, the life of the cell that it must not outlive
 *   <li>{@code init}, {@code ready}: the first process of its namespaces
 * </ul>
 */
record ContainerDirectory(Path path) {
  private static final Pattern GUID = Pattern.compile("[a-zA-Z0-9_-]+");

  /** Validated, as it becomes the name of a file. */
  static String checked(String what, String guid) {
    if (!GUID.matcher(guid).matches()) {
      throw new CcBridgeException(
          ErrorKind.INVALID_REQUEST, what + " is not of letters, digits, _ and -");
    }
    return guid;
  }

  static ContainerDirectory of(Path containers, String guid) {
    return new ContainerDirectory(containers.resolve(checked("container guid", guid)));
  }

  void create() throws IOException {
    if (!Files.isDirectory(path)) {
      Files.createDirectories(
          path, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    }
    for (var part : new String[] {"root", "scratch", "runs", "tmp", "home/vcap"}) {
      Files.createDirectories(path.resolve(part));
    }
    if (!Files.exists(outcomeFile())) {
      Files.setPosixFilePermissions(tmp(), PosixFilePermissions.fromString("rwxrwxrwx"));
    }
  }

  /** Makes durable that the directory of a run is there, and all that lies beside it. */
  void sync(Path run) throws IOException {
    FileJournal.syncDirectory(run.getParent());
    FileJournal.syncDirectory(path);
    FileJournal.syncDirectory(path.getParent());
  }

  Path leash() {
    return path.resolve("leash");
  }

  Path tmp() {
    return path.resolve("tmp");
  }

  Path home() {
    return path.resolve("home").resolve("vcap");
  }

  Path scratch() {
    return path.resolve("scratch");
  }

  Path run(String id) {
    return path.resolve("runs").resolve(id);
  }

  Path journal() {
    return path.resolve("journal");
  }

  Path log() {
    return path.resolve("log");
  }

  Path init() {
    return path.resolve("init");
  }

  Path ready() {
    return path.resolve("ready");
  }

  Path memoryGroup() {
    return path.resolve("memory");
  }

  Path processGroup() {
    return path.resolve("processes");
  }

  Path passwd() {
    return path.resolve("passwd");
  }

  Path group() {
    return path.resolve("group");
  }

  Path imageFile() {
    return path.resolve("image");
  }

  /** The image that the container has claimed as its root. */
  Optional<Digest> image() throws IOException {
    try {
      var digest = Files.readString(imageFile()).strip();
      // Empty when the machine went down before anything was made of it.
      return digest.isEmpty() ? Optional.empty() : Optional.of(new Digest(digest));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    }
  }

  Path changes() {
    return path.resolve("changes");
  }

  Path overlayWork() {
    return path.resolve("work");
  }

  Path imageCopy() {
    return path.resolve("copy");
  }

  private Path outcomeFile() {
    return path.resolve("outcome");
  }

  private record Recorded(
      @JsonProperty("failed") boolean failed,
      @JsonProperty("reason") String reason,
      @JsonProperty("result") String result) {}

  /** How the task ended, if it has. */
  Optional<ContainerOutcome> outcome() throws IOException {
    // Empty when the machine went down before it was told to anybody.
    if (!Files.exists(outcomeFile()) || Files.size(outcomeFile()) == 0) {
      return Optional.empty();
    }
    var recorded = ReceptorJson.mapper().readValue(outcomeFile().toFile(), Recorded.class);
    return Optional.of(
        new ContainerOutcome(recorded.failed(), recorded.reason(), recorded.result()));
  }

  /** Durable when this returns. */
  void record(ContainerOutcome outcome) throws IOException {
    var recorded = new Recorded(outcome.failed(), outcome.reason(), outcome.result());
    writeDurably(outcomeFile(), ReceptorJson.mapper().writeValueAsBytes(recorded));
  }

  /**
   * The file is there with all its content, or not at all; durable when this returns. When the
   * machine goes down meanwhile it may be left empty: the disk is waited for once, not before and
   * after it gets its name.
   */
  static void writeDurably(Path file, byte[] content) throws IOException {
    var next = file.resolveSibling(file.getFileName() + ".next");
    try (var channel =
        FileChannel.open(
            next,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.WRITE)) {
      var bytes = ByteBuffer.wrap(content);
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
      Files.move(next, file, StandardCopyOption.ATOMIC_MOVE);
      channel.force(true);
    }
    FileJournal.syncDirectory(file.getParent());
  }

  /** Frees what a task needs no more once it has ended: all but journal, outcome and log. */
  void deleteFiles() throws IOException {
    for (var part :
        new String[] {
          "tmp",
          "home",
          "scratch",
          "runs",
          "root",
          "changes",
          "work",
          "copy",
          "copy.next",
          "image",
          "passwd",
          "group"
        }) {
      FileTrees.delete(path.resolve(part));
    }
  }
}
