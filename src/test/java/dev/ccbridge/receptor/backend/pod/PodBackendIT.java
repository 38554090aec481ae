package dev.ccbridge.receptor.backend.pod;

import dev.ccbridge.receptor.backend.Backend;
import dev.ccbridge.receptor.backend.BackendContract;
import dev.ccbridge.receptor.backend.Container;
import java.io.ByteArrayOutputStream;
import java.nio.file.Path;
import java.time.Clock;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;

/** The contract on a real node. */
class PodBackendIT extends BackendContract {
  private final PodCluster cluster = PodCluster.orSkip();

  @Override
  protected Backend backend(Path directory) {
    return new PodBackend(cluster.newClient(), cluster.config(), Clock.systemUTC());
  }

  @AfterAll
  void deleteNamespace() {
    cluster.close();
  }

  @Override
  protected String hostOfLocalServer(int port) throws Exception {
    return cluster.expose(port);
  }

  /** A Pod's disk goes with it, and the node's is not ours to write to. */
  @Override
  protected boolean keepsDownloads() {
    return false;
  }

  @Override
  protected boolean keepsInstances() {
    return true;
  }

  /** Through the API server, as Pods need not be reached from here. */
  @Override
  protected String get(Reached at, String path) {
    var pod =
        cluster.client().pods().inNamespace(cluster.namespace()).list().getItems().stream()
            .filter(p -> at.address().equals(p.getStatus().getPodIP()))
            .filter(p -> "Running".equals(p.getStatus().getPhase()))
            .findFirst()
            .orElseThrow();
    var url = "/api/v1/namespaces/%s/pods/%s:%d/proxy%s";
    return cluster
        .client()
        .raw(url.formatted(cluster.namespace(), pod.getMetadata().getName(), at.port(), path));
  }

  @Override
  protected void makeSick(Container instance) throws Exception {
    var out = new ByteArrayOutputStream();
    try (var exec =
        cluster
            .client()
            .pods()
            .inNamespace(cluster.namespace())
            .withName(PodMarks.podName(instance.guid()))
            .writingOutput(out)
            .writingError(out)
            .exec("/bin/touch", "/home/vcap/go")) {
      exec.exitCode().get(20, TimeUnit.SECONDS);
    }
  }
}
