package dev.ccbridge.web;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** One request as a handler sees it. Not thread-safe; the body can be read once. */
public final class Request {
  private final String method;
  private final URI uri;
  private final Map<String, List<String>> headers;
  private final IncomingBody body;
  private final Map<String, String> parameters;
  private final Map<String, List<String>> query;

  /**
   * @param headers names in any case
   * @param body read by nobody else
   */
  public Request(String method, URI uri, Map<String, List<String>> headers, InputStream body) {
    this(method, uri, headers, new IncomingBody(body));
  }

  Request(String method, URI uri, Map<String, List<String>> headers, IncomingBody body) {
    this(
        method,
        uri,
        headers,
        body,
        Map.of(),
        parseQuery(uri.getRawQuery() == null ? "" : uri.getRawQuery()));
  }

  private Request(
      String method,
      URI uri,
      Map<String, List<String>> headers,
      IncomingBody body,
      Map<String, String> parameters,
      Map<String, List<String>> query) {
    this.method = method;
    this.uri = uri;
    this.headers = headers;
    this.body = body;
    this.parameters = parameters;
    this.query = query;
  }

  Request with(Map<String, String> pathParameters) {
    return new Request(method, uri, headers, body, pathParameters, query);
  }

  public String method() {
    return method;
  }

  public URI uri() {
    return uri;
  }

  /** The path as sent, still percent-encoded. It may hold a guid, never a secret. */
  public String rawPath() {
    return uri.getRawPath() == null ? "" : uri.getRawPath();
  }

  /** A parameter of the route's pattern, percent-decoded; it may hold any character. */
  public String param(String name) {
    var value = parameters.get(name);
    if (value == null) {
      throw new IllegalArgumentException("the route has no parameter " + name);
    }
    return value;
  }

  /**
   * The first value of a query parameter, decoded; a parameter without {@code =} is the empty text.
   */
  public Optional<String> query(String name) {
    return Optional.ofNullable(query.get(name)).map(List::getFirst);
  }

  /** All query parameters in the order sent. */
  public Map<String, List<String>> queryParameters() {
    return query;
  }

  public Optional<String> header(String name) {
    return headerValues(name).stream().findFirst();
  }

  /** All header lines by name, in the case in which they came. */
  public Map<String, List<String>> headers() {
    return headers;
  }

  /** One entry per header line. */
  public List<String> headerValues(String name) {
    for (var header : headers.entrySet()) {
      if (name.equalsIgnoreCase(header.getKey())) {
        return header.getValue();
      }
    }
    return List.of();
  }

  /** Without its parameters, in lower case; empty when there is none. */
  public String mediaType() {
    var type = header("Content-Type").orElse("");
    var end = type.indexOf(';');
    return (end < 0 ? type : type.substring(0, end)).strip().toLowerCase(Locale.ROOT);
  }

  /**
   * The body as it arrives, without a limit: for what is streamed to disk under a limit of its own.
   */
  public InputStream bodyStream() {
    return body.stream();
  }

  /**
   * The whole body.
   *
   * @throws BodyTooLargeException when it has more than {@code maxBytes}; no more than that is held
   *     in memory
   * @throws RefusedException 408 when it does not arrive in time
   */
  public byte[] body(int maxBytes) throws IOException {
    return body.readAll(maxBytes);
  }

  private static Map<String, List<String>> parseQuery(String rawQuery) {
    var parsed = new LinkedHashMap<String, List<String>>();
    for (var pair : rawQuery.split("&")) {
      if (pair.isEmpty()) {
        continue;
      }
      var equals = pair.indexOf('=');
      var name = equals < 0 ? pair : pair.substring(0, equals);
      var value = equals < 0 ? "" : pair.substring(equals + 1);
      parsed.computeIfAbsent(decode(name), n -> new ArrayList<>()).add(decode(value));
    }
    return parsed;
  }

  private static String decode(String text) {
    try {
      return URLDecoder.decode(text, StandardCharsets.UTF_8);
    } catch (IllegalArgumentException notEncoded) {
      return text;
    }
  }
}
