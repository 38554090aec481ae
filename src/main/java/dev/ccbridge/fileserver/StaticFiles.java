package dev.ccbridge.fileserver;

import dev.ccbridge.CcBridgeException;
import dev.ccbridge.ErrorKind;
import dev.ccbridge.web.Download;
import dev.ccbridge.web.Handler;
import dev.ccbridge.web.Request;
import dev.ccbridge.web.Response;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Serves the files of some directories as one tree; of two files with one name the first
 * directory's is served. Nothing outside of them is reachable, neither by name nor by symbolic
 * link. Source: file-server handlers/static/handler.go and net/http fs.go, serveFile().
 *
 * <p>Differs from Diego: several directories instead of one, listings are of all of them and are
 * not dated, and a type is never guessed from the content.
 */
final class StaticFiles implements Handler {
  private static final Logger LOG = LoggerFactory.getLogger(StaticFiles.class);
  private static final String INDEX = "index.html";

  private final StaticTree tree;

  /**
   * @throws CcBridgeException INVALID_REQUEST when one is not a directory
   */
  StaticFiles(List<Path> directories) {
    for (var directory : directories) {
      if (!Files.isDirectory(directory)) {
        throw new CcBridgeException(
            ErrorKind.INVALID_REQUEST,
            "staticDirectories: " + directory + " is not there, wanted a directory");
      }
    }
    this.tree = new StaticTree(directories);
  }

  @Override
  public Response handle(Request request) throws IOException {
    var response = answer(request);
    LOG.info(
        "file-server.static-file.response status={} size={} method={} uri={}",
        response.status(),
        request.method().equals("HEAD") ? 0 : response.length(),
        request.method(),
        request.rawPath());
    return response;
  }

  private Response answer(Request request) throws IOException {
    var path = request.param("path");
    var names = StaticTree.names(path);
    if (names.isEmpty()) {
      return notFound();
    }
    var found = tree.find(names.get());
    if (path.endsWith("/" + INDEX) || path.equals(INDEX)) {
      return redirect(request, "./");
    }
    if (found.isEmpty()) {
      return notFound();
    }
    // For the root itself the parameter is empty with and without the slash.
    var isAskedAsDirectory = path.endsWith("/") || request.rawPath().endsWith("/");
    if (!Files.isDirectory(found.get())) {
      return isAskedAsDirectory
          ? redirect(request, "../" + DirectoryListing.encode(names.get().getLast()))
          : file(request, found.get());
    }
    return isAskedAsDirectory
        ? directory(request, names.get())
        : redirect(request, request.rawPath() + "/");
  }

  private Response directory(Request request, List<String> names) throws IOException {
    var index = tree.find(StaticTree.below(names, INDEX)).filter(Files::isRegularFile);
    if (index.isPresent()) {
      return file(request, index.get());
    }
    return DirectoryListing.of(tree.list(names));
  }

  private static Response file(Request request, Path file) throws IOException {
    FileChannel content;
    try {
      content = FileChannel.open(file, StandardOpenOption.READ);
    } catch (AccessDeniedException denied) {
      return Response.text(403, "403 Forbidden\n");
    }
    try {
      return new Download(
              content,
              content.size(),
              ContentTypes.of(file.getFileName().toString()),
              Files.getLastModifiedTime(file).toInstant(),
              null)
          .answer(request);
    } catch (IOException | RuntimeException failure) {
      content.close();
      throw failure;
    }
  }

  private static Response redirect(Request request, String target) {
    var query = Optional.ofNullable(request.uri().getRawQuery()).map(q -> "?" + q).orElse("");
    return Response.empty(301).header("Location", target + query);
  }

  private static Response notFound() {
    return Response.text(404, "404 page not found\n");
  }
}
