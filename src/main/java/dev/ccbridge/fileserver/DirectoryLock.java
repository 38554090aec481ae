package dev.ccbridge.fileserver;

import dev.ccbridge.CcBridgeException;
import dev.ccbridge.ErrorKind;
import java.io.Closeable;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Keeps a directory for one store in one process; the system lets go of it when we are killed. */
final class DirectoryLock implements Closeable {
  /**
   * Directories locked by this JVM. Asking the system would not do: closing a second channel on the
   * file gives up the lock of the first.
   */
  private static final Set<Path> OURS = ConcurrentHashMap.newKeySet();

  private final Path directory;
  private final FileChannel channel;

  private DirectoryLock(Path directory, FileChannel channel) {
    this.directory = directory;
    this.channel = channel;
  }

  /**
   * @throws CcBridgeException CONFLICT when another has it
   */
  static DirectoryLock take(Path directory) throws IOException {
    return take(directory, false);
  }

  /**
   * Other processes may share it.
   *
   * @throws CcBridgeException CONFLICT when another has it for itself
   */
  static DirectoryLock share(Path directory) throws IOException {
    return take(directory, true);
  }

  private static DirectoryLock take(Path directory, boolean shared) throws IOException {
    var real = directory.toRealPath();
    if (!OURS.add(real)) {
      throw inUse(real);
    }
    try {
      var channel =
          FileChannel.open(
              real.resolve("lock"),
              StandardOpenOption.CREATE,
              StandardOpenOption.READ,
              StandardOpenOption.WRITE);
      if (channel.tryLock(0, Long.MAX_VALUE, shared) != null) {
        return new DirectoryLock(real, channel);
      }
      channel.close();
      throw inUse(real);
    } catch (IOException | RuntimeException failure) {
      OURS.remove(real);
      throw failure;
    }
  }

  @Override
  public void close() throws IOException {
    channel.close();
    OURS.remove(directory);
  }

  private static CcBridgeException inUse(Path directory) {
    return new CcBridgeException(
        ErrorKind.CONFLICT, "the blob directory " + directory + " is in use by another process");
  }
}
