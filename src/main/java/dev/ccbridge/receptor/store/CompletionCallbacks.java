package dev.ccbridge.receptor.store;

import com.fasterxml.jackson.core.JsonProcessingException;
import dev.ccbridge.receptor.model.ReceptorException;
import dev.ccbridge.receptor.model.ReceptorJson;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells of finished tasks, each to its callback URL, by a bounded number of workers. A task whose
 * receiver answered is deleted; otherwise it stays RESOLVING until convergence takes it up again.
 * Thread-safe.
 */
final class CompletionCallbacks implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(CompletionCallbacks.class);

  private final TaskStore tasks;
  private final CallbackClient client;
  private final ExecutorService workers;

  /** Queued or being made. */
  private final Set<String> underWay = ConcurrentHashMap.newKeySet();

  CompletionCallbacks(TaskStore tasks, CallbackClient client, int workers) {
    this.tasks = tasks;
    this.client = client;
    this.workers =
        Executors.newFixedThreadPool(
            workers, Thread.ofVirtual().name("receptor-callback-", 0).factory());
  }

  /** Makes the callback soon, if the task has one and is COMPLETED then. */
  void submit(StoredTask task) {
    if (!task.hasCallback() || !underWay.add(task.guid())) {
      return;
    }
    try {
      workers.execute(() -> work(task.guid()));
    } catch (RejectedExecutionException closing) {
      underWay.remove(task.guid());
    }
  }

  boolean isUnderWay(String guid) {
    return underWay.contains(guid);
  }

  /** Interrupts the callbacks under way; they are made again after the next start. */
  @Override
  public void close() {
    workers.shutdownNow();
    client.close();
  }

  private void work(String guid) {
    try {
      var task = tasks.resolve(guid);
      if (task.isPresent()) {
        deliver(task.get());
      }
    } catch (InterruptedException closing) {
      Thread.currentThread().interrupt();
    } catch (JsonProcessingException | ReceptorException failure) {
      LOG.error("completion callback failed taskGuid={}", guid, failure);
    } finally {
      underWay.remove(guid);
    }
  }

  private void deliver(StoredTask task) throws InterruptedException, JsonProcessingException {
    // As it was before it was claimed, so the state says COMPLETED; progress is only for who asks.
    var body = ReceptorJson.mapper().writeValueAsBytes(task.toResponse(null));
    if (client.post(task.request().completionCallbackUrl(), body)) {
      Records.await(tasks.removeResolving(task));
      return;
    }
    LOG.warn("completion callback not delivered, will be tried again taskGuid={}", task.guid());
  }
}
