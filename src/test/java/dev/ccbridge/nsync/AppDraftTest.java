package dev.ccbridge.nsync;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.ccbridge.CcBridgeException;
import dev.ccbridge.api.DesiredLRP;
import dev.ccbridge.cloudcontroller.model.CloudControllerJson;
import dev.ccbridge.cloudcontroller.model.DesireAppRequestFromCC;
import dev.ccbridge.nsync.recipe.LRPOptions;
import dev.ccbridge.nsync.recipe.LRPRecipeBuilder;
import dev.ccbridge.nsync.recipe.SshKeyPair;
import dev.ccbridge.nsync.recipe.SshKeySource;
import dev.ccbridge.receptor.model.EnvironmentVariable;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.math.BigInteger;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AppDraftTest {
  private static final NsyncConfig CONFIG =
      NsyncConfig.of(
          Map.of("buildpack/cflinuxfs2", "bp.tgz", "docker", "docker.tgz"), "http://fs.test");
  private static final SshKeySource KEYS = () -> new SshKeyPair("private", "public", "fingerprint");

  private final LRPRecipes recipes = new LRPRecipes(CONFIG, KEYS, uri -> "signed:" + uri);

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\"start_command\": \"run <it> && \\\"that\\\"\"",
        "\"start_command\": null",
        "\"execution_metadata\": \"{\\\"start_command\\\":\\\"x\\\"}\"",
        "\"execution_metadata\": \"\"",
        "\"environment\": [{\"name\": \"A\", \"value\": \"1\"}, {\"name\": \"B\", \"value\": \"\"},"
            + " {\"name\": \"A\", \"value\": \"ü\"}]",
        "\"environment\": [{\"name\": \"PORT\", \"value\": \"1\"}]",
        "\"environment\": null",
        "\"memory_mb\": 0, \"disk_mb\": 0",
        "\"memory_mb\": 8193",
        "\"file_descriptors\": 0",
        "\"file_descriptors\": 1",
        "\"file_descriptors\": 9223372036854775807",
        "\"file_descriptors\": 9223372036854775808",
        "\"file_descriptors\": 18446744073709551615",
        "\"num_instances\": 0",
        "\"routes\": []",
        "\"routes\": null",
        "\"routes\": [\"a.test\", \"b.test\"]",
        "\"allow_ssh\": true",
        "\"allow_ssh\": true, \"routes\": null",
        "\"log_guid\": \"\"",
        "\"etag\": \"\"",
        "\"health_check_type\": \"\"",
        "\"health_check_type\": \"none\"",
        "\"health_check_type\": \"http\"",
        "\"health_check_type\": \"process\"",
        "\"health_check_type\": \"PORT\"",
        "\"health_check_timeout_in_seconds\": 0",
        "\"health_check_timeout_in_seconds\": 900",
        "\"egress_rules\": [{\"protocol\": \"tcp\", \"destinations\": [\"1.2.3.4\"], \"ports\": [1,"
            + " 65535], \"log\": true}]",
        "\"egress_rules\": [{\"protocol\": \"udp\", \"destinations\": [\"1.2.3.4-1.2.3.9\"],"
            + " \"port_range\": {\"start\": 1, \"end\": 9}}]",
        "\"egress_rules\": [{\"protocol\": \"icmp\", \"destinations\": [\"0.0.0.0/0\"],"
            + " \"icmp_info\": {\"type\": -1, \"code\": 0}}]",
        "\"egress_rules\": [{\"protocol\": \"all\", \"destinations\": [\"0.0.0.0/0\"]}]",
        "\"droplet_uri\": \"http://me:secret@cc.test/d?token=x\"",
        "\"droplet_uri\": \"/not/a/uri\"",
        "\"droplet_uri\": \"ftp://odd thing\"",
        "\"droplet_uri\": \"\", \"docker_image\": \"a/b:c\", \"execution_metadata\": \"{}\"",
        "\"droplet_uri\": \"\", \"docker_image\": \"a\", \"execution_metadata\": \"null\","
            + " \"stack\": \"\"",
        "\"droplet_uri\": \"\", \"docker_image\": \"reg.test:5/a\", \"execution_metadata\":"
            + " \"{\\\"user\\\":\\\"u\\\",\\\"ports\\\":[{\\\"Port\\\":7,\\\"Protocol\\\":\\\"tcp\\\"}]}\","
            + " \"docker_user\": \"me\", \"docker_password\": \"secret\"",
      })
  void theLRPOfTheResourceIsTheOneOfTheMessage(String members) {
    var app = app(members);
    var direct =
        LRPRecipeBuilder.of(app, CONFIG.recipe(), KEYS).create(app, LRPOptions.CLOUD_CONTROLLER);

    var draft = AppDraft.of(app, "cc");
    var stored = throughTheApi(draft.resource());
    var wanted = recipes.plan(stored, (AppSource.Known) AppSource.of(stored, Optional.empty()));
    assertThat(recipes.create(wanted, revealed(stored, draft))).isEqualTo(direct);
  }

  @Test
  void credentialsAreNotInTheResource() {
    var app =
        app(
            """
            "droplet_uri": "", "docker_image": "a", "docker_user": "the-user",
            "docker_password": "the-password", "environment": [{"name": "A", "value": "the-value"}]
            """);
    assertThat(Serialization.asJson(AppDraft.of(app, "cc").resource()))
        .doesNotContain("the-user", "the-password", "the-value");
    var droplet = AppDraft.of(app("\"droplet_uri\": \"http://u:pw@h/d\""), "cc").resource();
    assertThat(Serialization.asJson(droplet)).doesNotContain("pw@");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "\"egress_rules\": [{\"protocol\": \"TCP\"}] | egress_rules.protocol: was TCP, wanted",
        "\"egress_rules\": [{\"protocol\": \"tcp\", \"ports\": [4294967295]}]"
            + " | egress_rules.ports: was 4294967295, wanted"
      })
  void whatAResourceHasNoWordsForIsNamed(String member, String message) {
    assertThatThrownBy(() -> AppDraft.of(app(member), "cc"))
        .isInstanceOf(CcBridgeException.class)
        .hasMessageStartingWith(message);
  }

  @Test
  void aHealthCheckMayTakeAnyTime() {
    var draft = AppDraft.of(app("\"health_check_timeout_in_seconds\": 9999999999"), "cc");
    assertThat(draft.resource().getSpec().healthCheck().timeoutSeconds()).isEqualTo(9_999_999_999L);
  }

  @Test
  void anAnnotationCountsOnlyBesideTheMostThatTheFieldHolds() {
    var resource = AppDraft.of(app("\"file_descriptors\": 18446744073709551615"), "cc").resource();
    resource.getMetadata().getAnnotations().put(AppDraft.FILE_DESCRIPTORS, "not a number");
    var known = (AppSource.Known) AppSource.of(resource, Optional.empty());
    assertThat(Apps.request(resource, known, "g").fileDescriptors())
        .isEqualTo(BigInteger.valueOf(Long.MAX_VALUE));
  }

  /** The Secret's values, found by the references that are in the resource. */
  private static Revealed revealed(DesiredLRP stored, AppDraft draft) {
    stored.getMetadata().setUid("uid");
    var values =
        Optional.ofNullable(draft.secrets().secret(stored, Map.of()).getStringData())
            .orElse(Map.of());
    var environment =
        Optional.ofNullable(stored.getSpec().environment()).orElse(List.of()).stream()
            .map(v -> new EnvironmentVariable(v.name(), values.get(Apps.reference(v).key())))
            .toList();
    var droplet = stored.getSpec().source().droplet();
    return new Revealed(
        environment,
        Optional.ofNullable(droplet)
            .flatMap(d -> Optional.ofNullable(Apps.reference(d.uriFrom())))
            .map(r -> values.get(r.key())),
        Optional.empty());
  }

  private static DesiredLRP throughTheApi(DesiredLRP lrp) {
    return Serialization.unmarshal(Serialization.asJson(lrp), DesiredLRP.class);
  }

  private static DesireAppRequestFromCC app(String members) {
    try {
      var message =
          (ObjectNode)
              CloudControllerJson.mapper()
                  .readTree(
                      """
                      {"process_guid": "Guid_1", "droplet_uri": "signed:no", "stack": "cflinuxfs2",
                       "start_command": "run", "memory_mb": 1024, "disk_mb": 512, "num_instances": 2,
                       "file_descriptors": 16384, "routes": ["a.test"], "log_guid": "log", "etag": "1",
                       "health_check_type": "port", "health_check_timeout_in_seconds": 60}
                      """);
      message.setAll((ObjectNode) CloudControllerJson.mapper().readTree("{" + members + "}"));
      return CloudControllerJson.mapper().convertValue(message, DesireAppRequestFromCC.class);
    } catch (IOException malformed) {
      throw new IllegalArgumentException(malformed);
    }
  }
}
