package dev.ccbridge.operator;

import dev.ccbridge.CcBridgeException;
import dev.ccbridge.ErrorKind;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import org.jspecify.annotations.Nullable;

/**
 * The directory that holds all state, locked against a second process. Ports once taken are kept in
 * it: URLs with them stand in tasks that outlive this process.
 */
final class DataDirectory implements AutoCloseable {
  private static final int SECRET_BYTES = 32;

  private final Path path;
  private final FileChannel lockFile;

  private DataDirectory(Path path, FileChannel lockFile) {
    this.path = path;
    this.lockFile = lockFile;
  }

  /**
   * Creates it when it is not there.
   *
   * @throws CcBridgeException UNAVAILABLE when it cannot be written, or another process has it
   */
  static DataDirectory open(Path path) {
    var absolute = path.toAbsolutePath().normalize();
    try {
      Files.createDirectories(absolute.getParent());
      if (!Files.isDirectory(absolute)) {
        Files.createDirectory(
            absolute,
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
      }
      var channel =
          FileChannel.open(
              absolute.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      @Nullable FileLock lock = channel.tryLock();
      if (lock == null) {
        channel.close();
        throw new CcBridgeException(
            ErrorKind.UNAVAILABLE,
            "another cc-bridge works in "
                + absolute
                + "; end it, or name another directory with "
                + Setting.DATA.option());
      }
      return new DataDirectory(absolute, channel);
    } catch (IOException failure) {
      throw new CcBridgeException(
          ErrorKind.UNAVAILABLE,
          "the data directory " + absolute + " cannot be used: " + failure.getMessage(),
          failure);
    }
  }

  Path resolve(String name) {
    return path.resolve(name);
  }

  /**
   * {@code wanted}, or for port 0 the port that {@code name} had before, or a free one from now on.
   */
  InetSocketAddress address(String name, InetSocketAddress wanted) {
    if (wanted.getPort() != 0) {
      return wanted;
    }
    var file = path.resolve(name + ".port");
    try {
      if (Files.exists(file)) {
        return new InetSocketAddress(
            wanted.getAddress(), Integer.parseInt(Files.readString(file).strip()));
      }
      var port = freePort(wanted.getAddress());
      var written = Files.writeString(path.resolve(name + ".port.new"), port + "\n");
      Files.move(written, file, StandardCopyOption.ATOMIC_MOVE);
      return new InetSocketAddress(wanted.getAddress(), port);
    } catch (IOException | NumberFormatException failure) {
      throw new CcBridgeException(
          ErrorKind.UNAVAILABLE,
          "no port for " + name + ": " + file + ": " + failure.getMessage(),
          failure);
    }
  }

  /** 32 random bytes that are the same at every start, readable by the owner only. */
  byte[] secret(String name) {
    var file = path.resolve(name);
    try {
      if (!Files.exists(file)) {
        var secret = new byte[SECRET_BYTES];
        new SecureRandom().nextBytes(secret);
        var written =
            Files.createTempFile(
                path,
                name,
                ".new",
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        Files.write(written, secret);
        Files.move(written, file, StandardCopyOption.ATOMIC_MOVE);
      }
      return Files.readAllBytes(file);
    } catch (IOException failure) {
      throw new CcBridgeException(
          ErrorKind.UNAVAILABLE, "cannot keep " + file + ": " + failure.getMessage(), failure);
    }
  }

  private static int freePort(InetAddress address) throws IOException {
    try (var socket = new ServerSocket(0, 1, address)) {
      return socket.getLocalPort();
    }
  }

  /** Removes the directory with all that is in it. */
  void delete() throws IOException {
    Files.walkFileTree(
        path,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            Files.deleteIfExists(file);
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFileFailed(Path file, IOException failure)
              throws IOException {
            if (failure instanceof NoSuchFileException) {
              return FileVisitResult.CONTINUE;
            }
            throw failure;
          }

          @Override
          public FileVisitResult postVisitDirectory(Path dir, @Nullable IOException failure)
              throws IOException {
            Files.deleteIfExists(dir);
            return FileVisitResult.CONTINUE;
          }
        });
  }

  @Override
  public void close() throws IOException {
    lockFile.close();
  }
}
