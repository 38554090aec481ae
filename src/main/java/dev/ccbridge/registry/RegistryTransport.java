package dev.ccbridge.registry;

import dev.ccbridge.ErrorKind;
import dev.ccbridge.TrustEverybody;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpClient.Redirect;
import java.net.http.HttpClient.Version;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * HTTP to registries: which scheme a registry speaks, who we are there, and redirects. A token or
 * password goes to the registry it is for and to the realm that this registry names, and to nobody
 * that either redirects to. Thread-safe.
 *
 * <p>Source: distribution-spec 1.1 and docker/distribution docs/spec/auth/token.md.
 */
final class RegistryTransport implements AutoCloseable {
  private static final int MAX_REDIRECTS = 5;
  private static final int MAX_TOKEN_BYTES = 1 << 20;
  private static final int MAX_ERROR_BYTES = 1 << 16;

  private final RegistryConfig config;
  private final HttpClient verifying;
  private final HttpClient trusting;
  private final Map<String, URI> roots = new ConcurrentHashMap<>();
  private final Map<String, String> authorizations = new ConcurrentHashMap<>();

  RegistryTransport(RegistryConfig config) {
    this.config = config;
    this.verifying = client().build();
    this.trusting = client().sslContext(TrustEverybody.sslContext()).build();
  }

  private HttpClient.Builder client() {
    return HttpClient.newBuilder()
        .version(Version.HTTP_1_1)
        .connectTimeout(config.timeout())
        .followRedirects(Redirect.NEVER)
        .executor(Executors.newVirtualThreadPerTaskExecutor());
  }

  /**
   * One request at the API of {@code image}'s registry.
   *
   * @param path below {@code /v2/<repository>/}, or an absolute URL that the registry gave
   * @param shape adds method, body and headers
   * @param limit for all of the answer
   * @throws RegistryException UNAVAILABLE if there is no answer; INVALID_REQUEST if the registry
   *     does not know us
   */
  Answer send(
      ImageReference image, String path, UnaryOperator<HttpRequest.Builder> shape, Duration limit) {
    var root = root(image);
    var uri = root.resolve("/v2/" + image.repository() + "/").resolve(path);
    var answer = sendAuthorized(image, uri, shape, limit);
    for (int hop = 0; isRedirect(answer); hop++) {
      var next = redirect(answer, root, hop);
      answer.close();
      // No credentials any more: this is where the registry keeps its blobs, not the registry.
      answer = exchange(client(root), shape.apply(HttpRequest.newBuilder(next)), limit);
    }
    return answer;
  }

  private static boolean isRedirect(Answer answer) {
    return switch (answer.status()) {
      case 301, 302, 303, 307, 308 -> !answer.header("location").isEmpty();
      default -> false;
    };
  }

  private static URI redirect(Answer answer, URI root, int hop) {
    var from = answer.response().uri();
    if (hop >= MAX_REDIRECTS) {
      answer.close();
      throw RegistryException.invalid(
          "registry " + root.getAuthority() + " redirects more than " + MAX_REDIRECTS + " times");
    }
    var next = url(from, answer.header("location"));
    var downgrade = "https".equals(from.getScheme()) && !"https".equals(next.getScheme());
    if (downgrade || next.getHost() == null) {
      answer.close();
      throw RegistryException.invalid(
          "registry " + root.getAuthority() + " redirects away from https, or to no host");
    }
    return next;
  }

  private static URI url(URI base, String location) {
    try {
      return base.resolve(location);
    } catch (IllegalArgumentException e) {
      throw new RegistryException(
          ErrorKind.INVALID_REQUEST, base.getAuthority() + " gave a place that is no URL", e);
    }
  }

  private Answer sendAuthorized(
      ImageReference image, URI uri, UnaryOperator<HttpRequest.Builder> shape, Duration limit) {
    var root = root(image);
    if (!sameOrigin(root, uri)) {
      return exchange(client(root), shape.apply(HttpRequest.newBuilder(uri)), limit);
    }
    var known = authorizations.get(key(image));
    var answer = exchange(client(root), request(uri, shape, known), limit);
    if (answer.status() != 401) {
      return answer;
    }
    var challenges = answer.response().headers().allValues("www-authenticate");
    answer.close();
    var fresh =
        challenges.stream()
            .map(Challenge::parse)
            .flatMap(challenge -> authorization(image, challenge).stream())
            .findFirst();
    if (fresh.isEmpty()) {
      throw denied(image);
    }
    authorizations.put(key(image), fresh.get());
    return exchange(client(root), request(uri, shape, fresh.get()), limit);
  }

  private static HttpRequest.Builder request(
      URI uri, UnaryOperator<HttpRequest.Builder> shape, @Nullable String authorization) {
    var request = shape.apply(HttpRequest.newBuilder(uri));
    return authorization == null ? request : request.setHeader("Authorization", authorization);
  }

  private static String key(ImageReference image) {
    return image.registry() + "/" + image.repository();
  }

  private RegistryException denied(ImageReference image) {
    var hint =
        credentials(image).isPresent() ? "with the credentials given" : "without credentials";
    return RegistryException.invalid(
        "registry " + host(image) + " refuses " + image.repository() + " " + hint);
  }

  private Optional<Credentials> credentials(ImageReference image) {
    return Optional.ofNullable(
        config.credentials().get(image.isOfficial() ? "" : image.registry()));
  }

  /** The header that answers {@code challenge}; empty if we have nothing to answer with. */
  private Optional<String> authorization(ImageReference image, Challenge challenge) {
    if (challenge.isBasic()) {
      return credentials(image).map(Credentials::basic);
    }
    return challenge.isBearer() ? Optional.of(token(image, challenge)) : Optional.empty();
  }

