package dev.ccbridge.bench;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;

/** A Cloud Controller that asks for many stagings at the same moment. */
final class StagerDoor {
  private final URI stager;
  private final String source;

  /**
   * @param source of each app
   */
  StagerDoor(URI stager, String source) {
    this.stager = stager;
    this.source = source;
  }

  /**
   * @param perSecond answers, from the first request to the last answer
   * @param statuses how many answers had which
   */
  record Result(double perSecond, Samples millis, Map<Integer, Integer> statuses) {}

  private record Answer(int status, double millis) {}

  /** All requests are sent at once, on connections of their own. */
  Result put(int count) throws Exception {
    var go = new CountDownLatch(1);
    try (var client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
        var pool = Executors.newVirtualThreadPerTaskExecutor()) {
      var calls =
          IntStream.range(0, count)
              .mapToObj(
                  i ->
                      pool.submit(
                          (Callable<Answer>)
                              () -> {
                                go.await();
                                return put(client);
                              }))
              .toList();
      var begin = System.nanoTime();
      go.countDown();
      var statuses = new TreeMap<Integer, Integer>();
      var millis = new double[count];
      for (var i = 0; i < count; i++) {
        var answer = calls.get(i).get();
        statuses.merge(answer.status(), 1, Integer::sum);
        millis[i] = answer.millis();
      }
      return new Result(count / ((System.nanoTime() - begin) / 1e9), new Samples(millis), statuses);
    }
  }

  private Answer put(HttpClient client) throws IOException, InterruptedException {
    var app = UUID.randomUUID();
    var request =
        HttpRequest.newBuilder(URI.create(stager + "/v1/staging/" + app + "-" + UUID.randomUUID()))
            .header("Content-Type", "application/json")
            .PUT(BodyPublishers.ofString(message(app)))
            .build();
    var begin = System.nanoTime();
    var status = client.send(request, BodyHandlers.discarding()).statusCode();
    return new Answer(status, (System.nanoTime() - begin) / 1e6);
  }

  /** As CC sends it, with an environment of usual size. */
  private String message(UUID app) {
    return """
        {"app_id":"%1$s","file_descriptors":16384,"memory_mb":0,"disk_mb":0,"timeout":900,
         "environment":[{"name":"VCAP_APPLICATION","value":"{\\"application_id\\":\\"%1$s\\",\\"limits\\":{\\"mem\\":1024}}"},
          {"name":"VCAP_SERVICES","value":"{}"},{"name":"MEMORY_LIMIT","value":"1024m"},{"name":"CF_STACK","value":"cflinuxfs4"}],
         "log_guid":"%1$s","lifecycle":"buildpack","lifecycle_data":{"app_bits_download_uri":"%2$s",
          "build_artifacts_cache_upload_uri":"http://u:p@127.0.0.1:1/c","droplet_upload_uri":"http://u:p@127.0.0.1:1/d",
          "buildpacks":[],"stack":"cflinuxfs4"}}"""
        .formatted(app, source);
  }
}
