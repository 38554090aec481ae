package dev.ccbridge.operator;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.javaoperatorsdk.operator.Operator;
import io.javaoperatorsdk.operator.api.reconciler.Reconciler;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** Runs the reconcilers with java-operator-sdk. */
final class Controllers implements AutoCloseable, Lacking {
  private static final int WORKFLOWS_AT_A_TIME = 32;
  private static final Duration END_PATIENCE = Duration.ofSeconds(10);

  private final Operator operator;
  private final Set<String> namespaces;

  /**
   * @param name of the controller, or of them all, for its metrics
   * @param kubernetes stays open when this closes
   * @param namespaces to watch; empty: all
   */
  Controllers(
      String name, KubernetesClient kubernetes, List<String> namespaces, MeterRegistry metrics) {
    this.namespaces = Set.copyOf(namespaces);
    // Made here, because the SDK may read its settings more than once.
    var measures = new ControllerMetrics(name, metrics);
    var queue = new ReconcileQueue(name, metrics);
    var workflows = workflows();
    this.operator =
        new Operator(
            settings ->
                settings
                    .withKubernetesClient(kubernetes)
                    .withCloseClientOnStop(false)
                    .withMetrics(measures)
                    .withExecutorService(queue)
                    .withWorkflowExecutorService(workflows)
                    .withReconciliationTerminationTimeout(END_PATIENCE));
    Gauge.builder("ccbridge.informers.out.of.step", () -> lacking().size())
        .description("informers that do not follow the Kubernetes API at the moment")
        .tag(ControllerMetrics.CONTROLLER, name)
        .register(metrics);
  }

  private static ExecutorService workflows() {
    return Executors.newFixedThreadPool(
        WORKFLOWS_AT_A_TIME, Thread.ofVirtual().name("workflow-", 0).factory());
  }

  /** Returns when all caches are filled. */
  void start(List<Reconciler<?>> reconcilers) {
    for (var reconciler : reconcilers) {
      operator.register(
          reconciler,
          overrides -> {
            if (!namespaces.isEmpty()) {
              overrides.settingNamespaces(namespaces);
            }
          });
    }
    operator.start();
  }

  /** Informers that do not follow the API server at the moment. */
  @Override
  public List<String> lacking() {
    var names = new TreeSet<String>();
    operator
        .getRuntimeInfo()
        .unhealthyEventSources()
        .forEach(
            (controller, sources) ->
                sources.keySet().forEach(s -> names.add(controller + "/" + s)));
    return names.stream().map(name -> "informer " + name + " is out of step").toList();
  }

  @Override
  public void close() {
    operator.stop();
  }
}
