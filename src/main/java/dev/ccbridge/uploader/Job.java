package dev.ccbridge.uploader;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.cfg.CoercionAction;
import com.fasterxml.jackson.databind.cfg.CoercionInputShape;
import com.fasterxml.jackson.databind.cfg.MutableCoercionConfig;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.type.LogicalType;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** CC's background job: where to ask next, and how far it is. Read as Go's encoding/json does. */
record Job(String url, String status) {
  private static final ObjectMapper MAPPER =
      JsonMapper.builder()
          .enable(MapperFeature.ACCEPT_CASE_INSENSITIVE_PROPERTIES)
          .disable(MapperFeature.ALLOW_COERCION_OF_SCALARS)
          .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .withCoercionConfig(LogicalType.Textual, Job::refuseScalars)
          .build();

  private static void refuseScalars(MutableCoercionConfig texts) {
    texts
        .setCoercion(CoercionInputShape.Integer, CoercionAction.Fail)
        .setCoercion(CoercionInputShape.Float, CoercionAction.Fail)
        .setCoercion(CoercionInputShape.Boolean, CoercionAction.Fail);
  }

  private record Wire(
      @JsonProperty("metadata") @Nullable Metadata metadata,
      @JsonProperty("entity") @Nullable Entity entity) {}

  private record Metadata(@JsonProperty("url") @Nullable String url) {}

  private record Entity(@JsonProperty("status") @Nullable String status) {}

  /**
   * @throws IOException when {@code body} does not begin with a JSON object or null
   */
  static Job parse(byte[] body) throws IOException {
    var wire = MAPPER.readValue(body, Wire.class);
    var metadata = wire == null ? null : wire.metadata;
    var entity = wire == null ? null : wire.entity;
    return new Job(
        metadata == null || metadata.url == null ? "" : metadata.url,
        entity == null || entity.status == null ? "" : entity.status);
  }
}
