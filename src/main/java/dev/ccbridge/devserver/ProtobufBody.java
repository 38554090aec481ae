package dev.ccbridge.devserver;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.WireFormat;
import dev.ccbridge.devserver.schema.Json;
import java.io.IOException;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;

/**
 * Bodies in Kubernetes's protobuf form, which {@code kubectl create} sends for built-in kinds
 * whatever the server offers. Only those kinds are known here; a field that is not known is
 * refused, since it would be lost. Source: the generated.proto files of k8s.io/api.
 */
final class ProtobufBody {
  static final String MEDIA_TYPE = "application/vnd.kubernetes.protobuf";
  private static final byte[] MAGIC = {'k', '8', 's', 0};

  /** How the value of a field is encoded. */
  private sealed interface Type {}

  private enum Scalar implements Type {
    TEXT,
    TEXTS,
    BYTES,
    INTEGER,
    BOOLEAN,
    TIME,
    TEXT_MAP,
    BYTES_MAP
  }

  private record Message(Map<Integer, Field> fields) implements Type {}

  private record Field(String name, Type type, boolean repeated) {
    static Field of(String name, Type type) {
      return new Field(name, type, false);
    }
  }

  private static final Message OWNER =
      new Message(
          Map.of(
              1, Field.of("kind", Scalar.TEXT),
              3, Field.of("name", Scalar.TEXT),
              4, Field.of("uid", Scalar.TEXT),
              5, Field.of("apiVersion", Scalar.TEXT),
              6, Field.of("controller", Scalar.BOOLEAN),
              7, Field.of("blockOwnerDeletion", Scalar.BOOLEAN)));
  private static final Message METADATA =
      new Message(
          Map.ofEntries(
              Map.entry(1, Field.of("name", Scalar.TEXT)),
              Map.entry(2, Field.of("generateName", Scalar.TEXT)),
              Map.entry(3, Field.of("namespace", Scalar.TEXT)),
              Map.entry(4, Field.of("selfLink", Scalar.TEXT)),
              Map.entry(5, Field.of("uid", Scalar.TEXT)),
              Map.entry(6, Field.of("resourceVersion", Scalar.TEXT)),
              Map.entry(7, Field.of("generation", Scalar.INTEGER)),
              Map.entry(8, Field.of("creationTimestamp", Scalar.TIME)),
              Map.entry(11, Field.of("labels", Scalar.TEXT_MAP)),
              Map.entry(12, Field.of("annotations", Scalar.TEXT_MAP)),
              Map.entry(13, new Field("ownerReferences", OWNER, true)),
              Map.entry(14, Field.of("finalizers", Scalar.TEXTS))));
  private static final Field METADATA_FIELD = Field.of("metadata", METADATA);
  private static final Message RESOURCE_ATTRIBUTES =
      new Message(
          Map.of(
              1, Field.of("namespace", Scalar.TEXT),
              2, Field.of("verb", Scalar.TEXT),
              3, Field.of("group", Scalar.TEXT),
              4, Field.of("version", Scalar.TEXT),
              5, Field.of("resource", Scalar.TEXT),
              6, Field.of("subresource", Scalar.TEXT),
              7, Field.of("name", Scalar.TEXT)));
  private static final Message PATH_ATTRIBUTES =
      new Message(Map.of(1, Field.of("path", Scalar.TEXT), 2, Field.of("verb", Scalar.TEXT)));

  private static final Map<String, Message> KINDS =
      Map.of(
          "Namespace",
          kind(
              2, Field.of("spec", new Message(Map.of(1, Field.of("finalizers", Scalar.TEXTS)))),
              3, Field.of("status", new Message(Map.of(1, Field.of("phase", Scalar.TEXT))))),
          "Secret",
          kind(
              2, Field.of("data", Scalar.BYTES_MAP),
              3, Field.of("type", Scalar.TEXT),
              4, Field.of("stringData", Scalar.TEXT_MAP),
              5, Field.of("immutable", Scalar.BOOLEAN)),
          "ConfigMap",
          kind(
              2, Field.of("data", Scalar.TEXT_MAP),
              3, Field.of("binaryData", Scalar.BYTES_MAP),
              4, Field.of("immutable", Scalar.BOOLEAN)),
          "SelfSubjectAccessReview",
          kind(
              2,
              Field.of(
                  "spec",
                  new Message(
                      Map.of(
                          1, Field.of("resourceAttributes", RESOURCE_ATTRIBUTES),
                          2, Field.of("nonResourceAttributes", PATH_ATTRIBUTES)))),
              3,
              Field.of(
                  "status",
                  new Message(
                      Map.of(
                          1, Field.of("allowed", Scalar.BOOLEAN),
                          2, Field.of("reason", Scalar.TEXT),
                          3, Field.of("evaluationError", Scalar.TEXT),
                          4, Field.of("denied", Scalar.BOOLEAN))))),
          "SelfSubjectRulesReview",
          kind(
              2,
              Field.of("spec", new Message(Map.of(1, Field.of("namespace", Scalar.TEXT)))),
              3,
              Field.of(
                  "status",
                  new Message(
                      Map.of(
                          3, Field.of("incomplete", Scalar.BOOLEAN),
                          4, Field.of("evaluationError", Scalar.TEXT))))));

