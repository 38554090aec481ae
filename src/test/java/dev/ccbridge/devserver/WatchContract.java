package dev.ccbridge.devserver;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.ccbridge.devserver.schema.Json;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a client may rely on when it watches; the same for ours and for a real server. */
abstract class WatchContract {
  private String configMaps = "";

  abstract ApiUnderTest api();

  @BeforeEach
  void ownNamespace() {
    var name = "watch-" + UUID.randomUUID().toString().substring(0, 8);
    post("/api/v1/namespaces", "{\"metadata\": {\"name\": \"" + name + "\"}}");
    configMaps = "/api/v1/namespaces/" + name + "/configmaps";
  }

  @Test
  void startsWithWhatIsThereAndGoesOnWithWhatChanges() {
    create("a", "");

    var events =
        eventsOf(
            "?watch=1&timeoutSeconds=10",
            3,
            () -> {
              patch("a", "{\"data\": {\"k\": \"v\"}}");
              delete("a");
            });

    assertThat(kinds(events)).containsExactly("ADDED a", "MODIFIED a", "DELETED a");
  }

  @Test
  void resumesRightAfterAResourceVersion() {
    create("a", "");
    var from = revision();
    create("b", "");
    patch("a", "{\"data\": {\"k\": \"v\"}}");

    var events = eventsOf("?watch=1&timeoutSeconds=10&resourceVersion=" + from, 2, () -> {});

    assertThat(kinds(events)).containsExactly("ADDED b", "MODIFIED a");
  }

  @Test
  void showsObjectsThatComeIntoASelectorsViewAndGoOutOfIt() {
    create("a", "");
    var from = revision();
    patch("a", "{\"metadata\": {\"labels\": {\"x\": \"1\"}}}");
    patch("a", "{\"data\": {\"k\": \"v\"}}");
    patch("a", "{\"metadata\": {\"labels\": {\"x\": \"2\"}}}");

    var events =
        eventsOf(
            "?watch=1&timeoutSeconds=10&labelSelector=x%3D1&resourceVersion=" + from, 3, () -> {});

    assertThat(kinds(events)).containsExactly("ADDED a", "MODIFIED a", "DELETED a");
    assertThat(events.get(2).at("/object/metadata/labels/x").asText())
        .as("the last state in view")
        .isEqualTo("1");
  }

  @Test
  void watchesOneObjectByItsName() {
    create("a", "");
    create("b", "");
    var from = revision();
    patch("a", "{\"data\": {\"k\": \"v\"}}");
    patch("b", "{\"data\": {\"k\": \"v\"}}");

    var events =
        eventsOf(
            "?watch=1&timeoutSeconds=10&fieldSelector=metadata.name%3Db&resourceVersion=" + from,
            1,
            () -> {});

    assertThat(kinds(events)).containsExactly("MODIFIED b");
  }

  @Test
  void endsWhenItsTimeIsOver() {
    create("a", "");

    var events = eventsOf("?watch=1&timeoutSeconds=1&resourceVersion=" + revision(), 1, () -> {});

    assertThat(events).isEmpty();
  }

  @Test
  void marksTheEndOfTheInitialEventsWithABookmark() {
    create("a", "");

    var events =
        eventsOf(
            "?watch=1&timeoutSeconds=10&sendInitialEvents=true&allowWatchBookmarks=true"
                + "&resourceVersionMatch=NotOlderThan",
            2,
            () -> {});

    assertThat(kinds(events).getFirst()).isEqualTo("ADDED a");
    assertThat(events.get(1).path("type").asText()).isEqualTo("BOOKMARK");
    assertThat(
            events
                .get(1)
                .path("object")
                .path("metadata")
                .path("annotations")
                .path("k8s.io/initial-events-end")
                .asText())
        .isEqualTo("true");
  }

  private List<String> kinds(List<JsonNode> events) {
    return events.stream()
        .map(
            event -> event.path("type").asText() + " " + event.at("/object/metadata/name").asText())
        .toList();
  }

  /** The first {@code count} events; fewer when the watch ends before. */
  private List<JsonNode> eventsOf(String query, int count, Runnable meanwhile) {
    var events = new ArrayList<JsonNode>();
    try (var lines =
        new BufferedReader(
            new InputStreamReader(api().watch(configMaps + query), StandardCharsets.UTF_8))) {
      meanwhile.run();
      for (var line = lines.readLine(); line != null; line = lines.readLine()) {
        var event = Json.parse(line);
        // Every real namespace has this one.
        if (!event.at("/object/metadata/name").asText().equals("kube-root-ca.crt")) {
          events.add(event);
        }
        if (events.size() == count) {
          break;
        }
      }
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
    return events;
  }

  private String revision() {
    return api().send("GET", configMaps).json().at("/metadata/resourceVersion").asText();
  }

  private void create(String name, String more) {
    post(configMaps, "{\"metadata\": {\"name\": \"" + name + "\"" + more + "}}");
  }

  private void post(String path, String body) {
    var answer = api().send("POST", path, "application/json", body);
    assertThat(answer.status()).as(answer.body()).isEqualTo(201);
  }

  private void patch(String name, String body) {
    var answer = api().send("PATCH", configMaps + "/" + name, ApiUnderTest.MERGE, body);
    assertThat(answer.status()).as(answer.body()).isEqualTo(200);
  }

  private void delete(String name) {
    assertThat(api().send("DELETE", configMaps + "/" + name).status()).isEqualTo(200);
  }
}
