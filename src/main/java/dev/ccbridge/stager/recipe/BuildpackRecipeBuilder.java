package dev.ccbridge.stager.recipe;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import dev.ccbridge.cloudcontroller.model.BuildpackStagingData;
import dev.ccbridge.cloudcontroller.model.BuildpackStagingData.Buildpack;
import dev.ccbridge.cloudcontroller.model.StagingRequestFromCC;
import dev.ccbridge.receptor.model.Action;
import dev.ccbridge.receptor.model.EnvironmentVariable;
import dev.ccbridge.receptor.model.GoUrl;
import dev.ccbridge.receptor.model.ReceptorJson;
import dev.ccbridge.receptor.model.TaskCreateRequest;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The task that stages with buildpacks: download, build, upload. Source: stager
 * backend/buildpack_backend.go @1847376. Thread-safe.
 */
public final class BuildpackRecipeBuilder {
  private static final String USER = "vcap";
  private static final String LOG_SOURCE = "STG";
  private static final int CPU_WEIGHT = 50;
  private static final String APP = "/tmp/app";
  private static final String LIFECYCLE = "/tmp/lifecycle";
  private static final String BUILDPACKS = "/tmp/buildpacks";
  private static final String CACHE = "/tmp/cache";
  private static final String DROPLET = "/tmp/droplet";
  private static final String OUTPUT_CACHE = "/tmp/output-cache";
  private static final String RESULT = "/tmp/result.json";

  private final RecipeConfig config;
  private final Lifecycles lifecycles;

  public BuildpackRecipeBuilder(RecipeConfig config) {
    this.config = config;
    this.lifecycles = new Lifecycles(config);
  }

  /**
   * The task for {@code request}.
   *
   * @throws RecipeException with the original's text when the request lacks something
   */
  public TaskCreateRequest build(RecipeTarget target, StagingRequestFromCC request) {
    var data = stagingData(request.lifecycleData());
    check(request, data);
    var lifecycleUrl = lifecycles.url("buildpack/" + data.stack(), "wTF");
    var cacheUrl = cacheUrl(data);
    var timeout = StagingTimeout.of(request);
    var phases =
        Action.serial(
            List.of(
                downloadAppPackage(data),
                downloadBuildpacks(data, lifecycleUrl, cacheUrl),
                runBuilder(request, data),
                uploadArtifacts(target, request.appId(), data, timeout)));
    return task(target, request, data, Action.timeout(timeout.nanos(), phases));
  }

  private static BuildpackStagingData stagingData(@Nullable JsonNode data) {
    if (data == null) {
      throw new RecipeException("missing lifecycle data");
    }
    try {
      return ReceptorJson.mapper().treeToValue(data, BuildpackStagingData.class);
    } catch (JsonProcessingException wrongShape) {
      // Without the parser's quotation of it, which may hold credentials.
      throw new RecipeException("lifecycle data of another shape", wrongShape);
    }
  }

  private static void check(StagingRequestFromCC request, BuildpackStagingData data) {
    if (request.appId().isEmpty()) {
      throw new RecipeException("missing app id");
    }
    if (data.appBitsDownloadUri().isEmpty()) {
      throw new RecipeException("missing app bits download uri");
    }
  }

  /** Where the cache is downloaded from; empty: there is none. */
  private static String cacheUrl(BuildpackStagingData data) {
    var uri = data.buildArtifactsCacheDownloadUri();
    return uri.isEmpty()
        ? ""
        : parsed(uri, "failed to parse build artifacts cache download URL").toString();
  }

  private static GoUrl parsed(String uri, String failure) {
    return GoUrl.parseRequestUri(uri).orElseThrow(() -> new RecipeException(failure));
  }

  private static Action downloadAppPackage(BuildpackStagingData data) {
    return Action.download("app package", data.appBitsDownloadUri(), APP, "", USER);
  }

  private static Action downloadBuildpacks(
      BuildpackStagingData data, String lifecycleUrl, String cacheUrl) {
    var downloads = new ArrayList<Action>();
    downloads.add(downloadLifecycle(data.stack(), lifecycleUrl));
    for (var buildpack : data.buildpacks()) {
      if (!buildpack.isCustom()) {
        downloads.add(
            Action.download(
                buildpack.name(),
                buildpack.url(),
                BUILDPACKS + "/" + md5(buildpack.key()),
                buildpack.key(),
                USER));
      }
    }
    if (!cacheUrl.isEmpty()) {
      downloads.add(
          Action.tolerate(Action.download("build artifacts cache", cacheUrl, CACHE, "", USER)));
    }
    return Action.emitProgress(
        downloadMessage(data),
        "Downloaded buildpacks",
        "Downloading buildpacks failed",
        Action.parallel(downloads));
  }

