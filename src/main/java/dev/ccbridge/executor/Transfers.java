package dev.ccbridge.executor;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.http.HttpClient;
import java.net.http.HttpClient.Redirect;
import java.net.http.HttpClient.Version;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;

/**
 * HTTP as actions use it: streamed to and from files, redirects followed one by one under the
 * address rules, cut off after 10 minutes. Source: executor/depot/uploader,
 * cacheddownloader @39dc8e3.
 */
final class Transfers {
  static final int ATTEMPTS = 3;
  private static final int MAX_REDIRECTS = 10;
  private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(10);
  private static final Duration OVERALL_TIMEOUT = Duration.ofMinutes(10);
  private static final int NOT_MODIFIED = 304;

  private final HttpClient client =
      HttpClient.newBuilder()
          .version(Version.HTTP_1_1)
          .connectTimeout(CONNECT_TIMEOUT)
          .followRedirects(Redirect.NEVER)
          .executor(Executors.newVirtualThreadPerTaskExecutor())
          .build();
  private final AddressRules rules;
  private final Duration retryPause;
  private final Duration awayPatience;
  private final Duration stallTimeout;
  private final long maxBytes;

  Transfers(ExecutorConfig config) {
    this.rules = new AddressRules(config.allowLoopback());
    this.retryPause = config.retryPause();
    this.awayPatience = config.awayPatience();
    this.stallTimeout = config.stallTimeout();
    this.maxBytes = config.limits().maxBytes();
  }

  /** Something that is tried more than once. */
  interface Attempt<T> {

    /**
     * @param alive told whenever something was received; from the first time on, silence is a stall
     */
    T run(Runnable alive) throws TransferException, IOException, InterruptedException;
  }

  /**
   * What was fetched. {@code notModified}: the server says that what we have is right, and nothing
   * was written. {@code md5}: of the body, in hexadecimal digits.
   */
  record Fetched(
      boolean notModified,
      long bytes,
      String md5,
      Optional<String> etag,
      Optional<String> lastModified) {}

  /**
   * Tries up to three times, each on a thread that a stop or the overall timeout interrupts. That
   * the server is away does not count at first.
   *
   * @throws TransferException when no attempt succeeded
   * @throws StoppedException when cancelled
   * @throws AbandonedException when abandoned
   */
  <T> T attempt(Attempt<T> attempt, Cancellation cancellation)
      throws TransferException, StoppedException {
    var patience = new Patience();
    for (int tried = 1; ; tried++) {
      try {
        return patiently(patience, attempt, cancellation);
      } catch (TransferException e) {
        if (tried == ATTEMPTS || !e.isWorthRetrying()) {
          throw e;
        }
        pause(retryPause.multipliedBy(tried == 1 ? 1 : 4), cancellation);
      }
    }
  }

  /** From when on a server was away for the first time. */
  private final class Patience {
    private boolean isBegun;
    private long begin;

    boolean isOver() {
      long now = System.nanoTime();
      if (!isBegun) {
        isBegun = true;
        begin = now;
      }
      return now - begin >= awayPatience.toNanos();
    }
  }

  /** An attempt that reaches a server, if there is one in time. */
  private <T> T patiently(Patience patience, Attempt<T> attempt, Cancellation cancellation)
      throws TransferException, StoppedException {
    while (true) {
      try {
        return once(attempt, cancellation);
      } catch (ServerAwayException e) {
        if (patience.isOver()) {
          throw e;
        }
        pause(retryPause.multipliedBy(2), cancellation);
      }
    }
  }

  private static void pause(Duration time, Cancellation cancellation) throws StoppedException {
    if (cancellation.awaitStop(time)) {
      throw new StoppedException();
    }
  }

  private <T> T once(Attempt<T> attempt, Cancellation cancellation)
      throws TransferException, StoppedException {
    var heardAt = new AtomicLong();
    Callable<T> work = () -> attempt.run(() -> heardAt.set(System.nanoTime()));
    var task = new FutureTask<>(work);
    Runnable interrupt = () -> task.cancel(true);
    var worker = Thread.ofVirtual().unstarted(task);
    cancellation.listen(interrupt);
    try {
      worker.start();
      return await(task, heardAt);
    } catch (ExecutionException e) {
      throw asTransferException(e.getCause() == null ? e : e.getCause());
    } catch (CancellationException e) {
      cancellation.throwIfAbandoned();
      throw new StoppedException();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AbandonedException();
    } finally {
      cancellation.unlisten(interrupt);
      task.cancel(true);
      awaitEnd(worker);
    }
  }

  private <T> T await(FutureTask<T> task, AtomicLong heardAt)
      throws TransferException, ExecutionException, InterruptedException {
    long startedAt = System.nanoTime();
    while (true) {
      try {
        return task.get(stallTimeout.toNanos() / 4, TimeUnit.NANOSECONDS);
      } catch (TimeoutException e) {
        long now = System.nanoTime();
        if (now - startedAt > OVERALL_TIMEOUT.toNanos()) {
          throw new TransferException("not done within 10 minutes", true, e);
        }
        if (heardAt.get() != 0 && now - heardAt.get() > stallTimeout.toNanos()) {
          throw new TransferException("the server stopped sending", true, e);
        }
      }
    }
  }

