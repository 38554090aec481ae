package dev.ccbridge.devserver;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.ccbridge.devserver.schema.Json;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** What there is, for clients that ask: groups, versions and resources. Thread-safe. */
final class Discovery {
  private static final List<String> VERBS =
      List.of("delete", "deletecollection", "get", "list", "patch", "create", "update", "watch");
  private static final String REVIEWS = "authorization.k8s.io";

  private final ResourceTypes types;

  Discovery(ResourceTypes types) {
    this.types = types;
  }

  static ObjectNode version() {
    return Json.object()
        .put("major", "1")
        .put("minor", "36")
        .put("gitVersion", "v1.36.0+cc-bridge-dev")
        .put("gitCommit", "")
        .put("gitTreeState", "")
        .put("buildDate", "1970-01-01T00:00:00Z")
        .put("goVersion", "none: the development API server of cc-bridge, not for production")
        .put("compiler", "java")
        .put("platform", "java/" + Runtime.version().feature());
  }

  static ObjectNode coreVersions() {
    var versions = Json.object().put("kind", "APIVersions");
    versions.putArray("versions").add("v1");
    versions.putArray("serverAddressByClientCIDRs");
    return versions;
  }

  ObjectNode groups() {
    var list = Json.object().put("kind", "APIGroupList").put("apiVersion", "v1");
    var groups = list.putArray("groups");
    types.versionsByGroup().keySet().stream()
        .filter(group -> !group.isEmpty())
        .forEach(group -> groups.add(describe(group)));
    groups.add(describe(REVIEWS));
    return list;
  }

  Optional<ObjectNode> group(String name) {
    if (name.isEmpty() || (!types.versionsByGroup().containsKey(name) && !name.equals(REVIEWS))) {
      return Optional.empty();
    }
    return Optional.of(describe(name).put("kind", "APIGroup").put("apiVersion", "v1"));
  }

  private ObjectNode describe(String name) {
    var group = Json.object().put("name", name);
    var versions = group.putArray("versions");
    var known = types.versionsByGroup().getOrDefault(name, List.of("v1"));
    for (var version : known) {
      versions.add(groupVersion(name, version));
    }
    group.set("preferredVersion", groupVersion(name, known.getFirst()));
    return group;
  }

  private static ObjectNode groupVersion(String group, String version) {
    return Json.object().put("groupVersion", group + "/" + version).put("version", version);
  }

  Optional<ObjectNode> resources(String group, String version) {
    var served = types.of(group, version);
    var reviews = group.equals(REVIEWS) && version.equals("v1");
    if (served.isEmpty() && !reviews) {
      return Optional.empty();
    }
    var list = Json.object().put("kind", "APIResourceList").put("apiVersion", "v1");
    list.put("groupVersion", group.isEmpty() ? version : group + "/" + version);
    var resources = list.putArray("resources");
    served.forEach(type -> describe(type, resources));
    if (reviews) {
      for (var kind : List.of("SelfSubjectAccessReview", "SelfSubjectRulesReview")) {
        var review = resource(resources, kind.toLowerCase(Locale.ROOT) + "s", kind);
        review.put("namespaced", false).putArray("verbs").add("create");
      }
    }
    return Optional.of(list);
  }

  private static void describe(ResourceType type, ArrayNode resources) {
    var main = resource(resources, type.plural(), type.kind());
    main.put("singularName", type.names().singular()).put("namespaced", type.namespaced());
    verbs(main, verbs(type));
    addTexts(main, "shortNames", type.names().shortNames());
    addTexts(main, "categories", type.names().categories());
    if (type.hasStatus()) {
      var status = resource(resources, type.plural() + "/status", type.kind());
      status.put("namespaced", type.namespaced());
      verbs(status, List.of("get", "patch", "update"));
    }
    if (type.scale() != null) {
      var scale = resource(resources, type.plural() + "/scale", "Scale");
      scale.put("group", "autoscaling").put("version", "v1").put("namespaced", type.namespaced());
      verbs(scale, List.of("get", "patch", "update"));
    }
  }

  private static List<String> verbs(ResourceType type) {
    var verbs = new ArrayList<>(VERBS);
    if (type.kind().equals("Namespace")) {
      verbs.remove("deletecollection");
    }
    return verbs;
  }

  private static ObjectNode resource(ArrayNode resources, String name, String kind) {
    return resources.addObject().put("name", name).put("singularName", "").put("kind", kind);
  }

  private static void verbs(ObjectNode resource, List<String> verbs) {
    var list = resource.putArray("verbs");
    verbs.forEach(list::add);
  }

  private static void addTexts(ObjectNode resource, String name, List<String> texts) {
    if (!texts.isEmpty()) {
      var list = resource.putArray(name);
      texts.forEach(list::add);
    }
  }
}
