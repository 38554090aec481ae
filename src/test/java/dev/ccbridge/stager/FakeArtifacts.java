package dev.ccbridge.stager;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** A file server whose URLs say what they are for. */
final class FakeArtifacts implements ArtifactUrls {
  final List<String> discarded = new CopyOnWriteArrayList<>();

  @Override
  public String download(String path, Duration validity) {
    return "http://files" + path + "?token=r";
  }

  @Override
  public String dropletUpload(String taskGuid, Duration validity) {
    return "http://files" + dropletUri(taskGuid) + "?token=w";
  }

  @Override
  public String dropletUri(String taskGuid) {
    return "/v1/blobs/droplets/" + taskGuid;
  }

  @Override
  public String cacheDownload(String namespace, String appId, Duration validity) {
    return "http://files/v1/blobs/caches/" + namespace + "/" + appId + "?token=r";
  }

  @Override
  public String cacheUpload(String namespace, String appId, Duration validity) {
    return "http://files/v1/blobs/caches/" + namespace + "/" + appId + "?token=w";
  }

  @Override
  public void discardDroplet(String dropletUri) {
    discarded.add(dropletUri);
  }
}
