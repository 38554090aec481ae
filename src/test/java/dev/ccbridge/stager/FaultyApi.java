package dev.ccbridge.stager;

import dev.ccbridge.kubernetes.DevCluster;
import dev.ccbridge.web.HttpService;
import dev.ccbridge.web.Request;
import dev.ccbridge.web.Response;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;

/** The embedded Kubernetes API behind something that goes wrong. Lives as long as the JVM. */
final class FaultyApi {
  private static final KubernetesClient REAL = DevCluster.shared().client();

  /**
   * @param status answered in place of the real answer; 0: the real one, once {@code latch} is open
   */
  private record Fault(String method, String path, int status, CountDownLatch latch) {
    boolean strikes(Request request) {
      return request.method().equals(method) && request.rawPath().contains(path);
    }
  }

  private final List<Fault> faults = new CopyOnWriteArrayList<>();
  private final List<String> methods = new CopyOnWriteArrayList<>();
  private final HttpService http =
      HttpService.start(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), this::handle);

  FaultyApi answer(String method, String path, int status) {
    faults.add(new Fault(method, path, status, new CountDownLatch(0)));
    return this;
  }

  FaultyApi hold(String method, String path, CountDownLatch latch) {
    faults.add(new Fault(method, path, 0, latch));
    return this;
  }

  int count(String method) {
    return (int) methods.stream().filter(method::equals).count();
  }

  /** That does not try again by itself, so that a test need not wait for it. */
  KubernetesClient client() {
    return new KubernetesClientBuilder()
        .withConfig(
            new ConfigBuilder(Config.empty())
                .withMasterUrl(http.uri().toString())
                .withRequestRetryBackoffLimit(0)
                .withRequestTimeout(60_000)
                .build())
        .build();
  }

  private Response handle(Request request) throws Exception {
    var body = new String(request.body(1 << 22), StandardCharsets.UTF_8);
    for (var fault : faults) {
      if (fault.strikes(request)) {
        fault.latch().await();
        if (fault.status() != 0) {
          return Response.json(fault.status(), "{}".getBytes(StandardCharsets.UTF_8));
        }
      }
    }
    methods.add(request.method());
    try {
      var answer =
          REAL.raw(
              request.uri().toString(),
              request.method(),
              body.isEmpty() ? null : new KubernetesSerialization().unmarshal(body, Object.class));
      return answer == null
          ? Response.json(404, "{}".getBytes(StandardCharsets.UTF_8))
          : Response.json(200, answer.getBytes(StandardCharsets.UTF_8));
    } catch (KubernetesClientException refused) {
      return Response.json(
          refused.getCode(),
          Serialization.asJson(refused.getStatus()).getBytes(StandardCharsets.UTF_8));
    }
  }
}