  /** The files of an attempt may only be touched again once its thread is done with them. */
  private static void awaitEnd(Thread worker) {
    try {
      worker.join(Duration.ofSeconds(10));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static TransferException asTransferException(Throwable error) {
    return switch (error) {
      case TransferException ours -> ours;
      case HttpConnectTimeoutException e ->
          new ServerAwayException("no connection within 10 seconds", e);
      case ConnectException e -> new ServerAwayException("connection refused", e);
      // Neither the text of these nor their cause is shown: either may hold the URL.
      case IOException e -> new ServerAwayException("the connection broke", e);
      case UncheckedIOException e -> new ServerAwayException("the connection broke", e);
      default -> new TransferException("internal error", false, error);
    };
  }

  /** GETs into {@code target}. A 32-digit hexadecimal ETag is taken as the MD5 of the body. */
  Fetched get(URI uri, Map<String, String> conditions, Path target, Runnable alive)
      throws TransferException, IOException, InterruptedException {
    var at = uri;
    for (int redirects = 0; redirects <= MAX_REDIRECTS; redirects++) {
      rules.check(at);
      // Credentials in the URL are for the host that it names, not for where that sends us.
      var request = request(at, redirects == 0 || sameHost(at, uri) ? uri : at).GET();
      conditions.forEach(request::header);
      var response = client.send(request.build(), BodyHandlers.ofInputStream());
      try (var body = response.body()) {
        if (isRedirect(response.statusCode())) {
          at = target(at, response);
          continue;
        }
        return receive(response, body, !conditions.isEmpty(), target, alive);
      }
    }
    throw new TransferException("more than 10 redirects", false);
  }

  private Fetched receive(
      HttpResponse<?> response, InputStream body, boolean conditional, Path target, Runnable alive)
      throws TransferException, IOException {
    var etag = response.headers().firstValue("ETag");
    var lastModified = response.headers().firstValue("Last-Modified");
    int status = response.statusCode();
    if (status == NOT_MODIFIED && conditional) {
      return new Fetched(true, 0, "", etag, lastModified);
    }
    if (status != 200) {
      throw new TransferException("status code " + status, true);
    }
    alive.run();
    var digest = md5();
    long bytes = 0;
    try (var out = Files.newOutputStream(target)) {
      var buffer = new byte[64 * 1024];
      for (int n; (n = body.read(buffer)) >= 0; bytes += n) {
        if (bytes + n > maxBytes) {
          throw new TransferException("larger than " + maxBytes + " bytes", false);
        }
        alive.run();
        digest.update(buffer, 0, n);
        write(out, buffer, n);
      }
    }
    var md5 = HexFormat.of().formatHex(digest.digest());
    checkDigest(etag, md5);
    return new Fetched(false, bytes, md5, etag, lastModified);
  }

  /** What fails here is not the server's fault, and would fail again. */
  private static void write(OutputStream out, byte[] buffer, int length) throws TransferException {
    try {
      out.write(buffer, 0, length);
    } catch (IOException e) {
      throw new TransferException("the cell has no room for it", false, e);
    }
  }

  private static void checkDigest(Optional<String> etag, String actual) throws TransferException {
    var wanted = etag.map(text -> text.replace("\"", "")).orElse("");
    if (wanted.matches("[0-9a-fA-F]{32}") && !wanted.equalsIgnoreCase(actual)) {
      throw new TransferException("MD5 is " + actual + ", the ETag says " + wanted, true);
    }
  }

  /** POSTs a file and gives the status. */
  int post(URI uri, Path file, String md5)
      throws TransferException, IOException, InterruptedException {
    var at = uri;
    for (int redirects = 0; redirects <= MAX_REDIRECTS; redirects++) {
      rules.check(at);
      var request =
          request(at, redirects == 0 || sameHost(at, uri) ? uri : at)
              .header("Content-Type", "application/octet-stream")
              .header("Content-MD5", md5)
              .POST(BodyPublishers.ofFile(file))
              .build();
      var response = client.send(request, BodyHandlers.discarding());
      if (response.statusCode() != 307 && response.statusCode() != 308) {
        return response.statusCode();
      }
      at = target(at, response);
    }
    throw new TransferException("more than 10 redirects", false);
  }

  private static HttpRequest.Builder request(URI at, URI credentialsOf) throws TransferException {
    try {
      var bare =
          new URI(
              at.getScheme()
                  + "://"
                  + hostAndPort(at)
                  + (at.getRawPath() == null || at.getRawPath().isEmpty() ? "/" : at.getRawPath())
                  + (at.getRawQuery() == null ? "" : "?" + at.getRawQuery()));
      var request = HttpRequest.newBuilder(bare).timeout(OVERALL_TIMEOUT);
      var credentials = credentialsOf.getUserInfo();
      if (credentials != null) {
        var encoded =
            Base64.getEncoder().encodeToString(credentials.getBytes(StandardCharsets.UTF_8));
        request.header("Authorization", "Basic " + encoded);
      }
      return request;
    } catch (URISyntaxException | IllegalArgumentException e) {
      throw new TransferException("the URL is not valid", false);
    }
  }

  private static String hostAndPort(URI uri) {
    return uri.getPort() < 0 ? uri.getHost() : uri.getHost() + ":" + uri.getPort();
  }

  private static boolean sameHost(URI a, URI b) {
    return hostAndPort(a).equalsIgnoreCase(hostAndPort(b));
  }

  private static boolean isRedirect(int status) {
    return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
  }

  private static URI target(URI at, HttpResponse<?> response) throws TransferException {
    var location = response.headers().firstValue("Location").orElse("");
    try {
      return at.resolve(new URI(location));
    } catch (URISyntaxException e) {
      throw new TransferException("redirected to a URL that is not valid", false);
    }
  }

  /**
   * @throws TransferException without the URL in its message
   */
  static URI uri(String text) throws TransferException {
    try {
      return new URI(text);
    } catch (URISyntaxException e) {
      throw new TransferException("the URL is not valid", false);
    }
  }

  static MessageDigest md5() {
    try {
      return MessageDigest.getInstance("MD5");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has MD5", e);
    }
  }
}