  private static final Message ENVELOPE =
      new Message(
          Map.of(
              1,
              Field.of(
                  "typeMeta",
                  new Message(
                      Map.of(
                          1, Field.of("apiVersion", Scalar.TEXT),
                          2, Field.of("kind", Scalar.TEXT)))),
              2,
              Field.of("raw", Scalar.BYTES),
              3,
              Field.of("contentEncoding", Scalar.TEXT),
              4,
              Field.of("contentType", Scalar.TEXT)));

  private ProtobufBody() {}

  private static Message kind(Object... fields) {
    var all = new HashMap<Integer, Field>();
    all.put(1, METADATA_FIELD);
    for (var i = 0; i < fields.length; i += 2) {
      all.put((Integer) fields[i], (Field) fields[i + 1]);
    }
    return new Message(all);
  }

  /**
   * The body as a JSON tree.
   *
   * @throws StatusException 400 when it is malformed, 415 when its kind or a field is not known
   */
  static ObjectNode parse(byte[] body) {
    if (body.length < MAGIC.length || !Arrays.equals(body, 0, 4, MAGIC, 0, 4)) {
      throw StatusException.badRequest(
          "provided data does not appear to be a protobuf message, expected prefix [107 56 115 0]");
    }
    try {
      var envelope = read(Arrays.copyOfRange(body, MAGIC.length, body.length), ENVELOPE);
      var kind = Json.text(envelope, "typeMeta", "kind");
      var message = KINDS.get(kind);
      if (message == null) {
        throw unknown("kind " + kind);
      }
      var object = read(Base64.getDecoder().decode(Json.text(envelope, "raw")), message);
      object.put("kind", kind);
      return object.put("apiVersion", Json.text(envelope, "typeMeta", "apiVersion"));
    } catch (IOException malformed) {
      throw StatusException.badRequest("malformed protobuf: " + malformed.getMessage());
    }
  }

  private static StatusException unknown(String what) {
    return new StatusException(
        415,
        "UnsupportedMediaType",
        "the development API server does not read " + what + " as protobuf, send JSON");
  }

  private static ObjectNode read(byte[] bytes, Message message) throws IOException {
    var object = Json.object();
    var in = CodedInputStream.newInstance(bytes);
    for (var tag = in.readTag(); tag != 0; tag = in.readTag()) {
      var field = message.fields.get(WireFormat.getTagFieldNumber(tag));
      if (field == null) {
        throw unknown("field " + WireFormat.getTagFieldNumber(tag));
      }
      readField(in, field, object);
    }
    return object;
  }

  private static void readField(CodedInputStream in, Field field, ObjectNode object)
      throws IOException {
    switch (field.type) {
      case Message message when field.repeated ->
          object.withArrayProperty(field.name).add(read(in.readByteArray(), message));
      case Message message -> object.set(field.name, read(in.readByteArray(), message));
      case Scalar scalar -> readScalar(in, scalar, field.name, object);
    }
  }

  private static void readScalar(CodedInputStream in, Scalar type, String name, ObjectNode object)
      throws IOException {
    switch (type) {
      case TEXT -> {
        var text = in.readString();
        if (!text.isEmpty()) {
          object.put(name, text);
        }
      }
      case TEXTS -> object.withArrayProperty(name).add(in.readString());
      case BYTES -> object.put(name, Base64.getEncoder().encodeToString(in.readByteArray()));
      case INTEGER -> {
        var value = in.readInt64();
        if (value != 0) {
          object.put(name, value);
        }
      }
      case BOOLEAN -> object.put(name, in.readBool());
      case TIME -> readTime(in.readByteArray(), name, object);
      case TEXT_MAP -> readEntry(in.readByteArray(), Scalar.TEXT, object.withObjectProperty(name));
      case BYTES_MAP ->
          readEntry(in.readByteArray(), Scalar.BYTES, object.withObjectProperty(name));
    }
  }

  private static void readTime(byte[] bytes, String name, ObjectNode object) throws IOException {
    var time =
        read(
            bytes,
            new Message(
                Map.of(
                    1, Field.of("seconds", Scalar.INTEGER), 2, Field.of("nanos", Scalar.INTEGER))));
    if (time.has("seconds")) {
      object.put(name, Instant.ofEpochSecond(time.get("seconds").asLong()).toString());
    }
  }

  private static void readEntry(byte[] bytes, Scalar valueType, ObjectNode map) throws IOException {
    var entry =
        read(
            bytes, new Message(Map.of(1, Field.of("k", Scalar.TEXT), 2, Field.of("v", valueType))));
    map.put(Json.text(entry, "k"), Json.text(entry, "v"));
  }
}
