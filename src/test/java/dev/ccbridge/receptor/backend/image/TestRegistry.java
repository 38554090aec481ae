package dev.ccbridge.receptor.backend.image;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/** A registry that hands out what a test has put together. */
public final class TestRegistry implements AutoCloseable {
  private static final String MANIFEST = "application/vnd.docker.distribution.manifest.v2+json";

  private final ServerSocket server;
  private final Map<String, byte[]> blobs = new ConcurrentHashMap<>();
  private final Map<String, byte[]> manifests = new ConcurrentHashMap<>();
  private final List<String> requests = new CopyOnWriteArrayList<>();
  private volatile int status = 200;

  /** What every request has to say of who it is; empty: nothing. */
  private volatile String authorization = "";

  public TestRegistry() {
    try {
      server = new ServerSocket(0, 50, InetAddress.ofLiteral("127.0.0.1"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    Thread.startVirtualThread(this::serve);
  }

  private void serve() {
    try {
      while (true) {
        var connection = server.accept();
        Thread.startVirtualThread(() -> answer(connection));
      }
    } catch (IOException e) {
      // closed at the end of the test
    }
  }

  /** Host and port, as in a reference. */
  public String host() {
    return "127.0.0.1:" + server.getLocalPort();
  }

  /**
   * Publishes an image.
   *
   * @param config the member {@code config} of its configuration
   * @return its root file system for a desired LRP
   */
  public String publish(String repository, String tag, String config, byte[]... layers) {
    var configuration =
        ("{\"architecture\":\"amd64\",\"os\":\"linux\",\"config\":" + config + "}")
            .getBytes(StandardCharsets.UTF_8);
    var listed = new ArrayList<String>();
    for (var layer : layers) {
      var type = "application/vnd.docker.image.rootfs.diff.tar.gzip";
      listed.add(descriptor(type, layer));
    }
    var manifest =
        "{\"schemaVersion\":2,\"mediaType\":\"%s\",\"config\":%s,\"layers\":[%s]}"
            .formatted(
                MANIFEST,
                descriptor("application/vnd.docker.container.image.v1+json", configuration),
                String.join(",", listed))
            .getBytes(StandardCharsets.UTF_8);
    manifests.put(repository + "/" + tag, manifest);
    manifests.put(repository + "/" + digest(manifest), manifest);
    return "docker://" + host() + "/" + repository + "#" + tag;
  }

  private String descriptor(String type, byte[] content) {
    blobs.put(digest(content), content);
    return "{\"mediaType\":\"%s\",\"digest\":\"%s\",\"size\":%d}"
        .formatted(type, digest(content), content.length);
  }

  public static String digest(byte[] content) {
    try {
      return "sha256:"
          + HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(content));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Puts other bytes in the place of a blob's. */
  void spoil(byte[] content) {
    var other = content.clone();
    other[other.length / 2] ^= 1;
    blobs.put(digest(content), other);
  }

  /** What every request is answered with from now on; 200: what there is. */
  public void answerWith(int answer) {
    status = answer;
  }

  /** From now on it is for this user only. */
  void wants(String username, String password) {
    var pair = (username + ":" + password).getBytes(StandardCharsets.UTF_8);
    authorization = "Basic " + Base64.getEncoder().encodeToString(pair);
  }

  String digestOf(String repository, String tag) {
    return digest(manifests.get(repository + "/" + tag));
  }

  /** How often a blob was asked for. */
  public long downloads(byte[] content) {
    return requests.stream().filter(path -> path.endsWith("/blobs/" + digest(content))).count();
  }

  /** The JDK's own server would wait for the end of a line after the beginning of TLS. */
  private void answer(Socket connection) {
    try (connection;
        var in = new BufferedInputStream(connection.getInputStream());
        var out = connection.getOutputStream()) {
      var first = line(in);
      if (first.isEmpty() || first.charAt(0) < 'A') {
        return;
      }
      boolean isKnown = authorization.isEmpty();
      for (var header = line(in); !header.isEmpty(); header = line(in)) {
        isKnown |= header.equalsIgnoreCase("Authorization: " + authorization);
      }
      var path = first.split(" ")[1];
      requests.add(path);
      var content = status == 200 && isKnown ? content(path) : null;
      int code = content == null && status == 200 && !path.equals("/v2/") ? 404 : status;
      code = isKnown ? code : 401;
      var body = content == null ? new byte[0] : content;
      var head =
          "HTTP/1.1 %d X\r\nContent-Type: %s\r\nContent-Length: %d\r\nConnection: close\r\n"
              + "WWW-Authenticate: Basic realm=\"test\"\r\n\r\n";
      out.write(head.formatted(code, MANIFEST, body.length).getBytes(StandardCharsets.US_ASCII));
      out.write(body);
    } catch (IOException e) {
      // the client has gone
    }
  }

  private static String line(InputStream in) throws IOException {
    var line = new StringBuilder();
    for (int c = in.read(); c > 0 && c != '\n'; c = in.read()) {
      line.append((char) c);
      if (c < ' ' && c != '\r') {
        break;
      }
    }
    return line.toString().strip();
  }

  private byte[] content(String path) {
    int blob = path.indexOf("/blobs/");
    if (blob > 0) {
      return blobs.get(path.substring(blob + "/blobs/".length()));
    }
    int manifest = path.indexOf("/manifests/");
    return manifest < 0
        ? null
        : manifests.get(
            path.substring("/v2/".length(), manifest)
                + "/"
                + path.substring(manifest + "/manifests/".length()));
  }

  @Override
  public void close() {
    try {
      server.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
