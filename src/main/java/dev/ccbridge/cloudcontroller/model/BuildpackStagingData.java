package dev.ccbridge.cloudcontroller.model;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonInclude.Include;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;

/** The lifecycle data of a buildpack staging. Source: cc_messages/staging_messages.go. */
public record BuildpackStagingData(
    @JsonProperty("app_bits_download_uri") String appBitsDownloadUri,
    @JsonProperty("build_artifacts_cache_download_uri") @JsonInclude(Include.NON_EMPTY)
        String buildArtifactsCacheDownloadUri,
    @JsonProperty("build_artifacts_cache_upload_uri") String buildArtifactsCacheUploadUri,
    @JsonProperty("buildpacks") List<Buildpack> buildpacks,
    @JsonProperty("droplet_upload_uri") String dropletUploadUri,
    @JsonProperty("stack") String stack) {
  public BuildpackStagingData {
    appBitsDownloadUri = Absent.text(appBitsDownloadUri);
    buildArtifactsCacheDownloadUri = Absent.text(buildArtifactsCacheDownloadUri);
    buildArtifactsCacheUploadUri = Absent.text(buildArtifactsCacheUploadUri);
    buildpacks = Absent.list(buildpacks, new Buildpack("", "", "", false));
    dropletUploadUri = Absent.text(dropletUploadUri);
    stack = Absent.text(stack);
  }

  /** One buildpack; {@code name} {@value #CUSTOM}: the builder fetches {@code url} itself. */
  public record Buildpack(
      @JsonProperty("name") String name,
      @JsonProperty("key") String key,
      @JsonProperty("url") String url,
      @JsonProperty("skip_detect") boolean skipDetect) {
    public static final String CUSTOM = "custom";

    public Buildpack {
      name = Absent.text(name);
      key = Absent.text(key);
      url = Absent.text(url);
    }

    public boolean isCustom() {
      return name.equals(CUSTOM);
    }
  }
}
