package dev.ccbridge.receptor.server;

import dev.ccbridge.web.HttpService;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;

/** Requests without a body, to see the answer as it is. */
record Plain(HttpService service) {
  /** username:password */
  static final String BASIC = "Basic dXNlcm5hbWU6cGFzc3dvcmQ=";

  HttpResponse<String> send(String method, String path, String... headers) throws Exception {
    var request =
        HttpRequest.newBuilder(URI.create(service.uri() + path))
            .timeout(ReceptorUnderTest.SOON)
            .method(method, BodyPublishers.noBody());
    if (headers.length > 0) {
      request.headers(headers);
    }
    try (var http = HttpClient.newHttpClient()) {
      return http.send(request.build(), BodyHandlers.ofString());
    }
  }
}
