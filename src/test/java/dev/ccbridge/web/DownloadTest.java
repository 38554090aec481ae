package dev.ccbridge.web;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DownloadTest {
  private static final Instant CHANGED = Instant.parse("2015-08-03T12:00:00.700Z");
  private static final String CHANGED_DATE = "Mon, 03 Aug 2015 12:00:00 GMT";

  @TempDir private Path directory;

  @ParameterizedTest
  @CsvSource({
    "bytes=0-3, 206, 0123, bytes 0-3/10",
    "bytes=4-, 206, 456789, bytes 4-9/10",
    "bytes=-2, 206, 89, bytes 8-9/10",
    "bytes=-50, 206, 0123456789, bytes 0-9/10",
    "bytes=8-50, 206, 89, bytes 8-9/10",
    "bytes= 1 - 1 , 206, 1, bytes 1-1/10",
    "bytes=10-, 416, '', bytes */10",
    "bytes=5-4, 416, '', bytes */10",
    "bytes=-0, 416, '', bytes */10",
    "bytes=-, 416, '', bytes */10",
    "bytes=x-1, 416, '', bytes */10",
    "bytes=99999999999999999999-, 416, '', bytes */10",
    "'bytes=0-1,4-5', 200, 0123456789,",
    "lines=0-1, 200, 0123456789,",
  })
  void answersARange(String range, int status, String body, String contentRange) throws Exception {
    var response = download("tag").answer(request("GET", Map.of("Range", range)));
    assertThat(response.status()).isEqualTo(status);
    assertThat(bodyOf(response)).isEqualTo(body);
    assertThat(response.length()).isEqualTo(body.length());
    assertThat(header(response, "Content-Range")).isEqualTo(contentRange);
  }

  @Test
  void aRangeOfAnEmptyFileCannotBeHad() throws Exception {
    var file = Files.createFile(directory.resolve("empty"));
    var download = new Download(FileChannel.open(file), 0, "text/plain", CHANGED, null);
    assertThat(download.answer(request("GET", Map.of("Range", "bytes=0-"))).status())
        .isEqualTo(416);
  }

  @ParameterizedTest
  @CsvSource({
    "If-None-Match, '\"tag\"', 304",
    "If-None-Match, 'W/\"tag\"', 304",
    "If-None-Match, '\"other\", \"tag\"', 304",
    "If-None-Match, *, 304",
    "If-None-Match, '\"other\"', 200",
    "If-None-Match, tag, 200",
    "If-Modified-Since, 'Mon, 03 Aug 2015 12:00:00 GMT', 304",
    "If-Modified-Since, 'Tue, 4 Aug 2015 00:00:00 GMT', 304",
    "If-Modified-Since, 'Mon, 03 Aug 2015 11:59:59 GMT', 200",
    "If-Modified-Since, yesterday, 200",
  })
  void answersACondition(String name, String value, int status) throws Exception {
    var response = download("tag").answer(request("GET", Map.of(name, value)));
    assertThat(response.status()).isEqualTo(status);
    assertThat(bodyOf(response)).isEqualTo(status == 304 ? "" : "0123456789");
    assertThat(header(response, "ETag")).isEqualTo("\"tag\"");
    assertThat(header(response, "Last-Modified")).isEqualTo(CHANGED_DATE);
  }

  @Test
  void aTagThatDiffersOutweighsADateThatDoesNot() throws Exception {
    var headers = Map.of("If-None-Match", "\"other\"", "If-Modified-Since", CHANGED_DATE);
    assertThat(download("tag").answer(request("GET", headers)).status()).isEqualTo(200);
  }

  @ParameterizedTest
  @CsvSource({
    "'\"tag\"', 206",
    "'\"other\"', 200",
    "'W/\"tag\"', 200",
    "'Mon, 03 Aug 2015 12:00:00 GMT', 206",
    "'Mon, 03 Aug 2015 11:59:59 GMT', 200"
  })
  void continuesOnlyTheVersionThatTheClientHas(String ifRange, int status) throws Exception {
    var headers = Map.of("Range", "bytes=5-", "If-Range", ifRange);
    assertThat(download("tag").answer(request("GET", headers)).status()).isEqualTo(status);
  }

  @Test
  void sendsNoTagWhereThereIsNone() throws Exception {
    var response = download(null).answer(request("GET", Map.of("If-None-Match", "\"null\"")));
    assertThat(response.status()).isEqualTo(200);
    assertThat(response.headers()).doesNotContainKey("ETag");
  }

  @ParameterizedTest
  @ValueSource(strings = {"GET", "HEAD"})
  void closesTheFileWithTheAnswer(String method) throws Exception {
    var download = download("tag");
    var response = download.answer(request(method, Map.of()));
    response.writer().close();
    assertThat(response.length()).isEqualTo(10);
    assertThat(download.content().isOpen()).isFalse();
  }

  @Test
  void closesTheFileAtOnceWhenNothingOfItIsSent() throws Exception {
    var unchanged = download("tag");
    unchanged.answer(request("GET", Map.of("If-None-Match", "*")));
    assertThat(unchanged.content().isOpen()).isFalse();
    var beyondTheEnd = download("tag");
    beyondTheEnd.answer(request("GET", Map.of("Range", "bytes=10-")));
    assertThat(beyondTheEnd.content().isOpen()).isFalse();
  }

  private Download download(String etag) throws IOException {
    var file = directory.resolve("file");
    // More than the size: a file may have a trailer that is not for sending.
    Files.writeString(file, "0123456789trailer");
    return new Download(FileChannel.open(file), 10, "text/plain", CHANGED, etag);
  }

  private static Request request(String method, Map<String, String> headers) {
    var lines = new HashMap<String, List<String>>();
    headers.forEach((name, value) -> lines.put(name, List.of(value)));
    return new Request(method, URI.create("/file"), lines, InputStream.nullInputStream());
  }

  private static String header(Response response, String name) {
    var values = response.headers().get(name);
    return values == null ? null : values.getFirst();
  }

  private static String bodyOf(Response response) throws Exception {
    var out = new ByteArrayOutputStream();
    response.writer().writeTo(out);
    return out.toString(StandardCharsets.UTF_8);
  }
}