  private static Action downloadLifecycle(String stack, String url) {
    return Action.emitProgress(
        "",
        "",
        "Failed to set up staging environment",
        Action.download("", url, LIFECYCLE, "buildpack-" + stack + "-lifecycle", USER));
  }

  private static String downloadMessage(BuildpackStagingData data) {
    var prefix =
        skipsDetect(data)
            ? ""
            : "No buildpack specified; fetching standard buildpacks to detect and build your"
                + " application.\n";
    var names =
        data.buildpacks().stream()
            .map(b -> b.isCustom() ? b.url() : b.name())
            .collect(Collectors.joining(", "));
    var cache = data.buildArtifactsCacheDownloadUri().isEmpty() ? "" : ", build artifacts cache";
    return prefix + "Downloading buildpacks (" + names + ")" + cache + "...";
  }

  /** Only a single buildpack can be taken without asking it. */
  private static boolean skipsDetect(BuildpackStagingData data) {
    return data.buildpacks().size() == 1 && data.buildpacks().getFirst().skipDetect();
  }

  private Action runBuilder(StagingRequestFromCC request, BuildpackStagingData data) {
    var order = data.buildpacks().stream().map(Buildpack::key).collect(Collectors.joining(","));
    var arguments =
        List.of(
            "-buildArtifactsCacheDir=" + CACHE,
            "-buildDir=" + APP,
            "-buildpackOrder=" + order,
            "-buildpacksDir=" + BUILDPACKS,
            "-outputBuildArtifactsCache=" + OUTPUT_CACHE,
            "-outputDroplet=" + DROPLET,
            "-outputMetadata=" + RESULT,
            "-skipCertVerify=" + config.skipCertVerify(),
            "-skipDetect=" + skipsDetect(data));
    return Action.emitProgress(
        "Staging...",
        "Staging complete",
        "Staging failed",
        Action.run(
            USER,
            LIFECYCLE + "/builder",
            arguments,
            request.environment(),
            OpenFiles.limit(request),
            ""));
  }

  private Action uploadArtifacts(
      RecipeTarget target, String appId, BuildpackStagingData data, StagingTimeout timeout) {
    var dropletUri = data.dropletUploadUri();
    var cacheUri = data.buildArtifactsCacheUploadUri();
    var droplet =
        goesStraight(target.ownDroplet())
            ? dropletUri
            : uploaderUrl("droplet", "cc-droplet-upload-uri", appId, dropletUri, timeout);
    var cache =
        goesStraight(target.ownCache())
            ? cacheUri
            : uploaderUrl(
                "build_artifacts", "cc-build-artifacts-upload-uri", appId, cacheUri, timeout);
    return Action.emitProgress(
        "Uploading droplet, build artifacts cache...",
        "Uploading complete",
        "Uploading failed",
        Action.parallel(
            List.of(
                Action.upload("droplet", DROPLET, droplet, USER),
                Action.tolerate(
                    Action.upload("build artifacts cache", OUTPUT_CACHE, cache, USER)))));
  }

  /**
   * Differs from Diego: to our own blob store, or where there is no cc-uploader, straight to where
   * it is wanted.
   */
  private boolean goesStraight(boolean own) {
    return own || config.ccUploaderUrl().isEmpty();
  }

  private String uploaderUrl(
      String kind, String parameter, String appId, String wanted, StagingTimeout timeout) {
    var path =
        GoUrl.parse("/v1/" + kind + "/" + appId)
            .orElseThrow(() -> new RecipeException("couldn't generate upload URL"));
    var query = parameter + "=" + Urls.formEscape(wanted) + "&timeout=" + timeout.seconds();
    return parsed(Urls.join(config.ccUploaderUrl(), path.toString()), "failed to parse upload URL")
        .withQuery(query)
        .toString();
  }

  private static TaskCreateRequest task(
      RecipeTarget target, StagingRequestFromCC request, BuildpackStagingData data, Action action) {
    return new TaskCreateRequest(
        action,
        Annotations.of(StagingRequestFromCC.BUILDPACK),
        target.completionCallbackUrl(),
        CPU_WEIGHT,
        request.diskMb(),
        target.domain(),
        request.logGuid(),
        LOG_SOURCE,
        "",
        request.memoryMb(),
        RESULT,
        target.taskGuid(),
        "preloaded:" + data.stack(),
        true,
        List.of(new EnvironmentVariable("LANG", "en_US.UTF-8")),
        request.egressRules());
  }

  private static String md5(String key) {
    try {
      var digest = MessageDigest.getInstance("MD5").digest(key.getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(digest);
    } catch (NoSuchAlgorithmException everyJdkHasIt) {
      throw new IllegalStateException(everyJdkHasIt);
    }
  }
}
