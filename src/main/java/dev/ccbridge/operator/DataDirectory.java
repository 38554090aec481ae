package dev.ccbridge.operator;

import dev.ccbridge.CcBridgeException;
import dev.ccbridge.ErrorKind;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.FileAlreadyExistsException;
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
import java.util.HexFormat;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The directory that holds all state, locked against processes that must not share it. Ports once
 * taken are kept in it: URLs with them stand in tasks that outlive this process.
 */
final class DataDirectory implements AutoCloseable {
  private static final int SECRET_BYTES = 32;
  private static final int IDENTITY_BYTES = 8;

  private final Path path;
  private final FileChannel lockFile;

  private DataDirectory(Path path, FileChannel lockFile) {
    this.path = path;
    this.lockFile = lockFile;
  }

  /**
   * For a process that does everything; creates it when it is not there.
   *
   * @throws CcBridgeException UNAVAILABLE when it cannot be written, or another process has it
   */
  static DataDirectory open(Path path) {
    return open(path, false);
  }

  /**
   * For one of several processes that share it, such as roles.
   *
   * @throws CcBridgeException UNAVAILABLE when it cannot be written, or a process has it for itself
   */
  static DataDirectory share(Path path) {
    return open(path, true);
  }

  private static DataDirectory open(Path path, boolean shared) {
    var absolute = path.toAbsolutePath().normalize();
    try {
      create(absolute);
      var channel =
          FileChannel.open(
              absolute.resolve("lock"),
              StandardOpenOption.CREATE,
              StandardOpenOption.READ,
              StandardOpenOption.WRITE);
      @Nullable FileLock lock = channel.tryLock(0, Long.MAX_VALUE, shared);
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
          "the data directory "
              + absolute
              + " ("
              + Setting.DATA.option()
              + ", "
              + Setting.DATA.variable()
              + ") cannot be used: "
              + failure,
          failure);
    }
  }

  private static void create(Path directory) throws IOException {
    Files.createDirectories(directory.getParent());
    if (Files.isDirectory(directory)) {
      return;
    }
    try {
      Files.createDirectory(
          directory,
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    } catch (FileAlreadyExistsException another) {
      // Made by a process that started at the same time.
    }
  }

  /** Runs {@code making} while no other process of this directory makes anything. */
  synchronized <T> T exclusively(Supplier<T> making) {
    try (var channel =
        FileChannel.open(
            path.resolve("making.lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
      // Freed with the channel.
      channel.lock();
      return making.get();
    } catch (IOException failure) {
      throw new CcBridgeException(
          ErrorKind.UNAVAILABLE,
          "the data directory " + path + " cannot be used: " + failure.getMessage(),
          failure);
    }
  }

  /** Who this directory is, to others: the same after each start. */
  String identity() {
    return "cc-bridge-" + HexFormat.of().formatHex(secret("identity"), 0, IDENTITY_BYTES);
  }

  Path resolve(String name) {
    return path.resolve(name);
  }

  /**
   * {@code wanted}, or for port 0 the port that {@code name} had before, or a free one from now on.
   */
  InetSocketAddress address(String name, InetSocketAddress wanted) {
    return wanted.getPort() != 0 ? wanted : exclusively(() -> keptAddress(name, wanted));
  }

  private InetSocketAddress keptAddress(String name, InetSocketAddress wanted) {
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
    return exclusively(() -> keptSecret(name));
  }

  private byte[] keptSecret(String name) {
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
