package dev.ccbridge.devserver.schema;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.re2j.Pattern;
import dev.ccbridge.devserver.schema.FieldError.Type;
import dev.cel.common.CelOptions;
import dev.cel.common.CelValidationException;
import dev.cel.common.types.CelType;
import dev.cel.common.types.SimpleType;
import dev.cel.compiler.CelCompiler;
import dev.cel.compiler.CelCompilerFactory;
import dev.cel.extensions.CelExtensions;
import dev.cel.parser.CelStandardMacro;
import dev.cel.runtime.CelEvaluationException;
import dev.cel.runtime.CelRuntime;
import dev.cel.runtime.CelRuntimeFactory;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The {@code x-kubernetes-validations} of a schema, compiled once. Thread-safe.
 *
 * <p>A rule that uses anything we do not offer is refused when its CRD is created, so that no rule
 * is ever skipped. Cost limits are not estimated. Source: Kubernetes apiextensions, schema/cel.
 */
public final class CelRules {
  private static final Pattern USES_OLD = Pattern.compile("\\boldSelf\\b");
  private static final CelOptions OPTIONS =
      CelOptions.current()
          .enableHeterogeneousNumericComparisons(true)
          .enableOptionalSyntax(true)
          .populateMacroCalls(false)
          .build();
  private static final CelRuntime RUNTIME =
      CelRuntimeFactory.standardCelRuntimeBuilder()
          .setOptions(OPTIONS)
          .addLibraries(
              CelExtensions.strings(), CelExtensions.sets(OPTIONS), CelExtensions.optional())
          .addFunctionBindings(CelFunctions.bindings())
          .build();

  /** One rule; {@code message} is what to say when it fails and has no {@code expression}. */
  private record Rule(
      CelRuntime.Program program,
      boolean comparesWithOld,
      String text,
      String message,
      CelRuntime.@Nullable Program expression,
      String fieldPath,
      Type reason) {}

  private final Schema schema;
  private final List<Rule> rules;
  private final Map<String, CelRules> children;
  private final @Nullable CelRules additional;
  private final @Nullable CelRules items;

  private CelRules(Schema schema, String typeName, String where) {
    this.schema = schema;
    this.rules = compileRules(schema, typeName, where);
    var compiled = new LinkedHashMap<String, CelRules>();
    schema
        .properties()
        .forEach(
            (name, child) -> {
              var below =
                  new CelRules(child, typeName + "." + name, where + ".properties[" + name + "]");
              if (!below.isEmpty()) {
                compiled.put(name, below);
              }
            });
    this.children = compiled;
    this.additional =
        below(schema.additional(), typeName + ".@values", where + ".additionalProperties");
    this.items = below(schema.items(), typeName + ".@items", where + ".items");
  }

  private static @Nullable CelRules below(@Nullable Schema schema, String type, String where) {
    if (schema == null) {
      return null;
    }
    var below = new CelRules(schema, type, where);
    return below.isEmpty() ? null : below;
  }

  /**
   * @param where the path of the schema in its CRD, for errors
   * @throws RuleException when a rule is malformed or uses what is not offered
   */
  public static CelRules compile(Schema schema, String where) {
    return new CelRules(schema, "object", where);
  }

  private boolean isEmpty() {
    return rules.isEmpty() && children.isEmpty() && additional == null && items == null;
  }

  /**
   * Evaluates every rule that applies.
   *
   * @param old the value before, null when there was none; without it transition rules don't apply
   * @param path of {@code value}, empty for the root
   */
  public List<FieldError> check(JsonNode value, @Nullable JsonNode old, String path) {
    var errors = new ArrayList<FieldError>();
    check(value, old, path, errors);
    return errors;
  }

  private void check(JsonNode value, @Nullable JsonNode old, String path, List<FieldError> errors) {
    if (value.isNull() || isEmpty()) {
      return;
    }
    if (!rules.isEmpty()) {
      var self = CelTypes.valueOf(value, schema);
      var oldSelf = old == null || old.isNull() ? null : CelTypes.valueOf(old, schema);
      for (var rule : rules) {
        evaluate(rule, self, oldSelf, value, path, errors);
      }
    }
    if (value.isObject()) {
      for (var field : value.properties()) {
        var before = old == null ? null : old.get(field.getKey());
        var declared = children.get(field.getKey());
        if (declared != null) {
          declared.check(
              field.getValue(), before, SchemaValidator.join(path, field.getKey()), errors);
        } else if (additional != null && !schema.properties().containsKey(field.getKey())) {
          additional.check(field.getValue(), before, path + "[" + field.getKey() + "]", errors);
        }
      }
    } else if (value.isArray() && items != null) {
      for (var i = 0; i < value.size(); i++) {
        items.check(value.get(i), counterpart(value.get(i), old), path + "[" + i + "]", errors);
      }
    }
  }

  /** The item that was the same one before; only items of list maps can be told. */
  private @Nullable JsonNode counterpart(JsonNode item, @Nullable JsonNode oldList) {
    if (oldList == null || !schema.isListMap()) {
      return null;
    }
    var key = TypedValue.keyOf(item, schema);
    for (var each : oldList) {
      if (TypedValue.keyOf(each, schema).equals(key)) {
        return each;
      }
    }
    return null;
  }

