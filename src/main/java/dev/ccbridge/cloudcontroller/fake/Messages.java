package dev.ccbridge.cloudcontroller.fake;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.ccbridge.cloudcontroller.fake.App.Snapshot;
import dev.ccbridge.cloudcontroller.model.BuildpackStagingData;
import dev.ccbridge.cloudcontroller.model.BuildpackStagingData.Buildpack;
import dev.ccbridge.cloudcontroller.model.CloudControllerJson;
import dev.ccbridge.cloudcontroller.model.DesireAppRequestFromCC;
import dev.ccbridge.cloudcontroller.model.DockerStagingData;
import dev.ccbridge.cloudcontroller.model.StagingRequestFromCC;
import dev.ccbridge.receptor.model.EnvironmentVariable;
import java.math.BigInteger;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What CC tells stager and nsync about an app. Source: cloud_controller_ng
 * lib/cloud_controller/diego/traditional/protocol.rb, docker/protocol.rb, environment.rb @3c047cc.
 */
final class Messages {
  private static final int MIN_STAGING_MEMORY_MB = 1024;
  private static final int MIN_STAGING_DISK_MB = 4096;
  private static final int FILE_DESCRIPTORS = 16_384;
  private static final String SPACE_GUID = "5e0c7f10-0000-4000-8000-00000000de70";

  private final FakeCloudControllerConfig config;
  private final URI externalUrl;

  Messages(FakeCloudControllerConfig config, URI externalUrl) {
    this.config = config;
    this.externalUrl = externalUrl;
  }

  /**
   * @param hasCache whether a build artifacts cache of the app was uploaded before
   */
  StagingRequestFromCC staging(Snapshot app, boolean hasCache) {
    var settings = app.settings();
    var data = settings.isDocker() ? docker(settings) : buildpack(app, hasCache);
    return new StagingRequestFromCC(
        app.guid(),
        FILE_DESCRIPTORS,
        Math.max(settings.memory(), MIN_STAGING_MEMORY_MB),
        Math.max(settings.diskQuota(), MIN_STAGING_DISK_MB),
        environment(app, true),
        List.of(),
        config.stagingTimeout().toSeconds(),
        app.guid(),
        settings.isDocker() ? StagingRequestFromCC.DOCKER : StagingRequestFromCC.BUILDPACK,
        CloudControllerJson.mapper().valueToTree(data));
  }

  private BuildpackStagingData buildpack(Snapshot app, boolean hasCache) {
    var cache = "/staging/buildpack_cache/" + app.settings().stack() + "/" + app.guid();
    return new BuildpackStagingData(
        asStaging("/staging/apps/" + app.guid()),
        hasCache ? asStaging(cache + "/download") : "",
        asStaging(cache + "/upload"),
        buildpacks(app.settings().buildpack()),
        asStaging("/staging/droplets/" + app.guid() + "/upload"),
        app.settings().stack());
  }

  private String asStaging(String path) {
    return config.staging().within(externalUrl, path);
  }

  /**
   * All that are configured, or the one that is wanted.
   *
   * @throws CcError 400 when {@code wanted} is neither known nor a URL
   */
  List<Buildpack> buildpacks(String wanted) {
    if (wanted.isEmpty()) {
      return config.buildpacks();
    }
    return named(wanted)
        .or(() -> custom(wanted))
        .map(List::of)
        .orElseThrow(
            () ->
                CcError.appInvalid(
                    "buildpack " + wanted + " is not valid public url or a known buildpack name"));
  }

  private Optional<Buildpack> named(String wanted) {
    return config.buildpacks().stream()
        .filter(known -> known.name().equals(wanted))
        .map(known -> new Buildpack(known.name(), known.key(), known.url(), true))
        .findFirst();
  }

  private static Optional<Buildpack> custom(String wanted) {
    return wanted.contains("://")
        ? Optional.of(new Buildpack(Buildpack.CUSTOM, wanted, wanted, true))
        : Optional.empty();
  }

  private static DockerStagingData docker(AppSettings settings) {
    return new DockerStagingData(tagged(settings.dockerImage()), "", "", "", "");
  }

  private static String tagged(String image) {
    return image.substring(image.lastIndexOf('/') + 1).contains(":") ? image : image + ":latest";
  }

  DesireAppRequestFromCC desire(Snapshot app) {
    var settings = app.settings();
    var docker = settings.isDocker();
    var cachedImage = app.staged().image();
    return new DesireAppRequestFromCC(
        app.processGuid(),
        docker ? "" : dropletUri(app),
        docker ? (cachedImage.isEmpty() ? tagged(settings.dockerImage()) : cachedImage) : "",
        "",
        "",
        "",
        "",
        settings.stack(),
        settings.command(),
        app.staged().executionMetadata(),
        environment(app, false),
        settings.memory(),
        settings.diskQuota(),
        BigInteger.valueOf(FILE_DESCRIPTORS),
        settings.instances(),
        settings.routes(),
        settings.enableSsh(),
        app.guid(),
        settings.healthCheckType(),
        settings.healthCheckTimeout(),
        List.of(),
        app.etag());
  }

  private String dropletUri(Snapshot app) {
    return externalUrl
        + "/internal/v2/droplets/"
        + app.guid()
        + "/"
        + app.dropletHash()
        + "/download";
  }

  /** CC's variables first, the app's own last. */
  private static List<EnvironmentVariable> environment(Snapshot app, boolean staging) {
    var variables = new ArrayList<EnvironmentVariable>();
    variables.add(new EnvironmentVariable("VCAP_APPLICATION", vcapApplication(app, staging)));
    variables.add(new EnvironmentVariable("VCAP_SERVICES", "{}"));
    variables.add(new EnvironmentVariable("MEMORY_LIMIT", app.settings().memory() + "m"));
    if (staging) {
      variables.add(new EnvironmentVariable("CF_STACK", app.settings().stack()));
    }
    app.settings()
        .environment()
        .forEach((name, value) -> variables.add(new EnvironmentVariable(name, value)));
    return variables;
  }

  private static String vcapApplication(Snapshot app, boolean staging) {
    var settings = app.settings();
    var vcap = JsonNodeFactory.instance.objectNode();
    vcap.putObject("limits")
        .put("mem", settings.memory())
        .put("disk", settings.diskQuota())
        .put("fds", FILE_DESCRIPTORS);
    vcap.put("application_id", app.guid())
        .put("application_version", app.version())
        .put("application_name", settings.name());
    if (!staging) {
      putUris(vcap, "application_uris", settings.routes());
    }
    vcap.put("version", app.version())
        .put("name", settings.name())
        .put("space_name", "dev")
        .put("space_id", SPACE_GUID);
    if (!staging) {
      putUris(vcap, "uris", settings.routes());
      vcap.putNull("users");
    }
    return vcap.toString();
  }

  private static void putUris(ObjectNode vcap, String name, List<String> routes) {
    routes.forEach(vcap.putArray(name)::add);
  }
}
