package dev.ccbridge.operator;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.javaoperatorsdk.operator.Operator;
import io.javaoperatorsdk.operator.api.reconciler.Reconciler;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** Runs the reconcilers with java-operator-sdk. */
final class Controllers implements AutoCloseable, Lacking {
  private static final int RECONCILES_AT_A_TIME = 32;
  private static final Duration END_PATIENCE = Duration.ofSeconds(10);

  private final Operator operator;
  private final Set<String> namespaces;

  /**
   * @param kubernetes stays open when this closes
   * @param namespaces to watch; empty: all
   */
  Controllers(KubernetesClient kubernetes, List<String> namespaces) {
    this.namespaces = Set.copyOf(namespaces);
    this.operator =
        new Operator(
            settings ->
                settings
                    .withKubernetesClient(kubernetes)
                    .withCloseClientOnStop(false)
                    .withExecutorService(workers("reconcile-"))
                    .withWorkflowExecutorService(workers("workflow-"))
                    .withReconciliationTerminationTimeout(END_PATIENCE));
  }

  /**
   * Bounded: a thread for each of a thousand resources at once would need more memory than there
   * is.
   */
  private static ExecutorService workers(String name) {
    return Executors.newFixedThreadPool(
        RECONCILES_AT_A_TIME, Thread.ofVirtual().name(name, 0).factory());
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