  private static void evaluate(
      Rule rule,
      Object self,
      @Nullable Object oldSelf,
      JsonNode value,
      String path,
      List<FieldError> errors) {
    if (rule.comparesWithOld && oldSelf == null) {
      return;
    }
    var variables = new HashMap<String, Object>();
    variables.put("self", self);
    if (oldSelf != null) {
      variables.put("oldSelf", oldSelf);
    }
    var field = (path.isEmpty() && rule.fieldPath.isEmpty() ? "<nil>" : path) + rule.fieldPath;
    field = field.startsWith(".") ? field.substring(1) : field;
    try {
      if (!Boolean.TRUE.equals(rule.program.eval(variables))) {
        errors.add(failure(rule, field, value, message(rule, variables)));
      }
    } catch (CelEvaluationException error) {
      errors.add(
          FieldError.invalid(
              field,
              "\"" + Json.typeName(value) + "\"",
              reason(error)
                  + " evaluating rule: "
                  + (rule.message.isEmpty() ? rule.text : rule.message)));
    }
  }

  private static String reason(CelEvaluationException error) {
    var text =
        String.valueOf(error.getMessage())
            .replaceFirst("^evaluation error( at <input>:\\d+)?: ", "");
    return text.equals("/ by zero") ? "division by zero" : text;
  }

  private static FieldError failure(Rule rule, String field, JsonNode value, String message) {
    var container = value.isContainerNode();
    return switch (rule.reason) {
      case FORBIDDEN, REQUIRED -> FieldError.of(rule.reason, field, message);
      case DUPLICATE -> FieldError.of(rule.reason, field, value.toString());
      default ->
          container || !rule.fieldPath.isEmpty()
              ? FieldError.of(Type.INVALID, field, message)
              : FieldError.invalid(field, value.toString(), message);
    };
  }

  private static String message(Rule rule, Map<String, Object> variables) {
    if (rule.expression != null) {
      try {
        var text = String.valueOf(rule.expression.eval(variables)).strip();
        if (!text.isEmpty() && !text.contains("\n")) {
          return text;
        }
      } catch (CelEvaluationException fallBackToMessage) {
        return fallback(rule);
      }
    }
    return fallback(rule);
  }

  private static String fallback(Rule rule) {
    return rule.message.isEmpty() ? "failed rule: " + rule.text : rule.message;
  }

  private static List<Rule> compileRules(Schema schema, String typeName, String where) {
    var list = schema.json().path("x-kubernetes-validations");
    if (list.isEmpty()) {
      return List.of();
    }
    var types = CelTypes.of(schema, typeName);
    var compiled = new ArrayList<Rule>();
    for (var i = 0; i < list.size(); i++) {
      var at = where + ".x-kubernetes-validations[" + i + "]";
      compiled.add(compileRule(list.get(i), types, at));
    }
    return List.copyOf(compiled);
  }

  private static Rule compileRule(JsonNode json, CelTypes types, String at) {
    if (json.path("optionalOldSelf").asBoolean()) {
      throw new RuleException(
          at + ".optionalOldSelf",
          "true",
          "the development API server does not offer optionalOldSelf");
    }
    var text = Json.text(json, "rule");
    var expression = Json.text(json, "messageExpression");
    return new Rule(
        program(text, types, SimpleType.BOOL, at + ".rule", json),
        USES_OLD.matcher(text).find(),
        text.strip(),
        Json.text(json, "message"),
        expression.isEmpty()
            ? null
            : program(expression, types, SimpleType.STRING, at + ".messageExpression", json),
        Json.text(json, "fieldPath"),
        reasonOf(Json.text(json, "reason"), at));
  }

  private static Type reasonOf(String reason, String at) {
    return switch (reason) {
      case "", "FieldValueInvalid" -> Type.INVALID;
      case "FieldValueForbidden" -> Type.FORBIDDEN;
      case "FieldValueRequired" -> Type.REQUIRED;
      case "FieldValueDuplicate" -> Type.DUPLICATE;
      default ->
          throw new RuleException(
              at + ".reason",
              "\"" + reason + "\"",
              "supported values: \"FieldValueDuplicate\", \"FieldValueForbidden\","
                  + " \"FieldValueInvalid\", \"FieldValueRequired\"");
    };
  }

  private static CelRuntime.Program program(
      String text, CelTypes types, CelType result, String at, JsonNode rule) {
    try {
      return RUNTIME.createProgram(compiler(types, result).compile(text).getAst());
    } catch (CelValidationException | CelEvaluationException malformed) {
      throw new RuleException(at, describe(rule), "compilation failed: " + malformed.getMessage());
    }
  }

  private static String describe(JsonNode rule) {
    var json = Json.object();
    json.put("Rule", Json.text(rule, "rule"));
    json.put("Message", Json.text(rule, "message"));
    json.put("MessageExpression", Json.text(rule, "messageExpression"));
    json.set("Reason", rule.get("reason"));
    json.put("FieldPath", Json.text(rule, "fieldPath"));
    json.set("OptionalOldSelf", rule.get("optionalOldSelf"));
    return json.toString();
  }

  private static CelCompiler compiler(CelTypes types, CelType result) {
    return CelCompilerFactory.standardCelCompilerBuilder()
        .setOptions(OPTIONS)
        .setStandardMacros(CelStandardMacro.STANDARD_MACROS)
        .setTypeProvider(types)
        .addVar("self", types.self())
        .addVar("oldSelf", types.self())
        .addLibraries(
            CelExtensions.strings(), CelExtensions.sets(OPTIONS), CelExtensions.optional())
        .addFunctionDeclarations(CelFunctions.declarations())
        .setResultType(result)
        .build();
  }
}
