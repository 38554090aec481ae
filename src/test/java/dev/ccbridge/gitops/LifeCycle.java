package dev.ccbridge.gitops;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.ccbridge.kubernetes.Command;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.Watch;
import io.fabric8.kubernetes.client.Watcher;
import io.fabric8.kubernetes.client.WatcherException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Every version of an object that the API server had, from its creation on, and what tools say of
 * each.
 */
public final class LifeCycle implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final ObjectMapper JSON = new ObjectMapper();

  private final KubernetesClient client;
  private final String kind;
  private final String namespace;
  private final String name;
  private final List<JsonNode> versions = new ArrayList<>();
  private boolean gone;
  private final Watch watch;

  /** Records from now on; the object is not there yet. */
  public LifeCycle(KubernetesClient client, String kind, String namespace, String name) {
    this.client = client;
    this.kind = kind;
    this.namespace = namespace;
    this.name = name;
    watch =
        client
            .genericKubernetesResources("ccbridge.dev/v1alpha1", kind)
            .inNamespace(namespace)
            .withName(name)
            .watch(
                new Watcher<>() {
                  @Override
                  public void eventReceived(Action action, GenericKubernetesResource object) {
                    record(action, object);
                  }

                  @Override
                  public void onClose(WatcherException cause) {
                    throw new AssertionError("the watch ended", cause);
                  }
                });
  }

  private synchronized void record(Watcher.Action action, GenericKubernetesResource object) {
    if (action == Watcher.Action.DELETED) {
      gone = true;
    } else {
      versions.add(parsed(Serialization.asJson(object)));
    }
  }

  /** All versions up to the one that is stored now. */
  public List<JsonNode> versions() {
    await().atMost(PATIENCE).until(this::isComplete);
    synchronized (this) {
      return List.copyOf(versions);
    }
  }

  private boolean isComplete() {
    var stored =
        client
            .genericKubernetesResources("ccbridge.dev/v1alpha1", kind)
            .inNamespace(namespace)
            .withName(name)
            .get();
    synchronized (this) {
      return stored == null
          ? gone
          : !versions.isEmpty()
              && versions
                  .getLast()
                  .at("/metadata/resourceVersion")
                  .asText()
                  .equals(stored.getMetadata().getResourceVersion());
    }
  }

  /**
   * What kstatus says of each version, with the reason that the object gives; {@code unseen} where
   * its status is of an older spec or of none. Of equal ones in a row only the first. Argo CD has
   * to say the same of it in its own words.
   */
  public List<String> told() {
    var all = versions();
    var words = kstatus(all);
    var argo = ArgoCd.healths(all);
    var lines = new ArrayList<String>();
    for (var i = 0; i < all.size(); i++) {
      var line = words.get(i) + " " + reason(all.get(i));
      assertThat(argo.get(i)).as(line).isIn(meaning(words.get(i), all.get(i)));
      if (lines.isEmpty() || !lines.getLast().equals(line)) {
        lines.add(line);
      }
    }
    return lines;
  }

  private static List<String> kstatus(List<JsonNode> objects) {
    return lines(Command.kstatus().fed(documents(objects)), objects.size()).stream()
        .map(line -> line.path("status").asText())
        .toList();
  }

  /** The healths that say what kstatus' word says. */
  private static List<String> meaning(String word, JsonNode object) {
    return switch (word) {
      case "Current" -> List.of("Healthy");
      case "InProgress" -> List.of("Progressing");
      // Somebody wanted it so.
      case "Failed" ->
          object.at("/status/phase").asText().equals("Cancelled")
              ? List.of("Suspended")
              : List.of("Degraded");
      // Argo CD knows by itself what is being deleted, and does not ask.
      case "Terminating" -> List.of("Healthy", "Progressing", "Degraded", "Suspended");
      default -> List.of();
    };
  }

  /** Does to the object what Argo CD does for somebody who chooses this action. */
  public void act(String action) {
    var now = versions().getLast();
    assertThat(actions()).as("actions that are offered").contains(action);
    var after = ArgoCd.act(now, action);
    assertThat(without(after)).as("all but the spec").isEqualTo(without(now));
    client
        .genericKubernetesResources("ccbridge.dev/v1alpha1", kind)
        .inNamespace(namespace)
        .withName(name)
        .patch(
            PatchContext.of(PatchType.JSON_MERGE),
            JSON.createObjectNode().set("spec", after.path("spec")).toString());
  }

  /** The actions that Argo CD offers for the object as it is. */
  public List<String> actions() {
    return ArgoCd.actions(versions().getLast());
  }

  private static JsonNode without(JsonNode object) {
    return object.<ObjectNode>deepCopy().without("spec");
  }

  static String documents(List<JsonNode> objects) {
    return objects.stream().map(Serialization::asYaml).collect(Collectors.joining("\n---\n"));
  }

  static List<JsonNode> lines(String output, int expected) {
    var lines = output.lines().map(LifeCycle::parsed).toList();
    assertThat(lines).hasSize(expected);
    return lines;
  }

  private static JsonNode parsed(String line) {
    try {
      return JSON.readTree(line);
    } catch (JsonProcessingException broken) {
      throw new AssertionError(line, broken);
    }
  }

  private static String reason(JsonNode object) {
    var seen = object.at("/status/observedGeneration").asLong(-2);
    if (seen != object.at("/metadata/generation").asLong()) {
      return "unseen";
    }
    for (var condition : object.at("/status/conditions")) {
      if (condition.path("type").asText().equals("Ready")) {
        return condition.path("reason").asText();
      }
    }
    return "without conditions";
  }

  @Override
  public void close() {
    watch.close();
  }
}
