package dev.ccbridge.receptor.model;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.JsonDeserializer;
import com.fasterxml.jackson.databind.jsontype.TypeDeserializer;
import java.io.IOException;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Reads the wrapper object around an action more patiently than Jackson's own type handling: no
 * known variant is null, of several the first in the order of {@link Action}'s list counts, as in
 * the original.
 */
final class ActionDeserializer extends JsonDeserializer<Action> {
  private static final Object DEPTH = ActionDeserializer.class;

  private static final List<JsonSubTypes.Type> VARIANTS =
      List.of(Objects.requireNonNull(Action.class.getAnnotation(JsonSubTypes.class)).value());

  /** In place of what lies deeper than validation looks: it refuses the tree at this very depth. */
  private static final Action TOO_DEEP = Action.serial(List.of());

  @Override
  public @Nullable Action deserialize(JsonParser in, DeserializationContext context)
      throws IOException {
    if (!in.hasToken(JsonToken.START_OBJECT)) {
      return context.reportInputMismatch(
          Action.class, "an action must be an object with one member named after its kind");
    }
    var outer = context.getAttribute(DEPTH) instanceof Integer depth ? depth : 0;
    if (outer >= Action.MAX_DEPTH) {
      in.skipChildren();
      return TOO_DEEP;
    }
    context.setAttribute(DEPTH, outer + 1);
    try {
      return readVariants(in, context);
    } finally {
      context.setAttribute(DEPTH, outer);
    }
  }

  /** The name of the variant is read by {@link #deserialize}, not by {@code ignored}. */
  @Override
  public @Nullable Object deserializeWithType(
      JsonParser in, DeserializationContext context, TypeDeserializer ignored) throws IOException {
    return deserialize(in, context);
  }

  private static @Nullable Action readVariants(JsonParser in, DeserializationContext context)
      throws IOException {
    Action first = null;
    var firstRank = VARIANTS.size();
    while (in.nextToken() == JsonToken.FIELD_NAME) {
      var rank = rankOf(in.currentName());
      in.nextToken();
      if (rank < 0 || in.hasToken(JsonToken.VALUE_NULL)) {
        in.skipChildren();
        continue;
      }
      var variant = (Action) context.readValue(in, VARIANTS.get(rank).value());
      // Of one that comes twice the last counts, as of every member.
      if (rank <= firstRank) {
        first = variant;
        firstRank = rank;
      }
    }
    return first;
  }

  private static int rankOf(String name) {
    for (var rank = 0; rank < VARIANTS.size(); rank++) {
      if (VARIANTS.get(rank).name().equalsIgnoreCase(name)) {
        return rank;
      }
    }
    return -1;
  }
}
