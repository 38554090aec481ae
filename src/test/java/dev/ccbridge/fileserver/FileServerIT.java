package dev.ccbridge.fileserver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.Base64;
import java.util.HexFormat;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A file server in a JVM of its own, with a small heap, and killed. */
@Timeout(180)
class FileServerIT {
  private static final long LARGE = 200L << 20;

  @TempDir private Path directory;
  private Process process;
  private URI url;
  private final HttpClient client = HttpClient.newHttpClient();

  @BeforeEach
  void start() throws Exception {
    process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx24m",
                "-XX:MaxDirectMemorySize=8m",
                "-cp",
                System.getProperty("java.class.path"),
                FileServerProcess.class.getName(),
                directory.toString())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    url = URI.create(process.inputReader(StandardCharsets.UTF_8).readLine());
  }

  @AfterEach
  void kill() throws Exception {
    client.close();
    process.destroyForcibly();
    assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
  }

  @Test
  void streamsABlobThatIsLargerThanItsHeap() throws Exception {
    var md5 = digest(new Zeros(LARGE), "MD5");
    assertThat(upload(LARGE, Base64.getEncoder().encodeToString(md5))).isEqualTo(201);

    var download = client.send(HttpRequest.newBuilder(url).build(), BodyHandlers.ofInputStream());

    assertThat(download.headers().firstValue("ETag"))
        .hasValue('"' + HexFormat.of().formatHex(md5) + '"');
    assertThat(download.headers().firstValueAsLong("Content-Length")).hasValue(LARGE);
    try (var content = download.body()) {
      assertThat(digest(content, "SHA-256")).isEqualTo(digest(new Zeros(LARGE), "SHA-256"));
    }
  }

  @Test
  void aKilledServerKeepsTheOldBlobAndNothingOfTheNewOne() throws Exception {
    assertThat(upload(1000, "")).isEqualTo(201);
    var tag = tagOfTheBlob();
    try (var socket = new Socket(url.getHost(), url.getPort())) {
      beginUpload(socket);
      await().untilAsserted(() -> assertThat(unfinished()).hasSize(1));
      process.destroyForcibly();
      assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
    }
    assertThat(unfinished()).as("something to clean up").hasSize(1);

    start();

    assertThat(unfinished()).isEmpty();
    assertThat(tagOfTheBlob()).isEqualTo(tag);
  }

  private int upload(long size, String md5) throws Exception {
    var body = BodyPublishers.ofInputStream(() -> new Zeros(size));
    var request =
        HttpRequest.newBuilder(url)
            .header("Content-MD5", md5)
            .timeout(Duration.ofSeconds(120))
            .POST(BodyPublishers.fromPublisher(body, size))
            .build();
    return client.send(request, BodyHandlers.discarding()).statusCode();
  }

  private void beginUpload(Socket socket) throws IOException {
    var head =
        "PUT %s?%s HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n"
            .formatted(url.getRawPath(), url.getRawQuery(), LARGE);
    socket.getOutputStream().write(head.getBytes(StandardCharsets.US_ASCII));
    socket.getOutputStream().write(new byte[1 << 20]);
  }

  private String tagOfTheBlob() throws Exception {
    var head = HttpRequest.newBuilder(url).HEAD().build();
    var response = client.send(head, BodyHandlers.discarding());
    assertThat(response.headers().firstValueAsLong("Content-Length")).hasValue(1000);
    return response.headers().firstValue("ETag").orElseThrow();
  }

  private String[] unfinished() {
    return directory.resolve("data/unfinished").toFile().list();
  }

  private static byte[] digest(InputStream content, String algorithm) throws Exception {
    var digest = MessageDigest.getInstance(algorithm);
    var buffer = new byte[64 * 1024];
    for (int count; (count = content.read(buffer)) >= 0; ) {
      digest.update(buffer, 0, count);
    }
    return digest.digest();
  }
}
