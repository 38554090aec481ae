package dev.ccbridge.bench;

import dev.ccbridge.cloudcontroller.client.BulkClient;
import dev.ccbridge.cloudcontroller.client.CloudControllerConfig;
import dev.ccbridge.nsync.AppResources;
import dev.ccbridge.nsync.NsyncConfig;
import dev.ccbridge.nsync.bulk.AppWriter;
import dev.ccbridge.nsync.bulk.BulkSync;
import dev.ccbridge.nsync.bulk.BulkSyncConfig;
import dev.ccbridge.nsync.bulk.Outcome;
import dev.ccbridge.receptor.client.ReceptorClient;
import dev.ccbridge.receptor.client.ReceptorClientConfig;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.http.BasicBuilder;
import io.fabric8.kubernetes.client.http.HttpRequest;
import io.fabric8.kubernetes.client.http.Interceptor;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.File;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryType;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The bulker alone in a process, without the reconciler: a first round, and then a second one in
 * which nothing has changed. Prints what each took.
 */
final class BulkChild {
  private static final Duration PATIENCE = Duration.ofMinutes(10);

  private BulkChild() {}

  /**
   * @param arguments kubeconfig, URI of Cloud Controller, URI of the Receptor
   */
  public static void main(String[] arguments) throws Exception {
    var requests = new AtomicInteger();
    var kubernetes =
        new KubernetesClientBuilder()
            .withConfig(Config.fromKubeconfig(new File(arguments[0])))
            .withHttpClientBuilderConsumer(
                http -> http.addOrReplaceInterceptor("count", new Counting(requests)))
            .build();
    var cc =
        new BulkClient(
            new CloudControllerConfig(
                Optional.of(URI.create(arguments[1])), "bulk_api", "password", PATIENCE));
    var receptor =
        new ReceptorClient(
            new ReceptorClientConfig(URI.create(arguments[2]), Duration.ofSeconds(10), PATIENCE));
    var resources =
        new AppResources(
            NsyncConfig.of(Map.of("buildpack/cflinuxfs2", "bp.tgz"), "http://files.test")
                .withCcNamespace("default"),
            kubernetes);
    var sync =
        new BulkSync(
            BulkSyncConfig.of("default"),
            cc,
            kubernetes,
            receptor,
            AppWriter.of(resources),
            new SimpleMeterRegistry(),
            Clock.systemUTC());
    try (kubernetes;
        cc;
        receptor;
        sync) {
      measured("start: lists of resources and LRPs", requests, () -> ready(sync));
      measured("first round", requests, () -> print(sync.round()));
      // Until what the first one wrote has come back.
      TimeUnit.SECONDS.sleep(5);
      measured("idle round", requests, () -> print(sync.round()));
      measured("idle round", requests, () -> print(sync.round()));
    }
    System.exit(0);
  }

  @FunctionalInterface
  private interface Part {
    void run() throws Exception;
  }

  private static void measured(String name, AtomicInteger requests, Part part) throws Exception {
    ManagementFactory.getMemoryPoolMXBeans().forEach(pool -> pool.resetPeakUsage());
    requests.set(0);
    var cpu = cpu();
    var begin = System.nanoTime();
    part.run();
    var wall = System.nanoTime() - begin;
    var used = cpu() - cpu;
    var peak = peakHeapMiB();
    System.gc();
    var left = ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed() >> 20;
    System.out.printf(
        Locale.ROOT,
        "%-36s %7.2f s wall, %6.2f s CPU, %d requests to the Kubernetes API, heap peak %d MiB"
            + " (garbage included), %d MiB live after it%n",
        name,
        wall / 1e9,
        used / 1e9,
        requests.get(),
        peak,
        left);
  }

  private static void ready(BulkSync sync) throws InterruptedException {
    sync.watch();
    while (!sync.isReady()) {
      TimeUnit.MILLISECONDS.sleep(10);
    }
  }

  private static void print(Outcome outcome) {
    System.out.println("  " + outcome);
  }

  private static long cpu() {
    return ((com.sun.management.OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean())
        .getProcessCpuTime();
  }

  /** Sum of the pools' peaks, which need not have been at the same moment. */
  private static long peakHeapMiB() {
    return ManagementFactory.getMemoryPoolMXBeans().stream()
            .filter(pool -> pool.getType() == MemoryType.HEAP)
            .mapToLong(pool -> pool.getPeakUsage().getUsed())
            .sum()
        >> 20;
  }

  private record Counting(AtomicInteger requests) implements Interceptor {
    @Override
    public void before(BasicBuilder builder, HttpRequest request, RequestTags tags) {
      requests.incrementAndGet();
    }
  }
}
