package dev.ccbridge.fileserver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class StaticFilesTest {
  private static final String CHANGED = "Mon, 03 Aug 2015 12:00:00 GMT";

  @TempDir private Path directory;
  private FileServerFixture server;

  @BeforeEach
  void serve() throws Exception {
    var first = Files.createDirectories(directory.resolve("first"));
    var second = Files.createDirectories(directory.resolve("second"));
    write(first.resolve("lifecycle/lifecycle.tgz"), "0123456789");
    write(second.resolve("lifecycle/lifecycle.tgz"), "hidden by the first");
    write(second.resolve("lifecycle/more & <less>.txt"), "more");
    write(second.resolve("site/index.html"), "<p>site");
    write(directory.resolve("secret"), "secret");
    write(directory.resolve("first-secret/secret"), "secret");
    write(directory.resolve("linked/inside"), "secret");
    Files.createSymbolicLink(first.resolve("link-out"), directory.resolve("secret"));
    Files.createSymbolicLink(first.resolve("link-dir"), directory.resolve("linked"));
    Files.createSymbolicLink(first.resolve("link-up"), Path.of(".."));
    Files.createSymbolicLink(first.resolve("link-loop"), Path.of("link-loop"));
    Files.createSymbolicLink(first.resolve("link-in"), Path.of("lifecycle/lifecycle.tgz"));
    server =
        new FileServerFixture(
            new FileServerConfig(List.of(first, second), directory.resolve("data")));
  }

  @AfterEach
  void stop() {
    server.close();
  }

  private static void write(Path file, String content) throws Exception {
    Files.createDirectories(file.getParent());
    Files.writeString(file, content);
    Files.setLastModifiedTime(file, FileTime.from(Instant.parse("2015-08-03T12:00:00.9Z")));
  }

  @Test
  void servesAFileWithTypeAndDateButNoTag() throws Exception {
    var response = server.get(server.uri("/v1/static/lifecycle/lifecycle.tgz"));
    assertThat(response.statusCode()).isEqualTo(200);
    assertThat(response.body()).isEqualTo("0123456789");
    var headers = response.headers();
    assertThat(headers.firstValue("Content-Type")).hasValue("application/gzip");
    assertThat(headers.firstValue("Last-Modified")).hasValue(CHANGED);
    assertThat(headers.firstValue("Accept-Ranges")).hasValue("bytes");
    assertThat(headers.firstValue("ETag")).isEmpty();
  }

  @Test
  void answersHeadWithSizeAndNoBody() throws Exception {
    var uri = server.uri("/v1/static/lifecycle/lifecycle.tgz");
    var response = server.send(server.request(uri).HEAD());
    assertThat(response.statusCode()).isEqualTo(200);
    assertThat(response.body()).isEmpty();
    assertThat(response.headers().firstValue("Content-Length")).hasValue("10");
  }

  @ParameterizedTest
  @CsvSource({
    "Range, bytes=2-3, 206, 23",
    "Range, bytes=10-, 416, ''",
    "If-Modified-Since, 'Mon, 03 Aug 2015 12:00:00 GMT', 304, ''",
    "If-Modified-Since, 'Mon, 03 Aug 2015 11:59:59 GMT', 200, 0123456789",
  })
  void servesRangesAndConditions(String name, String value, int status, String body)
      throws Exception {
    var uri = server.uri("/v1/static/lifecycle/lifecycle.tgz");
    var response = server.send(server.request(uri).header(name, value));
    assertThat(response.statusCode()).isEqualTo(status);
    assertThat(response.body()).isEqualTo(body);
  }

  @ParameterizedTest
  @CsvSource({
    "/v1/static, /v1/static/",
    "/v1/static/lifecycle, /v1/static/lifecycle/",
    "/v1/static/lifecycle?a=1, /v1/static/lifecycle/?a=1",
    "/v1/static/site/index.html, ./",
    "/v1/static/lifecycle/lifecycle.tgz/, ../lifecycle.tgz",
  })
  void redirectsToTheOneNameOfAThing(String path, String location) throws Exception {
    var response = server.get(server.uri(path));
    assertThat(response.statusCode()).isEqualTo(301);
    assertThat(response.headers().firstValue("Location")).hasValue(location);
  }

  @Test
  void servesTheIndexOfADirectory() throws Exception {
    var response = server.get(server.uri("/v1/static/site/"));
    assertThat(response.body()).isEqualTo("<p>site");
    assertThat(response.headers().firstValue("Content-Type")).hasValue("text/html; charset=utf-8");
  }

  @Test
  void listsADirectoryOfAllStaticDirectories() throws Exception {
    var response = server.get(server.uri("/v1/static/lifecycle/"));
    assertThat(response.headers().firstValue("Content-Type")).hasValue("text/html; charset=utf-8");
    assertThat(response.body())
        .isEqualTo(
            """
            <pre>
            <a href="lifecycle.tgz">lifecycle.tgz</a>
            <a href="more%20%26%20%3Cless%3E.txt">more &amp; &lt;less&gt;.txt</a>
            </pre>
            """);
    assertThat(server.get(server.uri("/v1/static/lifecycle/more%20%26%20%3Cless%3E.txt")).body())
        .isEqualTo("more");
  }

  @Test
  void listsNothingThatItDoesNotServe() throws Exception {
    assertThat(server.get(server.uri("/v1/static/")).body())
        .isEqualTo(
            """
            <pre>
            <a href="lifecycle/">lifecycle/</a>
            <a href="link-in">link-in</a>
            <a href="site/">site/</a>
            </pre>
            """);
  }

  @Test
  void followsALinkThatStaysInside() throws Exception {
    assertThat(server.get(server.uri("/v1/static/link-in")).body()).isEqualTo("0123456789");
    assertThat(server.get(server.uri("/v1/static//./lifecycle//lifecycle.tgz")).body())
        .isEqualTo("0123456789");
  }

  /** Sent as they stand: a client library might tidy them up. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "/v1/static/../secret",
        "/v1/static/lifecycle/../../secret",
        "/v1/static/../first/lifecycle/lifecycle.tgz",
        "/v1/static/../first-secret/secret",
        "/v1/static/%2e%2e/secret",
        "/v1/static/%2E%2E%2Fsecret",
        "/v1/static/..%2fsecret",
        "/v1/static/..%5csecret",
        "/v1/static/..%5c..%5csecret",
        "/v1/static/lifecycle%5clifecycle.tgz",
        "/v1/static/%252e%252e/secret",
        "/v1/static/%c0%ae%c0%ae/secret",
        "/v1/static/lifecycle/lifecycle.tgz%00",
        "/v1/static/%00",
        "/v1/static/link-out",
        "/v1/static/link-dir/inside",
        "/v1/static/link-dir/",
        "/v1/static/link-up/secret",
        "/v1/static/link-up/first/lifecycle/lifecycle.tgz/../../../secret",
        "/v1/static/link-loop",
        "/v1/static/lifecycle/lifecycle.tgz/below",
        "/v1/static/../data/url-signing.key",
        "/v1/static/absent",
        "/v1/static/absent/",
        "/v1/static/%e4%b8%ad",
      })
  void nothingOutsideIsReachable(String path) throws Exception {
    assertThat(server.raw("GET " + path + " HTTP/1.1\r\nHost: x\r\n\r\n"))
        .isEqualTo("HTTP/1.1 404 Not Found");
  }

  @ParameterizedTest
  @ValueSource(strings = {"/v1/static/..\\secret", "/v1/static/\0", "/v1/static/%zz"})
  void whatIsNoUriIsABadRequest(String path) throws Exception {
    assertThat(server.raw("GET " + path + " HTTP/1.1\r\nHost: x\r\n\r\n"))
        .startsWith("HTTP/1.1 400 ");
  }

  @Test
  void aNameTooLongForAFileIsNotThere() throws Exception {
    assertThat(server.get(server.uri("/v1/static/" + "a".repeat(5000))).statusCode())
        .isEqualTo(404);
  }

  @Test
  void isReadOnly() throws Exception {
    var uri = server.uri("/v1/static/lifecycle/lifecycle.tgz");
    var response = server.send(server.request(uri).PUT(BodyPublishers.ofString("x")));
    assertThat(response.statusCode()).isEqualTo(405);
    assertThat(response.headers().firstValue("Allow")).hasValue("GET, HEAD");
  }

  @Test
  void logsOneLinePerRequestWithoutItsQuery() throws Exception {
    var stderr = System.err;
    var log = new ByteArrayOutputStream();
    System.setErr(new PrintStream(log, true, StandardCharsets.UTF_8));
    try {
      server.get(server.uri("/v1/static/lifecycle/lifecycle.tgz?token=canary"));
      server.send(server.request(server.uri("/v1/static/absent")).HEAD());
    } finally {
      System.setErr(stderr);
    }
    assertThat(log.toString(StandardCharsets.UTF_8).lines())
        .hasSize(2)
        .anyMatch(
            line ->
                line.endsWith(
                    "file-server.static-file.response status=200 size=10 method=GET"
                        + " uri=/v1/static/lifecycle/lifecycle.tgz"))
        .anyMatch(
            line ->
                line.endsWith(
                    "file-server.static-file.response status=404 size=0 method=HEAD"
                        + " uri=/v1/static/absent"));
  }

  @Test
  void aStaticDirectoryMustBeThere() {
    assertThatThrownBy(() -> new StaticFiles(List.of(directory.resolve("absent"))))
        .hasMessageContaining("absent is not there, wanted a directory");
  }

  @ParameterizedTest
  @CsvSource({
    "a.tgz, application/gzip",
    "a.ZIP, application/zip",
    "a.json, application/json",
    "a.unknown, application/octet-stream",
    "tgz, application/octet-stream",
    "a, application/octet-stream",
  })
  void knowsTypesByExtension(String name, String type) {
    assertThat(ContentTypes.of(name)).isEqualTo(type);
  }
}
