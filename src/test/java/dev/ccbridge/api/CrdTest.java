package dev.ccbridge.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.crdv2.generator.CRDGenerator;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinition;
import io.fabric8.kubernetes.api.model.apiextensions.v1.JSONSchemaProps;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The files in {@code crds/} are what the resource classes say. {@code mvn test -Dtest=CrdTest
 * -Dcrds.update=true} rewrites them.
 */
class CrdTest {
  private static final boolean UPDATE = Boolean.getBoolean("crds.update");
  private static final List<String> FILES =
      List.of("stagingrequests.ccbridge.dev-v1.yml", "desiredlrps.ccbridge.dev-v1.yml");

  @Test
  void theCommittedCrdsAreThoseOfTheClasses(@TempDir Path generated) throws Exception {
    new CRDGenerator()
        .customResourceClasses(StagingRequest.class, DesiredLRP.class)
        .withMinQuotes(true)
        .withPostProcessor(new CrdRefinements())
        .inOutputDir(generated.toFile())
        .detailedGenerate();
    for (var file : FILES) {
      var fresh = Files.readString(generated.resolve(file));
      var committed = Path.of("crds", file);
      if (UPDATE) {
        Files.writeString(committed, fresh);
      }
      assertThat(committed).as("run: mvn test -Dtest=CrdTest -Dcrds.update=true").hasContent(fresh);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"stagingrequests.ccbridge.dev-v1.yml", "desiredlrps.ccbridge.dev-v1.yml"})
  void everyFieldIsDescribed(String file) throws Exception {
    var crd =
        Serialization.unmarshal(
            Files.readString(Path.of("crds", file)), CustomResourceDefinition.class);
    var undescribed = new TreeSet<String>();
    for (var version : crd.getSpec().getVersions()) {
      collectUndescribed("", version.getSchema().getOpenAPIV3Schema(), undescribed);
    }
    assertThat(undescribed).isEmpty();
  }

  private static void collectUndescribed(
      String path, JSONSchemaProps schema, TreeSet<String> undescribed) {
    var properties =
        schema.getProperties() == null ? Map.<String, JSONSchemaProps>of() : schema.getProperties();
    properties.forEach(
        (name, property) -> {
          if (property.getDescription() == null || property.getDescription().isBlank()) {
            undescribed.add(path + "." + name);
          }
          collectUndescribed(path + "." + name, property, undescribed);
          if (property.getItems() != null) {
            collectUndescribed(
                path + "." + name + "[]", property.getItems().getSchema(), undescribed);
          }
        });
  }
}
