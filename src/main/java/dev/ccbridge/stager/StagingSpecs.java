package dev.ccbridge.stager;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import dev.ccbridge.api.EgressRule;
import dev.ccbridge.api.SecretRef;
import dev.ccbridge.api.StagingRequestSpec;
import dev.ccbridge.api.StagingRequestSpec.BuildArtifactsCache;
import dev.ccbridge.api.StagingRequestSpec.Buildpack;
import dev.ccbridge.api.StagingRequestSpec.BuildpackRef;
import dev.ccbridge.api.StagingRequestSpec.Docker;
import dev.ccbridge.api.StagingRequestSpec.DropletTarget;
import dev.ccbridge.api.StagingRequestSpec.Lifecycle;
import dev.ccbridge.api.StagingRequestSpec.Source;
import dev.ccbridge.api.ValueSource;
import dev.ccbridge.cloudcontroller.model.BuildpackStagingData;
import dev.ccbridge.cloudcontroller.model.CloudControllerJson;
import dev.ccbridge.cloudcontroller.model.DockerStagingData;
import dev.ccbridge.cloudcontroller.model.StagingRequestFromCC;
import dev.ccbridge.receptor.model.SecurityGroupRule;
import dev.ccbridge.secrets.InlineSecrets;
import dev.ccbridge.stager.recipe.DockerRecipeBuilder;
import dev.ccbridge.stager.recipe.RecipeException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The resource of what CC asks for, exact enough that {@link StagingRecipes} makes of it the task
 * that the original made of the message. What may be secret is put aside. Used by one thread.
 */
final class StagingSpecs {
  private static final int MAX_URI = 4096;
  private static final int DEFAULT_TIMEOUT_SECONDS = 900;

  private final InlineSecrets secrets;
  private final String secretName;

  private StagingSpecs(InlineSecrets secrets, String secretName) {
    this.secrets = secrets;
    this.secretName = secretName;
  }

  /**
   * @param secrets takes what must not stand in the resource
   * @param secretName of the Secret made of it
   * @throws RecipeException when the message has something that no resource can hold
   */
  static StagingRequestSpec of(
      String stagingGuid,
      StagingRequestFromCC message,
      String completionCallback,
      InlineSecrets secrets,
      String secretName) {
    return new StagingSpecs(secrets, secretName).spec(stagingGuid, message, completionCallback);
  }

  private StagingRequestSpec spec(
      String stagingGuid, StagingRequestFromCC message, String completionCallback) {
    var docker = message.lifecycle().equals(StagingRequestFromCC.DOCKER);
    return new StagingRequestSpec(
        stagingGuid,
        message.appId(),
        docker ? Lifecycle.DOCKER : Lifecycle.BUILDPACK,
        docker ? null : buildpack(data(message, BuildpackStagingData.class)),
        docker ? docker(data(message, DockerStagingData.class), message) : null,
        message.memoryMb(),
        message.diskMb(),
        message.fileDescriptors(),
        timeoutSeconds(message),
        message.logGuid(),
        orNull(secrets.putEnvironment(message.environment())),
        orNull(message.egressRules().stream().map(StagingSpecs::egressRule).toList()),
        completionCallback,
        false,
        null);
  }

  private static <T> T data(StagingRequestFromCC message, Class<T> type) {
    try {
      @Nullable JsonNode data = message.lifecycleData();
      if (data == null) {
        throw new RecipeException("missing lifecycle data");
      }
      return CloudControllerJson.mapper().treeToValue(data, type);
    } catch (JsonProcessingException wrongShape) {
      throw new RecipeException("lifecycle data of another shape", wrongShape);
    }
  }

  private static int timeoutSeconds(StagingRequestFromCC message) {
    if (message.timeoutSeconds() > Integer.MAX_VALUE) {
      throw new RecipeException("timeout: was " + message.timeoutSeconds() + " s, wanted less");
    }
    return message.timeoutSeconds() <= 0 ? DEFAULT_TIMEOUT_SECONDS : (int) message.timeoutSeconds();
  }

