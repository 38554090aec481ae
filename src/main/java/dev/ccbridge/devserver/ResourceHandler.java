package dev.ccbridge.devserver;

import dev.ccbridge.devserver.Deletions.DeleteOptions;
import dev.ccbridge.devserver.Incoming.FieldValidation;
import dev.ccbridge.devserver.Writes.Result;
import dev.ccbridge.devserver.schema.Json;
import dev.ccbridge.web.Request;
import dev.ccbridge.web.Response;
import java.io.IOException;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;

/** Requests for resources: finds the operation. Thread-safe. */
final class ResourceHandler {
  private final Reads reads;
  private final Watches watches;
  private final Writes writes;
  private final Updates updates;
  private final Deletions deletions;
  private final CustomResourceDefinitions definitions;

  ResourceHandler(
      ObjectStore store,
      Writes writes,
      Deletions deletions,
      CustomResourceDefinitions definitions,
      Clock clock) {
    this.reads = new Reads(store, clock);
    this.watches = new Watches(store, clock);
    this.writes = writes;
    this.updates = new Updates(store, writes);
    this.deletions = deletions;
    this.definitions = definitions;
  }

  Response handle(Request request, RequestPath path, ResourceType type) throws IOException {
    if (path.name().isEmpty()) {
      return collection(request, path, type);
    }
    return switch (path.subresource()) {
      case "" -> object(request, path, type);
      case "status" -> status(request, path, type);
      case "scale" -> scale(request, path, type);
      default -> throw StatusException.notFound(type, path.name());
    };
  }

  private Response collection(Request request, RequestPath path, ResourceType type)
      throws IOException {
    return switch (request.method()) {
      case "GET", "HEAD" ->
          isWatch(request) ? watches.watch(request, path, type) : reads.list(request, path, type);
      case "POST" -> create(request, path, type);
      case "DELETE" -> deleteCollection(request, path, type);
      case "PUT", "PATCH" -> throw StatusException.badRequest("name must be provided");
      default -> throw StatusException.methodNotAllowed();
    };
  }

  private static boolean isWatch(Request request) {
    var value = request.query("watch").orElse("");
    return value.equals("true") || value.equals("1");
  }

  private Response create(Request request, RequestPath path, ResourceType type) throws IOException {
    var dryRun = Options.isDryRun(request, "CreateOptions");
    var strictness = FieldValidation.of(request, "CreateOptions");
    var object = Incoming.read(request, type);
    var unknown = Incoming.normalize(object, type);
    var warnings = Updates.warnings(unknown, strictness, type);
    var manager = Options.updater(request, type, "");
    try {
      var result = writes.create(type, path.namespace(), object, manager, dryRun);
      return answer(type, result, warnings, dryRun);
    } catch (StatusException refused) {
      return Answers.warned(Answers.error(refused), warnings);
    }
  }

  private Response deleteCollection(Request request, RequestPath path, ResourceType type)
      throws IOException {
    if (type.kind().equals("Namespace")) {
      throw StatusException.methodNotAllowed();
    }
    var selection = Selection.of(request, path, type);
    var options = DeleteOptions.of(request);
    var list = reads.listOf(selection);
    deletions.deleteAll(type, reads.select(selection), options);
    return Answers.json(200, list);
  }

  private Response object(Request request, RequestPath path, ResourceType type) throws IOException {
    return switch (request.method()) {
      case "GET", "HEAD" -> reads.get(request, path, type);
      case "PUT" -> answer(type, updates.put(request, path, type), List.of(), isDry(request));
      case "PATCH" -> answer(type, updates.patch(request, path, type), List.of(), isDry(request));
      case "DELETE" ->
          Answers.json(
              200,
              deletions.delete(
                  type, type.key(path.namespace(), path.name()), DeleteOptions.of(request)));
      default -> throw StatusException.methodNotAllowed();
    };
  }

  private static boolean isDry(Request request) {
    return request.query("dryRun").isPresent();
  }

  private Response status(Request request, RequestPath path, ResourceType type) throws IOException {
    if (!type.hasStatus()) {
      throw StatusException.notFound(type, path.name());
    }
    return switch (request.method()) {
      case "GET", "HEAD" -> reads.get(request, path, type);
      case "PUT" -> answer(type, updates.put(request, path, type), List.of(), true);
      case "PATCH" -> answer(type, updates.patch(request, path, type), List.of(), true);
      default -> throw StatusException.methodNotAllowed();
    };
  }

  private Response scale(Request request, RequestPath path, ResourceType type) throws IOException {
    if (type.scale() == null) {
      throw StatusException.notFound(type, path.name());
    }
    return switch (request.method()) {
      case "GET", "HEAD" -> Answers.json(200, reads.scale(path, type));
      case "PUT", "PATCH" -> Answers.json(200, updates.scale(request, path, type));
      default -> throw StatusException.methodNotAllowed();
    };
  }

  private Response answer(
      ResourceType type, Result result, List<String> warnings, boolean withoutEffect) {
    if (type.kind().equals("CustomResourceDefinition") && !withoutEffect) {
      definitions.established(Json.text(result.object(), "metadata", "name"));
    }
    var all = new ArrayList<>(warnings);
    all.addAll(result.warnings());
    return Answers.warned(Answers.json(result.created() ? 201 : 200, result.object()), all);
  }
}
