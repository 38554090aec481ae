package dev.ccbridge.receptor.model;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.SerializableString;
import com.fasterxml.jackson.core.io.CharacterEscapes;
import com.fasterxml.jackson.core.io.SerializedString;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.cfg.CoercionAction;
import com.fasterxml.jackson.databind.cfg.CoercionInputShape;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
import com.fasterxml.jackson.databind.cfg.MutableCoercionConfig;
import com.fasterxml.jackson.databind.deser.std.StringDeserializer;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.databind.type.LogicalType;
import java.io.IOException;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * JSON as the originals read and write it (Go's encoding/json): members matched without regard to
 * case, unknown ones ignored, null as the zero value, no number from a text or from a fraction;
 * half a surrogate pair replaced; written compactly, with {@code <}, {@code >}, {@code &} and the
 * two line separators of Unicode as escapes.
 */
public final class ReceptorJson {
  private ReceptorJson() {}

  private static final ObjectMapper MAPPER = build();

  /** The one mapper; it must not be configured further. Thread-safe. */
  public static ObjectMapper mapper() {
    return MAPPER;
  }

  private static ObjectMapper build() {
    var mapper =
        JsonMapper.builder()
            .enable(MapperFeature.ACCEPT_CASE_INSENSITIVE_PROPERTIES)
            .disable(MapperFeature.ALLOW_COERCION_OF_SCALARS)
            .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT)
            .enable(DeserializationFeature.READ_UNKNOWN_ENUM_VALUES_USING_DEFAULT_VALUE)
            .enable(DeserializationFeature.FAIL_ON_NUMBERS_FOR_ENUMS)
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
            .withCoercionConfig(LogicalType.Textual, ReceptorJson::refuseScalars)
            .addModule(new SimpleModule().addDeserializer(String.class, new WholeCharacters()))
            .build();
    mapper.getFactory().setCharacterEscapes(new GoEscapes());
    return mapper;
  }

  private static void refuseScalars(MutableCoercionConfig texts) {
    for (var shape :
        new CoercionInputShape[] {
          CoercionInputShape.Integer, CoercionInputShape.Float, CoercionInputShape.Boolean
        }) {
      texts.setCoercion(shape, CoercionAction.Fail);
    }
  }

  /** Half of a surrogate pair, which only an escape can bring, is replaced, as Go does. */
  private static final class WholeCharacters extends StringDeserializer {
    private static final long serialVersionUID = 1L;
    private static final Pattern HALF = Pattern.compile("\\p{Cs}");

    @Override
    public String deserialize(JsonParser in, DeserializationContext context) throws IOException {
      return HALF.matcher(super.deserialize(in, context)).replaceAll("\uFFFD");
    }
  }

  private static final class GoEscapes extends CharacterEscapes {
    private static final long serialVersionUID = 1L;
    private final int[] ascii = CharacterEscapes.standardAsciiEscapesForJSON();

    GoEscapes() {
      for (char c : new char[] {'<', '>', '&'}) {
        ascii[c] = CharacterEscapes.ESCAPE_CUSTOM;
      }
    }

    @Override
    public int[] getEscapeCodesForAscii() {
      return ascii;
    }

    @Override
    public @Nullable SerializableString getEscapeSequence(int character) {
      return switch (character) {
        case '<', '>', '&', 0x2028, 0x2029 ->
            new SerializedString(String.format("\\u%04x", character));
        default -> null;
      };
    }
  }
}
