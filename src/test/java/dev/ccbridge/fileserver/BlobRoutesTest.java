package dev.ccbridge.fileserver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.ccbridge.fileserver.SignedUrls.Access;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.net.URI;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class BlobRoutesTest {
  private static final String HELLO_MD5 = "5d41402abc4b2a76b9719d911017c592";
  private static final String HELLO_MD5_BASE64 = "XUFAKrxLKna5cZ2REBfFkg==";
  private static final int MAX_BYTES = 1 << 20;

  @TempDir private Path directory;
  private FileServerFixture server;

  @BeforeEach
  void serve() {
    server = new FileServerFixture(config());
  }

  @AfterEach
  void stop() {
    server.close();
  }

  private FileServerConfig config() {
    return new FileServerConfig(List.of(directory), directory.resolve("data"), MAX_BYTES, 0);
  }

  @ParameterizedTest
  @ValueSource(strings = {"PUT", "POST"})
  void takesABlobAndHandsItOut(String method) throws Exception {
    var url = server.blob("droplets/1/droplet.tgz");
    var upload =
        server.send(
            server
                .request(url)
                .header("Content-MD5", HELLO_MD5_BASE64)
                .method(method, BodyPublishers.ofString("hello")));
    assertThat(upload.statusCode()).isEqualTo(201);
    assertThat(upload.headers().firstValue("ETag")).hasValue('"' + HELLO_MD5 + '"');

    var download = server.get(url);
    assertThat(download.statusCode()).isEqualTo(200);
    assertThat(download.body()).isEqualTo("hello");
    var headers = download.headers();
    assertThat(headers.firstValue("ETag")).hasValue('"' + HELLO_MD5 + '"');
    assertThat(headers.firstValue("Content-Type")).hasValue("application/octet-stream");
    assertThat(headers.firstValue("Last-Modified")).isPresent();
  }

  @ParameterizedTest
  @CsvSource({
    "Range, bytes=1-2, 206, el",
    "Range, bytes=5-, 416, ''",
    "If-None-Match, '\"5d41402abc4b2a76b9719d911017c592\"', 304, ''",
    "If-None-Match, '\"other\"', 200, hello",
    "If-Modified-Since, 'Mon, 03 Aug 2015 12:00:00 GMT', 200, hello",
  })
  void answersRangesAndConditions(String name, String value, int status, String body)
      throws Exception {
    put("key", "hello");
    var response = server.send(server.request(server.blob("key")).header(name, value));
    assertThat(response.statusCode()).isEqualTo(status);
    assertThat(response.body()).isEqualTo(body);
  }

  @Test
  void answersHeadWithSizeAndTag() throws Exception {
    put("key", "hello");
    var response = server.send(server.request(server.blob("key")).HEAD());
    assertThat(response.statusCode()).isEqualTo(200);
    assertThat(response.headers().firstValue("Content-Length")).hasValue("5");
    assertThat(response.headers().firstValue("ETag")).hasValue('"' + HELLO_MD5 + '"');
  }

  @Test
  void deletesABlob() throws Exception {
    put("key", "hello");
    assertThat(server.send(server.request(server.blob("key")).DELETE()).statusCode())
        .isEqualTo(204);
    var again = server.send(server.request(server.blob("key")).DELETE());
    assertThat(again.statusCode()).isEqualTo(404);
    assertThat(again.body()).contains("there is no blob key");
    assertThat(server.get(server.blob("key")).statusCode()).isEqualTo(404);
  }

  @Test
  void refusesABodyThatIsNotWhatContentMd5Says() throws Exception {
    put("key", "old");
    var response =
        server.send(
            server
                .request(server.blob("key"))
                .header("Content-MD5", HELLO_MD5_BASE64)
                .POST(BodyPublishers.ofString("hullo")));
    assertThat(response.statusCode()).isEqualTo(400);
    assertThat(response.body())
        .contains("the content has the MD5 ")
        .contains("Content-MD5 said " + HELLO_MD5);
    assertThat(server.get(server.blob("key")).body()).isEqualTo("old");
    assertThat(unfinished()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({"???, 400", "aGVsbG8=, 400", "5d41402abc4b2a76b9719d911017c592, 400", "'', 201"})
  void refusesAContentMd5ThatIsNone(String header, int status) throws Exception {
    var response =
        server.send(
            server
                .request(server.blob("key"))
                .header("Content-MD5", header)
                .PUT(BodyPublishers.ofString("hello")));
    assertThat(response.statusCode()).isEqualTo(status);
    assertThat(response.body())
        .isEqualTo(
            status == 201
                ? ""
                : "{\"name\":\"INVALID_REQUEST\",\"message\":\"Content-MD5: was '"
                    + header
                    + "', wanted the base64 of 16 bytes\"}");
  }

  @Test
  void wantsToKnowTheLengthBeforehand() throws Exception {
    var chunks = BodyPublishers.ofInputStream(() -> new Zeros(10));
    var response = server.send(server.request(server.blob("key")).PUT(chunks));
    assertThat(response.statusCode()).isEqualTo(411);
    assertThat(response.body()).contains("LengthRequired").contains("Content-Length: missing");
    assertThat(server.blobs.find("key")).isEmpty();
  }

  @Test
  void refusesABlobOverTheLimit() throws Exception {
    var largest = BodyPublishers.ofByteArray(new byte[MAX_BYTES]);
    assertThat(server.send(server.request(server.blob("key")).PUT(largest)).statusCode())
        .isEqualTo(201);
    var larger = BodyPublishers.ofByteArray(new byte[MAX_BYTES + 1]);
    var response = server.send(server.request(server.blob("other")).PUT(larger));
    assertThat(response.statusCode()).isEqualTo(413);
    assertThat(response.body()).contains("larger than " + MAX_BYTES + " bytes");
    assertThat(server.blobs.find("other")).isEmpty();
  }

  @Test
  void saysWhenTheDiskIsFullAndKeepsNothing() throws Exception {
    server.close();
    server =
        new FileServerFixture(
            new FileServerConfig(
                List.of(directory), directory.resolve("data"), MAX_BYTES, Long.MAX_VALUE));
    var response =
        server.send(server.request(server.blob("key")).PUT(BodyPublishers.ofString("hello")));
    assertThat(response.statusCode()).isEqualTo(503);
    assertThat(response.body()).contains("blob key: not enough disk space");
    assertThat(server.blobs.find("key")).isEmpty();
    assertThat(unfinished()).isEmpty();
  }

  @Test
  void anUploadCutInTheMiddleLeavesNothing() throws Exception {
    try (var socket = server.connect()) {
      var url = server.blob("key");
      var head =
          "POST "
              + url.getRawPath()
              + "?"
              + url.getRawQuery()
              + " HTTP/1.1\r\nHost: x\r\nContent-Length: 500000\r\n\r\n";
      socket.getOutputStream().write(head.getBytes(StandardCharsets.US_ASCII));
      socket.getOutputStream().write(new byte[250_000]);
      await().untilAsserted(() -> assertThat(unfinished()).hasSize(1));
    }
    await().untilAsserted(() -> assertThat(unfinished()).isEmpty());
    assertThat(server.get(server.blob("key")).statusCode()).isEqualTo(404);
  }

  @ParameterizedTest
  @ValueSource(strings = {"GET", "PUT", "POST", "DELETE"})
  void forbidsEverythingWithoutAToken(String method) throws Exception {
    put("key", "hello");
    var body = BodyPublishers.ofString("hello");
    for (var path :
        List.of("/v1/blobs/key", "/v1/blobs/absent", "/v1/blobs/", "/v1/blobs/a/../b")) {
      var response = server.send(server.request(server.uri(path)).method(method, body));
      assertThat(response.statusCode()).as(path).isEqualTo(403);
      assertThat(response.body())
          .isEqualTo(
              "{\"name\":\"Forbidden\",\"message\":\"the URL does not permit this: its token is"
                  + " missing or wrong, has expired, or is for another blob or method\"}");
    }
    assertThat(server.blobs.find("key")).isPresent();
  }

  @Test
  void aTokenPermitsOnlyItsMethods() throws Exception {
    put("key", "hello");
    var read = server.urls.sign("key", Set.of(Access.READ), Duration.ofHours(1));
    var write = server.urls.sign("key", Set.of(Access.WRITE), Duration.ofHours(1));
    var body = BodyPublishers.ofString("hullo");
    assertThat(server.get(read).statusCode()).isEqualTo(200);
    assertThat(server.send(server.request(read).HEAD()).statusCode()).isEqualTo(200);
    assertThat(server.send(server.request(read).PUT(body)).statusCode()).isEqualTo(403);
    assertThat(server.send(server.request(read).DELETE()).statusCode()).isEqualTo(403);
    assertThat(server.get(write).statusCode()).isEqualTo(403);
    assertThat(server.send(server.request(write).DELETE()).statusCode()).isEqualTo(403);
    assertThat(server.blobs.find("key").orElseThrow().md5()).isEqualTo(HELLO_MD5);
    assertThat(server.send(server.request(write).PUT(body)).statusCode()).isEqualTo(201);
  }

  @Test
  void forbidsAnExpiredAndAForgedToken() throws Exception {
    put("key", "hello");
    var aDayAgo = Clock.offset(Clock.systemUTC(), Duration.ofDays(-1));
    var expired =
        SignedUrls.open(config().dataDirectory(), () -> server.uri(""), aDayAgo)
            .sign("key", Set.of(Access.READ), Duration.ofHours(1));
    assertThat(server.get(expired).statusCode()).isEqualTo(403);
    var prolonged = expired.toString().replaceAll("expires=.*", "expires=never");
    assertThat(server.get(URI.create(prolonged)).statusCode()).isEqualTo(403);
    var ofAnotherBlob = server.blob("other").toString().replace("/other?", "/key?");
    assertThat(server.get(URI.create(ofAnotherBlob)).statusCode()).isEqualTo(403);
  }

  @Test
  void noTokenReachesTheLog() throws Exception {
    var stderr = System.err;
    var log = new ByteArrayOutputStream();
    System.setErr(new PrintStream(log, true, StandardCharsets.UTF_8));
    var good = server.blob("logged");
    var wrong = URI.create(good.toString().replace("token=", "token=canary"));
    try {
      server.send(server.request(good).PUT(BodyPublishers.ofString("hello")));
      server.get(good);
      server.get(wrong);
      server.send(server.request(good).DELETE());
      Files.writeString(directory.resolve("data/blobs/logged~blob"), "damaged");
      assertThat(server.get(good).statusCode()).isEqualTo(503);
    } finally {
      System.setErr(stderr);
    }
    var token = good.getRawQuery().replaceAll("token=rwd\\.(.*)&.*", "$1");
    assertThat(log.toString(StandardCharsets.UTF_8))
        .contains("blob stored key=logged size=5")
        .contains("blob refused method=GET uri=/v1/blobs/logged")
        .doesNotContain("canary", token);
  }

  private void put(String key, String content) {
    server.blobs.put(key, new ByteArrayInputStream(content.getBytes(StandardCharsets.UTF_8)));
  }

  private String[] unfinished() {
    return directory.resolve("data/unfinished").toFile().list();
  }
}