  private Buildpack buildpack(BuildpackStagingData data) {
    if (data.stack().isEmpty()) {
      // Absent it would become the default.
      throw new RecipeException("stack: was empty, wanted the name of one");
    }
    return new Buildpack(
        new Source(plain(data.appBitsDownloadUri()), aside("app-bits", data.appBitsDownloadUri())),
        data.stack(),
        orNull(buildpacks(data.buildpacks())),
        new BuildArtifactsCache(
            plain(data.buildArtifactsCacheDownloadUri()),
            aside("cache-download", data.buildArtifactsCacheDownloadUri()),
            plain(data.buildArtifactsCacheUploadUri()),
            aside("cache-upload", data.buildArtifactsCacheUploadUri())),
        new DropletTarget(
            plain(data.dropletUploadUri()), aside("droplet-upload", data.dropletUploadUri())));
  }

  private List<BuildpackRef> buildpacks(List<BuildpackStagingData.Buildpack> wanted) {
    var all = new ArrayList<BuildpackRef>();
    for (var one : wanted) {
      var number = "buildpack-" + all.size();
      // A custom one must name its place, even when that is nowhere.
      var uriFrom =
          one.isCustom() && one.url().isEmpty()
              ? secrets.put(number + "-uri", "")
              : aside(number + "-uri", one.url());
      var showsKey = mayShowKey(one.key());
      all.add(
          new BuildpackRef(
              one.name(),
              showsKey ? orNull(one.key()) : null,
              showsKey ? null : secrets.put(number + "-key", one.key()),
              plain(one.url()),
              uriFrom,
              one.skipDetect()));
    }
    return all;
  }

  /** A key is a name, or, of a custom buildpack, its URI with whatever credentials that has. */
  private static boolean mayShowKey(String key) {
    return fits(key) && (InlineSecrets.isPlain(key) || !key.matches("(?s).*[:@?].*"));
  }

  private static @Nullable String plain(String uri) {
    return InlineSecrets.isPlain(uri) && fits(uri) ? uri : null;
  }

  /** Null: it need not be put aside. */
  private @Nullable ValueSource aside(String key, String uri) {
    return uri.isEmpty() || plain(uri) != null ? null : secrets.put(key, uri);
  }

  private static boolean fits(String text) {
    return text.codePointCount(0, text.length()) <= MAX_URI;
  }

  private Docker docker(DockerStagingData data, StagingRequestFromCC message) {
    if (data.hasCredentials()) {
      secrets.put(StagingRecipes.USERNAME, data.dockerUser());
      secrets.put(StagingRecipes.PASSWORD, data.dockerPassword());
      secrets.put(StagingRecipes.EMAIL, data.dockerEmail());
    }
    return new Docker(
        data.dockerImage(),
        data.hasCredentials() ? new SecretRef(secretName) : null,
        orNull(data.dockerLoginServer()),
        DockerRecipeBuilder.wantsCache(message.environment()));
  }

  private static EgressRule egressRule(SecurityGroupRule rule) {
    var range = rule.portRange();
    var icmp = rule.icmpInfo();
    return new EgressRule(
        protocol(rule.protocol()),
        rule.destinations(),
        rule.ports().isEmpty() ? null : rule.ports().stream().map(StagingSpecs::port).toList(),
        range == null ? null : new EgressRule.PortRange(port(range.start()), port(range.end())),
        icmp == null ? null : new EgressRule.IcmpInfo(icmp.type(), icmp.code()),
        rule.log());
  }

  private static int port(long port) {
    if (port > Integer.MAX_VALUE) {
      throw new RecipeException("egress_rules: was port " + port);
    }
    return (int) port;
  }

  private static EgressRule.Protocol protocol(String name) {
    for (var protocol : EgressRule.Protocol.values()) {
      if (protocol.name().toLowerCase(Locale.ROOT).equals(name)) {
        return protocol;
      }
    }
    throw new RecipeException("egress_rules: was protocol " + name);
  }

  private static @Nullable String orNull(String text) {
    return text.isEmpty() ? null : text;
  }

  private static <T> @Nullable List<T> orNull(List<T> list) {
    return list.isEmpty() ? null : list;
  }
}
