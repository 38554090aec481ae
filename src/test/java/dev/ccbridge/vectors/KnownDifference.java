package dev.ccbridge.vectors;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.function.BiConsumer;
import java.util.function.Predicate;

/**
 * Something that we do otherwise than the originals, on purpose.
 *
 * @param name short, for the listing
 * @param reason why
 * @param applies to which cases: by kind and condition, not by name, so that a case that has not
 *     been seen is covered as well
 * @param instead changes the case's expected part (the second argument) into what we do; the whole
 *     case is the first argument. Exact: anything else that differs is not covered
 */
record KnownDifference(
    String name,
    String reason,
    Predicate<JsonNode> applies,
    BiConsumer<JsonNode, ObjectNode> instead) {}
