package dev.ccbridge.api;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.fabric8.crdv2.generator.CRDPostProcessor;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceColumnDefinition;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinition;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinitionVersion;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceSubresources;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceSubresourcesBuilder;
import io.fabric8.kubernetes.api.model.apiextensions.v1.JSONSchemaProps;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** What the CRD generator cannot be told by annotations. */
final class CrdRefinements implements CRDPostProcessor {
  private static final Map<String, String> DESCRIPTIONS =
      Map.of(
          "StagingRequest", "Asks for an app to be staged: source in, droplet out.",
          "DesiredLRP", "A long-running process that is wanted, in so many instances.");
  private static final List<String> COLUMN_ORDER =
      List.of(
          "Phase",
          "Ready",
          "State",
          "Buildpack",
          "Reason",
          "Age",
          "Task",
          "Process",
          "Cell",
          "Address",
          "Crashes");
  private static final Map<String, String> CONDITION_FIELDS =
      Map.of(
          "type", "What the condition says something about.",
          "status", "True, False or Unknown.",
          "reason", "Why, in one word.",
          "message", "Why, for a person, and what to do.",
          "observedGeneration", "Generation of the spec that the condition speaks of.",
          "lastTransitionTime", "When status changed last, RFC 3339.");

  @Override
  public HasMetadata process(HasMetadata resource, String crdVersion) {
    var crd = (CustomResourceDefinition) resource;
    crd.getSpec().getNames().setCategories(List.of("ccbridge"));
    for (var version : crd.getSpec().getVersions()) {
      refine(crd, version);
    }
    return crd;
  }

  private static void refine(
      CustomResourceDefinition crd, CustomResourceDefinitionVersion version) {
    var schema = version.getSchema().getOpenAPIV3Schema();
    schema.setDescription(DESCRIPTIONS.get(crd.getSpec().getNames().getKind()));
    schema.getProperties().get("spec").setDescription("What is wanted.");
    schema.setRequired(List.of("spec"));
    var status = schema.getProperties().get("status");
    status.setDescription("What there is. Written by cc-bridge alone.");
    // "Not seen yet" is visible: until the operator has written a status, tools that know kstatus
    // wait.
    status.setDefault(JsonNodeFactory.instance.objectNode().put("observedGeneration", -1));
    refineConditions(status.getProperties().get("conditions"));
    keyed(status.getProperties().get("crashesTold"), "index");
    limitItems(schema);
    dropRepeatedRules(schema);
    orderColumns(version);
    version.setSubresources(subresources(crd));
  }

  private static CustomResourceSubresources subresources(CustomResourceDefinition crd) {
    var subresources = new CustomResourceSubresourcesBuilder().withNewStatus().endStatus();
    return crd.getSpec().getNames().getKind().equals("DesiredLRP")
        ? subresources
            .withNewScale(".status.selector", ".spec.instances", ".status.instances")
            .build()
        : subresources.build();
  }

  /** Conditions merge by their type, also when two writers apply them. */
  private static void refineConditions(JSONSchemaProps conditions) {
    conditions.setXKubernetesListType("map");
    conditions.setXKubernetesListMapKeys(List.of("type"));
    var condition = conditions.getItems().getSchema();
    condition.setRequired(List.of("type", "status"));
    CONDITION_FIELDS.forEach(
        (name, description) ->
            Objects.requireNonNull(condition.getProperties().get(name), name)
                .setDescription(description));
    condition.getProperties().get("lastTransitionTime").setFormat("date-time");
  }

  /** Elements with another key are another writer's; absent in a kind that has no such list. */
  private static void keyed(@Nullable JSONSchemaProps list, String key) {
    if (list != null) {
      list.setXKubernetesListType("map");
      list.setXKubernetesListMapKeys(List.of(key));
    }
  }

  /** Bounds on the elements of lists, which also bound what the CEL rules may cost. */
  private static void limitItems(JSONSchemaProps schema) {
    var properties = schema.getProperties();
    if (properties == null) {
      return;
    }
    properties.forEach(
        (name, property) -> {
          limitItems(property);
          if (property.getItems() == null) {
            return;
          }
          var item = property.getItems().getSchema();
          limitItems(item);
          if (name.equals("ports") && item.getType().equals("integer")) {
            item.setMinimum(1.0);
            item.setMaximum(65535.0);
          } else if (item.getType().equals("string")) {
            item.setMaxLength(256L);
          }
        });
  }

  /**
   * An annotation on a record's component is also one of its field and of its accessor, and the
   * generator takes the rule from both; server-side apply refuses a rule that stands there twice.
   */
  private static void dropRepeatedRules(JSONSchemaProps schema) {
    if (schema.getXKubernetesValidations() != null) {
      schema.setXKubernetesValidations(
          new ArrayList<>(new LinkedHashSet<>(schema.getXKubernetesValidations())));
    }
    if (schema.getProperties() != null) {
      schema.getProperties().values().forEach(CrdRefinements::dropRepeatedRules);
    }
    if (schema.getItems() != null && schema.getItems().getSchema() != null) {
      dropRepeatedRules(schema.getItems().getSchema());
    }
  }

  /** The generator sorts by JSON path, which would put the age first. */
  private static void orderColumns(CustomResourceDefinitionVersion version) {
    var columns = new ArrayList<>(version.getAdditionalPrinterColumns());
    columns.forEach(c -> checkKnown(c.getName()));
    columns.sort(
        Comparator.comparingInt(
            (CustomResourceColumnDefinition c) -> COLUMN_ORDER.indexOf(c.getName())));
    version.setAdditionalPrinterColumns(columns);
  }

  private static void checkKnown(String column) {
    if (!COLUMN_ORDER.contains(column)) {
      throw new IllegalStateException(
          "give the printer column " + column + " a place in COLUMN_ORDER");
    }
  }
}
