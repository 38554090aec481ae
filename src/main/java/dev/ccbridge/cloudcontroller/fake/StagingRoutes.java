package dev.ccbridge.cloudcontroller.fake;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.ccbridge.cloudcontroller.fake.BlobFiles.Written;
import dev.ccbridge.web.Request;
import dev.ccbridge.web.Response;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;

/**
 * What cells fetch and bring while staging, and the droplets that they run. Source:
 * cloud_controller_ng app/controllers/runtime/stagings_controller.rb @3c047cc.
 */
final class StagingRoutes {
  private static final int MAX_JOBS = 10_000;

  private final Apps apps;
  private final BlobFiles files;
  private final Credentials staging;
  private final URI externalUrl;

  /** Status by guid; the oldest go when there are too many. */
  private final Map<String, String> jobs = new LinkedHashMap<>();

  StagingRoutes(Apps apps, BlobFiles files, Credentials staging, URI externalUrl) {
    this.apps = apps;
    this.files = files;
    this.staging = staging;
    this.externalUrl = externalUrl;
  }

  static String bitsName(String guid) {
    return "bits-" + guid;
  }

  static String dropletName(String guid, String sha1) {
    return "droplet-" + guid + "-" + sha1;
  }

  Response bits(Request request) throws IOException {
    return files.download(request, bitsName(apps.get(request.param("guid")).guid()));
  }

  /** With {@code async=true} a job, which is found finished at the first look. */
  Response uploadDroplet(Request request) throws IOException {
    var app = apps.get(request.param("guid"));
    var written = receive(request);
    files.place(written, dropletName(app.guid(), written.sha1()));
    var before = app.dropletUploaded(written.sha1());
    if (!before.equals(written.sha1())) {
      files.delete(dropletName(app.guid(), before));
    }
    var job = UUID.randomUUID().toString();
    remember(job, "finished");
    return job(job, request.query("async").orElse("").equals("true") ? "queued" : "finished");
  }

  private void remember(String job, String status) {
    synchronized (jobs) {
      jobs.put(job, status);
      if (jobs.size() > MAX_JOBS) {
        jobs.remove(jobs.keySet().iterator().next());
      }
    }
  }

  Response job(Request request) {
    var guid = request.param("guid");
    synchronized (jobs) {
      var status = jobs.get(guid);
      if (status == null) {
        throw CcError.notFound();
      }
      return job(guid, status);
    }
  }

  private Response job(String guid, String status) {
    var job = JsonNodeFactory.instance.objectNode();
    job.putObject("metadata")
        .put("guid", guid)
        .put("created_at", Instant.now().toString())
        .put("url", staging.within(externalUrl, "/staging/jobs/" + guid));
    job.putObject("entity").put("guid", guid).put("status", status);
    return Response.json(200, job.toString().getBytes(StandardCharsets.UTF_8));
  }

  Response uploadCache(Request request) throws IOException {
    files.place(receive(request), cacheName(request));
    return Response.empty(200);
  }

  Response downloadCache(Request request) throws IOException {
    return files.download(request, cacheName(request));
  }

  private String cacheName(Request request) {
    var guid = apps.get(request.param("guid")).guid();
    return Lifecycle.cacheName(request.param("stack"), guid);
  }

  /** Nobody is asked who he is: the URL is for cells, whose recipe it stands in. */
  Response downloadDroplet(Request request) throws IOException {
    var app = apps.get(request.param("guid"));
    var hash = request.param("hash");
    if (!app.snapshot().dropletHash().equals(hash)) {
      throw CcError.notFound();
    }
    return files.download(request, dropletName(app.guid(), hash));
  }

  private Written receive(Request request) throws IOException {
    var part = MultipartPart.open(request.header("Content-Type").orElse(""), request.bodyStream());
    var written = files.write(part);
    var expected = request.header("Content-MD5").orElse("");
    if (!expected.isEmpty() && !expected.equals(written.md5())) {
      files.discard(written);
      throw CcError.staging("content md5 did not match");
    }
    return written;
  }
}
