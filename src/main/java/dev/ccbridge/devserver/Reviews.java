package dev.ccbridge.devserver;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.ccbridge.devserver.schema.Json;
import dev.ccbridge.web.Request;
import dev.ccbridge.web.Response;
import java.io.IOException;

/** Clients that ask what they may do: everything, since who has the token is the administrator. */
final class Reviews {
  private static final String API_VERSION = "authorization.k8s.io/v1";

  private Reviews() {}

  static Response review(Request request, String resource) throws IOException {
    var body = body(request);
    return switch (resource) {
      case "selfsubjectaccessreviews" -> Answers.json(201, access(body));
      case "selfsubjectrulesreviews" -> Answers.json(201, rules(body));
      default ->
          throw new StatusException(404, "NotFound", "the server could not find " + resource);
    };
  }

  private static ObjectNode body(Request request) throws IOException {
    var bytes = request.body(Incoming.MAX_BODY_BYTES);
    if (request.mediaType().equals(ProtobufBody.MEDIA_TYPE)) {
      return ProtobufBody.parse(bytes);
    }
    try {
      if (Json.parseYaml(bytes) instanceof ObjectNode object) {
        return object;
      }
    } catch (JsonProcessingException malformed) {
      throw StatusException.badRequest("error decoding review: " + malformed.getOriginalMessage());
    }
    throw StatusException.badRequest("error decoding review: no object");
  }

  private static ObjectNode access(ObjectNode body) {
    var review = answer("SelfSubjectAccessReview");
    review.set("spec", body.path("spec"));
    review.putObject("status").put("allowed", true);
    return review;
  }

  private static ObjectNode rules(ObjectNode body) {
    if (Json.text(body, "spec", "namespace").isEmpty()) {
      throw StatusException.badRequest("no namespace on request");
    }
    var review = answer("SelfSubjectRulesReview");
    review.putObject("spec");
    var status = review.putObject("status").put("incomplete", false);
    var resources = status.putArray("resourceRules").addObject();
    resources.putArray("verbs").add("*");
    resources.putArray("apiGroups").add("*");
    resources.putArray("resources").add("*");
    var paths = status.putArray("nonResourceRules").addObject();
    paths.putArray("verbs").add("*");
    paths.putArray("nonResourceURLs").add("*");
    return review;
  }

  private static ObjectNode answer(String kind) {
    var review = Json.object().put("kind", kind).put("apiVersion", API_VERSION);
    review.putObject("metadata");
    return review;
  }
}