  private String token(ImageReference image, Challenge challenge) {
    var root = root(image);
    var realm = url(root, challenge.parameter("realm"));
    var ours = credentials(image);
    if ("https".equals(root.getScheme()) && !"https".equals(realm.getScheme())) {
      throw RegistryException.invalid(
          "registry " + host(image) + " wants its tokens fetched without TLS");
    }
    UnaryOperator<HttpRequest.Builder> shape =
        request -> ours.map(us -> request.setHeader("Authorization", us.basic())).orElse(request);
    var query = "service=" + encoded(challenge.parameter("service"));
    for (var scope : scopes(image, challenge)) {
      query += "&scope=" + encoded(scope);
    }
    var uri = url(realm, realm.getRawPath() + "?" + joined(realm.getRawQuery(), query));
    var answer = exchange(client(root), shape.apply(HttpRequest.newBuilder(uri)), config.timeout());
    try (answer) {
      if (answer.status() == 401 || answer.status() == 403) {
        throw denied(image);
      }
      if (answer.status() != 200) {
        throw failed(answer, "token of registry " + host(image));
      }
      var json = Json.object(answer.bytes(MAX_TOKEN_BYTES), "token");
      var token = json.path("token").asText(json.path("access_token").asText(""));
      if (token.isEmpty() || token.chars().anyMatch(c -> c <= ' ' || c > '~')) {
        throw RegistryException.invalid("registry " + host(image) + " gave no usable token");
      }
      return "Bearer " + token;
    } catch (IOException e) {
      throw RegistryException.unreachable("token of registry " + host(image), e);
    }
  }

  private static String[] scopes(ImageReference image, Challenge challenge) {
    var wanted = challenge.parameter("scope");
    return (wanted.isEmpty() ? "repository:" + image.repository() + ":pull" : wanted).split(" ");
  }

  private static String joined(@Nullable String first, String second) {
    return first == null || first.isEmpty() ? second : first + "&" + second;
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }

  private static boolean sameOrigin(URI one, URI other) {
    return String.valueOf(one.getScheme()).equalsIgnoreCase(other.getScheme())
        && String.valueOf(one.getHost()).equalsIgnoreCase(other.getHost())
        && one.getPort() == other.getPort();
  }

  /** Host and port of the registry of {@code image}. */
  String host(ImageReference image) {
    return image.isOfficial() ? config.official() : image.registry();
  }

  private HttpClient client(URI root) {
    return isInsecure(root) ? trusting : verifying;
  }

  private boolean isInsecure(URI root) {
    return config.insecure().contains(root.getAuthority()) || isLoopback(root);
  }

  private static boolean isLoopback(URI root) {
    var host = String.valueOf(root.getHost());
    return host.equals("localhost") || host.startsWith("127.") || host.equals("[::1]");
  }

  private URI root(ImageReference image) {
    var host = host(image);
    var known = roots.get(host);
    if (known != null) {
      return known;
    }
    var secure = URI.create("https://" + host + "/");
    if (secure.getHost() == null) {
      throw RegistryException.invalid("registry \"" + host + "\": want a host, or host and port");
    }
    var root = isInsecure(secure) ? spoken(secure, host) : secure;
    roots.put(host, root);
    return root;
  }

  /**
   * An insecure registry speaks plain HTTP, or has a certificate that nobody knows. Plain HTTP is
   * asked first, without credentials: a server that wants TLS says at once that it is not HTTP,
   * while one that does not may wait for the rest of a line that never comes.
   *
   * @throws RegistryException UNAVAILABLE if nobody is there who could be asked; what it will speak
   *     is not known then
   */
  private URI spoken(URI secure, String host) {
    var plain = URI.create("http://" + host + "/");
    var ping = HttpRequest.newBuilder(plain.resolve("/v2/"));
    try (var answer = exchange(trusting, ping, config.timeout())) {
      return answer.status() == 400 || isRedirect(answer) ? secure : plain;
    } catch (RegistryException e) {
      if (e.getCause() instanceof ConnectException
          || e.getCause() instanceof HttpTimeoutException) {
        throw e;
      }
      return secure;
    }
  }

  private Answer exchange(HttpClient client, HttpRequest.Builder shaped, Duration limit) {
    var hasBody = shaped.copy().build().bodyPublisher().isPresent();
    var request = shaped.timeout(hasBody ? limit : config.timeout()).build();
    try {
      return new Answer(client.send(request, BodyHandlers.ofInputStream()), limit);
    } catch (IOException e) {
      throw RegistryException.unreachable("registry " + request.uri().getAuthority(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw RegistryException.unreachable("registry " + request.uri().getAuthority(), e);
    }
  }

  /** What went wrong, in the registry's words. Closes {@code answer}. */
  RegistryException failed(Answer answer, String what) {
    try (answer) {
      var status = answer.status();
      var kind =
          switch (status) {
            case 404 -> ErrorKind.NOT_FOUND;
            case 408, 425, 429 -> ErrorKind.UNAVAILABLE;
            default -> status >= 500 ? ErrorKind.UNAVAILABLE : ErrorKind.INVALID_REQUEST;
          };
      return new RegistryException(kind, what + ": HTTP status " + status + reason(answer));
    }
  }

  private static String reason(Answer answer) {
    try {
      var error = Json.object(answer.beginning(MAX_ERROR_BYTES), "error").path("errors").path(0);
      var code = error.path("code").asText("");
      return code.matches("[A-Z_]{1,40}") ? " (" + code + ")" : "";
    } catch (RegistryException noJson) {
      return "";
    }
  }

  @Override
  public void close() {
    verifying.shutdownNow();
    trusting.shutdownNow();
  }
}
