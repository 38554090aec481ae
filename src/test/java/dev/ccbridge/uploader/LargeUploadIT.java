package dev.ccbridge.uploader;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ccbridge.web.HttpService;
import dev.ccbridge.web.Response;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(600)
class LargeUploadIT {
  private static final long SIZE = (2L << 30) + 1;

  /** Bytes around the content: two boundaries of 60 characters, and the headers of the part. */
  private static final int FRAMING = 251;

  @Test
  void twoGigabytesPassThroughAHeapOfFortyEightMegabytes() throws Exception {
    var child =
        new ProcessBuilder(
                System.getProperty("java.home") + "/bin/java",
                "-Xmx48m",
                "-cp",
                System.getProperty(
                    "surefire.test.class.path", System.getProperty("java.class.path")),
                LargeUploadIT.class.getName())
            .redirectErrorStream(true)
            .start();

    var output = new String(child.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

    assertThat(child.waitFor()).as(output).isZero();
    assertThat(output).contains("status 200 received " + (SIZE + FRAMING));
  }

  /** A cell, the uploader and CC in one process. */
  @SuppressWarnings("SystemOut")
  public static void main(String[] arguments) throws Exception {
    var received = new AtomicLong();
    try (var cc =
            HttpService.start(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                request -> {
                  received.set(request.bodyStream().transferTo(OutputStream.nullOutputStream()));
                  return Response.empty(200);
                });
        var uploader = new UploaderFixture()) {
      var answer =
          uploader.post(
              uploader.buildArtifacts(cc.uri() + "/up"),
              BodyPublishers.fromPublisher(
                  BodyPublishers.ofInputStream(() -> new Zeros(SIZE)), SIZE));
      System.out.println("status " + answer.statusCode() + " received " + received);
    }
    System.exit(0);
  }

  private static final class Zeros extends InputStream {
    private long left;

    Zeros(long size) {
      this.left = size;
    }

    @Override
    public int read() throws IOException {
      return left-- > 0 ? 0 : -1;
    }

    @Override
    public int read(byte[] buffer, int offset, int wanted) {
      if (left <= 0) {
        return -1;
      }
      var given = (int) Math.min(wanted, left);
      left -= given;
      return given;
    }
  }
}
