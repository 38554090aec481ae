package dev.ccbridge.devserver;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.ccbridge.devserver.ObjectStore.Key;
import dev.ccbridge.web.Request;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Which objects of a resource a list, watch or deletecollection is about.
 *
 * @param namespace null for all
 * @param name empty for any; taken from the field selector, to avoid looking at the others
 */
record Selection(
    ResourceType type, @Nullable String namespace, String name, Predicate<JsonNode> condition) {

  static Selection of(Request request, RequestPath path, ResourceType type) {
    var labels = request.query("labelSelector").orElse("");
    var fields = request.query("fieldSelector").orElse("");
    return new Selection(
        type,
        path.namespace().isEmpty() ? null : path.namespace(),
        Selectors.requiredName(fields),
        Selectors.labels(labels).and(Selectors.fields(fields, type)));
  }

  boolean concerns(Key key) {
    return key.resource().equals(type.storageKey())
        && (namespace == null || namespace.equals(key.namespace()))
        && (name.isEmpty() || name.equals(key.name()));
  }

  /** Whether an object in its stored form is selected; events are selected by the core names. */
  boolean matches(ObjectNode stored) {
    return condition.test(stored);
  }
}
