package dev.ccbridge.receptor.model;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.TreeNode;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.JsonDeserializer;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.jsontype.TypeDeserializer;
import java.io.IOException;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Reads the wrapper object around an action more patiently than Jackson's own type handling: no
 * known variant is null, of several the first in the order of {@link Action}'s list counts, as in
 * the original.
 */
final class ActionDeserializer extends JsonDeserializer<Action> {

  @Override
  public @Nullable Action deserialize(JsonParser in, DeserializationContext context)
      throws IOException {
    TreeNode tree = in.readValueAsTree();
    if (!(tree instanceof JsonNode node) || !node.isObject()) {
      return context.reportInputMismatch(
          Action.class, "an action must be an object with one member named after its kind");
    }
    for (var variant :
        Objects.requireNonNull(Action.class.getAnnotation(JsonSubTypes.class)).value()) {
      var body = node.get(variant.name());
      if (body != null && !body.isNull()) {
        return (Action) context.readTreeAsValue(body, variant.value());
      }
    }
    return null;
  }

  /** The name of the variant is read by {@link #deserialize}, not by {@code ignored}. */
  @Override
  public @Nullable Object deserializeWithType(
      JsonParser in, DeserializationContext context, TypeDeserializer ignored) throws IOException {
    return deserialize(in, context);
  }
}
