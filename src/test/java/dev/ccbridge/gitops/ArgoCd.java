package dev.ccbridge.gitops;

import com.fasterxml.jackson.databind.JsonNode;
import dev.ccbridge.kubernetes.Command;
import java.util.List;

/** What the scripts of {@code deploy/argocd} say, run by the interpreter that Argo CD has. */
final class ArgoCd {
  private static final String CONFIGURATION = "deploy/argocd/argocd-cm.yaml";

  private ArgoCd() {}

  static List<String> healths(List<JsonNode> objects) {
    return run(objects, "health").stream().map(line -> line.path("status").asText()).toList();
  }

  /** Those that are not disabled. */
  static List<String> actions(JsonNode object) {
    return run(List.of(object), "actions").getFirst().properties().stream()
        .filter(action -> !action.getValue().path("disabled").asBoolean())
        .map(action -> action.getKey())
        .sorted()
        .toList();
  }

  static JsonNode act(JsonNode object, String action) {
    return run(List.of(object), "action", action).getFirst();
  }

  private static List<JsonNode> run(List<JsonNode> objects, String... what) {
    return LifeCycle.lines(
        Command.argocdLua().and(CONFIGURATION).fed(LifeCycle.documents(objects), what),
        objects.size());
  }
}
