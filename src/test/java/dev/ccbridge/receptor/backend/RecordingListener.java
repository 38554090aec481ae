package dev.ccbridge.receptor.backend;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ccbridge.receptor.model.PortMapping;
import dev.ccbridge.receptor.model.TaskProgress;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;

/** Remembers what a backend told. */
public final class RecordingListener implements ContainerListener {

  /** Where an instance is reached. */
  public record Running(String address, List<PortMapping> ports) {}

  private final Map<String, CompletableFuture<Running>> running = new ConcurrentHashMap<>();
  private final Map<String, CompletableFuture<ContainerOutcome>> ended = new ConcurrentHashMap<>();
  private final Map<String, List<TaskProgress>> progress = new ConcurrentHashMap<>();
  private final Set<String> evacuating = ConcurrentHashMap.newKeySet();
  private final List<String> violations = new CopyOnWriteArrayList<>();

  @Override
  public void running(String guid, String address, List<PortMapping> ports) {
    refuseAfterEnd(guid, "running");
    if (!running(guid).complete(new Running(address, ports))) {
      violations.add("running told twice of " + guid);
    }
  }

  @Override
  public void evacuating(String guid) {
    refuseAfterEnd(guid, "evacuating");
    evacuating.add(guid);
  }

  /** The containers whose cell is to be emptied. */
  public Set<String> evacuating() {
    return evacuating;
  }

  @Override
  public void progressed(String guid, TaskProgress next) {
    refuseAfterEnd(guid, "progressed");
    progress(guid).add(next);
  }

  @Override
  public void ended(String guid, ContainerOutcome outcome) {
    if (!ended(guid).complete(outcome)) {
      violations.add("ended told twice of " + guid);
    }
  }

  private void refuseAfterEnd(String guid, String call) {
    if (ended(guid).isDone()) {
      violations.add(call + " told after the end of " + guid);
    }
  }

  private CompletableFuture<Running> running(String guid) {
    return running.computeIfAbsent(guid, g -> new CompletableFuture<>());
  }

  private CompletableFuture<ContainerOutcome> ended(String guid) {
    return ended.computeIfAbsent(guid, g -> new CompletableFuture<>());
  }

  public List<TaskProgress> progress(String guid) {
    return progress.computeIfAbsent(guid, g -> new CopyOnWriteArrayList<>());
  }

  public boolean isRunning(String guid) {
    return running(guid).isDone();
  }

  public boolean hasEnded(String guid) {
    return ended(guid).isDone();
  }

  public Running awaitRunning(String guid) throws Exception {
    return running(guid).get(60, TimeUnit.SECONDS);
  }

  public ContainerOutcome awaitEnd(String guid) throws Exception {
    return ended(guid).get(90, TimeUnit.SECONDS);
  }

  public void assertThatOrderWasKept() {
    assertThat(violations).isEmpty();
  }
}
