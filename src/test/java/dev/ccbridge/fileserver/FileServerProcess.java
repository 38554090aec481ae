package dev.ccbridge.fileserver;

import dev.ccbridge.fileserver.SignedUrls.Access;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;

/**
 * A file server as a process of its own: prints a URL for everything with the blob {@code key} and
 * serves until its input ends.
 */
final class FileServerProcess {
  private FileServerProcess() {}

  public static void main(String[] arguments) throws Exception {
    var directory = Path.of(arguments[0]);
    var config = new FileServerConfig(List.of(directory), directory.resolve("data"));
    try (var server = new FileServerFixture(config)) {
      System.out.println(server.urls.signForever("key", Set.of(Access.values())));
      System.in.transferTo(System.err);
    }
  }
}
